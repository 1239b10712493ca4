"""The workbench: a small Transom app of three kinds of windows."""
