"""Registers commands: names, options, signatures and queue policies."""
