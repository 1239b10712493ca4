"""A desktop app: windows of Tauri, with Python behind them."""
