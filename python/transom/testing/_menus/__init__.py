"""Plays the menus and tray icons of a test, which are what was set of them."""
