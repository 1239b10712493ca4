"""Delays an exception of a signal handler past a jump, where no `except` would catch it.

CPython before 3.13 looks for signals after it has jumped back to the first instruction of a loop,
and then seeks the handler of what they raise from the instruction before that one. In `try:`,
`while True:` it is outside of the block: no `except` and no `finally` would see what is raised.
"""

import dis
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

JUMPS = {code for name, code in dis.opmap.items() if "JUMP_BACKWARD" in name}


def has_jumped(frame: FrameType) -> bool:
    """Whether `frame` is between a jump back and the instruction that it leads to."""
    # A jump neither waits nor raises: who is seen on one has done it.
    return frame.f_lasti >= 0 and frame.f_code.co_code[frame.f_lasti] in JUMPS


def at_next_step(frame: FrameType, act: Callable[[], None]) -> None:
    """Calls `act()` at the next instruction of `frame`; what it raises comes out there."""
    tracer, frame_tracer, opcodes = sys.gettrace(), frame.f_trace, frame.f_trace_opcodes

    def trace(stepping: FrameType, _event: str, _arg: Any) -> None:
        if stepping is frame:
            sys.settrace(tracer)
            frame.f_trace, frame.f_trace_opcodes = frame_tracer, opcodes
            act()

    frame.f_trace, frame.f_trace_opcodes = trace, True
    sys.settrace(trace)
