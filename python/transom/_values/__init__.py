"""Converts the bodies of calls into Python values, and results into JSON or bytes."""
