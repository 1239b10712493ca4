"""Writes the error codes that a call of each command may reject with."""

from collections.abc import Iterable

from .._commands.options import Options
from .._commands.policies import DropOldest, Latest
from .names import Names, quoted

BY_CHOICE = ("superseded", "dropped", "worker-lost")
"""The codes that only commands with certain options give. Every command may give all others."""
TEXT = """\
/** The codes that a call of any command may reject with. */
export type {every} = Exclude<python.ErrorCode, {by_choice}>;

/** The codes that a call of each command may reject with, by the name of its function. */
export interface {by_name} {{
{codes}}}
"""


def own_codes(options: Options) -> list[str]:
    """The codes of `BY_CHOICE` that a command may give."""
    found = {
        "superseded": isinstance(options.queue, Latest),
        "dropped": isinstance(options.queue, DropOldest),
        # One of the app's own may have processes.
        "worker-lost": options.executor not in ("async", "thread"),
    }
    return [it for it in BY_CHOICE if found[it]]


def write(commands: Iterable[tuple[str, list[str]]], types: Names) -> str:
    """The declarations, of the functions of commands with their own codes."""
    every = types.take("CommonErrorCode")
    codes = (f"  {name}: {' | '.join([every, *map(quoted, own)])};\n" for name, own in commands)
    return TEXT.format(
        every=every,
        by_choice=" | ".join(map(quoted, BY_CHOICE)),
        by_name=types.take("ErrorCodes"),
        codes="".join(codes),
    )
