"""Keeps event loops of asyncio and trio alive, and ends what is left on them."""
