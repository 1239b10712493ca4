"""Provides test doubles of menus and tray icons, which remember what was set."""
