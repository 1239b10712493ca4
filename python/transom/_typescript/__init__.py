"""Writes the TypeScript of an app's commands, from their annotations."""
