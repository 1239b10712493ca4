"""Looks for what keeps an app from working: on the machine, and in the project."""
