"""Runs one call: arguments, context, streams, interrupts and errors."""
