"""Reads an app's project, for the tools of the command line."""
