"""Tells which item a user chooses by keys."""

import sys
from typing import Final

from .containers import AMenu, ASubmenu
from .items import Choice
from .reading import check_accelerator

_MODIFIERS: Final = {
    "OPTION": "ALT",
    "CONTROL": "CTRL",
    "COMMAND": "SUPER",
    "CMD": "SUPER",
    **dict.fromkeys(
        ("COMMANDORCONTROL", "COMMANDORCTRL", "CMDORCTRL", "CMDORCONTROL"),
        "SUPER" if sys.platform == "darwin" else "CTRL",
    ),
}
_KEYS: Final = {
    "`": "BACKQUOTE", "\\": "BACKSLASH", "[": "BRACKETLEFT", "]": "BRACKETRIGHT", ",": "COMMA",
    "=": "EQUAL", "-": "MINUS", ".": "PERIOD", "'": "QUOTE", ";": "SEMICOLON", "/": "SLASH",
    "DOWN": "ARROWDOWN", "LEFT": "ARROWLEFT", "RIGHT": "ARROWRIGHT", "UP": "ARROWUP",
    "ESC": "ESCAPE",
}  # fmt: skip
"""Names of a modifier or a key that have another one."""


def chosen_by(menu: AMenu | None, keys: str, where: str) -> Choice:
    """The item with this accelerator, however it is written, wherever it is in the menu.

    Raises:
        LookupError: There is none.
        ValueError: It is disabled, or `keys` is no accelerator.
    """
    check_accelerator(keys)
    if menu is None:
        raise LookupError(f"{where} has no menu")
    wanted, there = _pressed(keys), list[str]()
    waiting: list[AMenu | ASubmenu] = [menu]
    while waiting:
        for item in waiting.pop().items():
            if isinstance(item, ASubmenu):
                waiting.append(item)
            elif isinstance(item, Choice) and item.accelerator is not None:
                there.append(repr(item.accelerator))
                if _pressed(item.accelerator) == wanted:
                    if not item.is_enabled():
                        raise ValueError(f"nobody can choose {item!r}, which is disabled")
                    return item
    these = ", ".join(there) or "none"
    raise LookupError(f"no item in the menu of {where} has {keys!r}; there are: {these}")


def _pressed(accelerator: str) -> tuple[frozenset[str], str]:
    """Its modifiers and its key, by one name each."""
    *modifiers, key = (part.strip().upper() for part in accelerator.split("+"))
    key = _KEYS.get(key, key)
    if len(key) == 1:
        key = f"DIGIT{key}" if key.isdigit() else f"KEY{key}"
    return frozenset(_MODIFIERS.get(it, it) for it in modifiers), key
