"""Plays what plugins show to a user of a test: dialogs and notifications."""
