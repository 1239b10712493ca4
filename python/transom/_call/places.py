"""Decides at which places in the code of a call a cancel may be raised from outside.

What is raised from outside comes between two steps of whatever runs. Between two steps of the app's
own code it is as if that code had raised it. In a library it is what the library is not written
for: a lock stays taken, a cache half filled. An import that is cut leaves modules behind that every
later import finds, half made.
"""

import dis
import opcode
import os
import sys
from enum import Enum, auto
from functools import lru_cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, cast

frames_of_threads = sys._current_frames  # pyright: ignore[reportPrivateUsage]
"""Returns the current frame of each thread."""

RESUME = opcode.opmap["RESUME"]
WITH_ENDS = opcode.opmap["WITH_EXCEPT_START"]
"""What a handler does that belongs to a `with`, after its first instruction."""
IMPORTS = "<frozen importlib"
"""The prefix of the file names of the import system's own code."""
OURS = str(Path(__file__).parent.parent) + os.sep
STDLIB = str(Path(os.__file__).parent) + os.sep
INSTALLED = ("site-packages", "dist-packages")

COMES_LATER = sys.version_info >= (3, 13)
"""Whether an exception for another thread comes out a step later than where that thread waits.

Since 3.13 a thread that gives up the lock decides before that whether it has one to raise.
"""

PATIENCE = 0.25
"""Seconds that a cancel waits for a step of the app's own code, where a worker can be replaced."""
PATIENCE_IN_HOST = 1.0
"""The same where no worker can be replaced."""
LOOK = 0.002
"""Seconds between two looks for such a step."""
LATE_LOOK = 0.02
"""The same once the patience is over: for the end of an import or of a shield."""


class Place(Enum):
    """The kind of code that a call is running."""

    OWN = auto()
    """Code of the app that no library has called."""
    CALLBACK = auto()
    """Code of the app that a library has called."""
    LIBRARY = auto()
    IMPORT = auto()
    """Any code that runs during an import."""
    OUTSIDE = auto()
    """Code that does not belong to the call."""

    def takes(self, *, late: bool) -> bool:
        """Whether a cancel may be raised here. `late`: it has waited long for a good place."""
        return self in (Place.OWN, Place.CALLBACK) or (late and self is Place.LIBRARY)


def place_of(frame: FrameType | None, base: CodeType, module: str, *, later: bool = False) -> Place:
    """The place in which the thread of `frame` is.

    `base`: the code that has called the command. `module`: where the command was defined. `later`:
    what is raised may come out at the next step of `frame`, see `COMES_LATER`.
    """
    frames = list[FrameType]()
    while frame is not None and frame.f_code is not base:
        frames.append(frame)
        frame = frame.f_back
    if frame is None:
        return Place.OUTSIDE
    if any(it.f_code.co_filename.startswith(IMPORTS) for it in frames):
        return Place.IMPORT
    # A function that has not taken its first step is a call that was not made. Not so the end of a
    # `with`: nobody makes up for that. And later the first step will have been taken.
    not_made = frames and _begins(frames[0]) and frames[0].f_code.co_name != "__exit__"
    if not_made and not later:
        del frames[0]
    top = module.partition(".")[0]
    # What is raised in a `__del__` gets lost.
    lost = any(it.f_code.co_name == "__del__" for it in frames)
    if not frames or not _is_own(frames[0], top) or lost:
        return Place.LIBRARY
    # The next step may be the first one of an `__exit__`.
    if later and any(_is_in_with(it.f_code, it.f_lasti) for it in frames):
        return Place.LIBRARY
    foreign = (it for it in frames if not it.f_code.co_filename.startswith(OURS))
    return Place.OWN if all(_is_own(it, top) for it in foreign) else Place.CALLBACK


def _begins(frame: FrameType) -> bool:
    code, at = frame.f_code.co_code, frame.f_lasti
    # Its argument says what is resumed: 0 is the beginning of a function.
    return at < 0 or (code[at] == RESUME and code[at + 1] & 3 == 0)


def _is_in_with(code: CodeType, at: int) -> bool:
    return any(start <= at < end for start, end in _withs(code))


@lru_cache(256)
def _withs(code: CodeType) -> list[tuple[int, int]]:
    """Where in this code the block of a `with` begins and ends."""
    entries = cast("Any", dis)._parse_exception_table(code)
    steps = code.co_code
    return [(it.start, it.end) for it in entries if steps[it.target + 2] == WITH_ENDS]


def _is_own(frame: FrameType, top: str) -> bool:
    name = frame.f_globals.get("__name__")
    if isinstance(name, str) and name.partition(".")[0] == top:
        return True
    file = frame.f_code.co_filename
    if file.startswith("<") and not file.startswith("<frozen"):
        # Made at run time: it is whose module it is in.
        file = cast("object", frame.f_globals.get("__file__"))
    return not isinstance(file, str) or _is_app_file(file)


@lru_cache(4096)
def _is_app_file(file: str) -> bool:
    if file.startswith((OURS, "<")):
        return False
    return not file.startswith(STDLIB) and not any(it in Path(file).parts for it in INSTALLED)
