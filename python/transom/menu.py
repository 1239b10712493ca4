"""Exports the classes of menus and their items."""

from typing import TypeAlias

from ._app.descriptions import ItemDescription, MenuDescription
from ._exported import claim as _claim
from ._native import (
    HELP_SUBMENU_ID,
    WINDOW_SUBMENU_ID,
    AboutMetadata,
    CheckMenuItem,
    ContextMenu,
    IconMenuItem,
    Menu,
    MenuItem,
    NativeIcon,
    PredefinedMenuItem,
    Submenu,
    Subscription,
)

__all__ = [
    "HELP_SUBMENU_ID",
    "WINDOW_SUBMENU_ID",
    "AboutMetadata",
    "CheckMenuItem",
    "ContextMenu",
    "IconMenuItem",
    "ImplContextMenu",
    "ItemDescription",
    "Menu",
    "MenuDescription",
    "MenuEvent",
    "MenuID",
    "MenuItem",
    "MenuItemKind",
    "NativeIcon",
    "PredefinedMenuItem",
    "Submenu",
    "Subscription",
]

MenuID: TypeAlias = str
MenuEvent: TypeAlias = MenuID
"""What a handler of menu events gets: the id of the item that was chosen."""
MenuItemKind: TypeAlias = MenuItem | Submenu | PredefinedMenuItem | CheckMenuItem | IconMenuItem
ImplContextMenu: TypeAlias = Menu | Submenu

_claim(globals())
