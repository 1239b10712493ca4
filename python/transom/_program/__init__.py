"""Finds the command that starts an app which runs in a Python interpreter, and restarts the app.

It also shows starts that fail. `again` and `dialog` are run as programs of their own.
"""
