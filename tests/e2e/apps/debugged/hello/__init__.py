"""An app that a debugger stops."""
