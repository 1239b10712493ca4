"""Plays the desktop of a test: windows, their handlers, and what of Tauri commands get."""
