"""Says what starts this app, where its program is a Python interpreter, and starts it again."""
