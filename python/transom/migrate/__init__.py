"""Moves an app that is written for PyTauri 0.8 over: `python -m transom.migrate PATH`."""
