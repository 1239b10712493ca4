"""Makes a running app observable: logs, metrics, calls and stacks."""
