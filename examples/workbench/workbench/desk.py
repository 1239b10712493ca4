"""Tracks which editor window shows which document, and whether it has unsaved changes."""

from dataclasses import dataclass
from itertools import count

from transom import InvokeException


@dataclass
class Sheet:
    """One editor window and its document."""

    label: str
    name: str
    unsaved: bool = False
    asking: bool = False
    """The user is being asked whether it may close."""


class Desk:
    """All open sheets. Touched from the event loop only, so it needs no lock."""

    def __init__(self) -> None:
        """An empty desk."""
        self._sheets: dict[str, Sheet] = {}
        self._numbers = count(1)

    def lay(self, name: str) -> Sheet:
        """A new sheet for a document that none shows yet, with a label not used before."""
        sheet = Sheet(f"editor-{next(self._numbers)}", name)
        self._sheets[sheet.label] = sheet
        return sheet

    def remove(self, label: str) -> None:
        """Forget the sheet of a window that is gone."""
        self._sheets.pop(label, None)

    def showing(self, name: str) -> Sheet | None:
        """The sheet that shows a document."""
        return next((sheet for sheet in self._sheets.values() if sheet.name == name), None)

    def find(self, label: str) -> Sheet | None:
        """The sheet of a window; ``None`` where it is no editor."""
        return self._sheets.get(label)

    def of(self, label: str) -> Sheet:
        """The sheet of an editor window."""
        if sheet := self.find(label):
            return sheet
        raise InvokeException(f"The window “{label}” shows no document.")

    def sheets(self) -> list[Sheet]:
        """All of them, in the order in which they were opened."""
        return list(self._sheets.values())
