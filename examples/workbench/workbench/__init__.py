"""The workbench: a small Transom app with three kinds of windows."""
