"""Event loops of asyncio and trio: what keeps them alive, and what is left on them at the end."""
