"""Simulates a desktop for tests: windows, their handlers, and the Tauri objects of commands."""
