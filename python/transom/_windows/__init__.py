"""Implements the Python part of windows, pages, channels and events."""
