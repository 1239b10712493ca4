"""Finds the command that starts an app which runs in a Python interpreter, and restarts the app."""
