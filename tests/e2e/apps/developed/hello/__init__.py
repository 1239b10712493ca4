"""An app that a test changes while it runs."""
