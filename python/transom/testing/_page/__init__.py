"""Plays the pages of a test: does in Python what the client in `js/` does."""
