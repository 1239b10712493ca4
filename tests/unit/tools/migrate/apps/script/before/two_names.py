import pytauri
from pytauri import Commands


def find(transom: str) -> str:
    """`transom` is a part of a window here."""
    return f"{pytauri.VERSION} {transom}"


commands: "dict[str, pytauri.Commands]" = {"one": Commands()}
