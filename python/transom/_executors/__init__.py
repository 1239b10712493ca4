"""Runs calls: on an event loop, in threads, and in worker processes."""
