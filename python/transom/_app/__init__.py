"""Builds, runs and ends an app."""
