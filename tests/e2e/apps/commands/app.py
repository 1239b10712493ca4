"""Test app: commands with every kind of body, result and failure."""

import ctypes
import sys
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NewType

from pydantic import BaseModel, RootModel

import transom
from transom import AppHandle, CallContext, Commands, InvokeException, Manager, State
from transom.ipc import Headers
from transom.webview import WebviewWindow

commands = Commands()
Blob = NewType("Blob", bytes)


class Line(BaseModel):
    sku: str
    count: int


class Order(BaseModel):
    customer: str
    lines: list[Line] = []


class Names(RootModel[list[str]]):
    pass


@dataclass
class Point:
    x: float
    y: float


class Counter:
    def __init__(self) -> None:
        self.value = 0


@commands.command()
async def total(body: Order) -> int:
    return sum(line.count for line in body.lines)


@commands.command()
async def same_order(body: Order) -> Order:
    return body


@commands.command()
async def backwards(body: Names) -> Names:
    return Names(body.root[::-1])


@commands.command()
async def flip(body: bytes) -> bytes:
    return body[::-1]


class Shown(BaseModel):
    name: str


class Hidden(Shown):
    secret: str = "what no page must get"


@commands.command()
async def declared() -> Shown:
    return Hidden(name="Ada")


@commands.command()
async def unchecked() -> Shown:
    return Shown.model_construct()


@commands.command()
async def maybe_flip(body: bytes | None) -> bytes | None:
    return None if body is None else body[::-1]


@commands.command()
def blob(body: Blob) -> Blob:
    return Blob(body[::-1])


@commands.command()
def own(body: bytearray) -> memoryview:
    body.reverse()
    return memoryview(body)


@commands.command(executor="process")
def own_in_process(body: bytearray) -> memoryview:
    body.reverse()
    return memoryview(body)


@commands.command()
async def addresses() -> bytes:
    return (ctypes.py_object * 2)({}, "x")  # type: ignore[return-value]


@commands.command()
async def anything(body: Any) -> Any:
    return body


@commands.command()
async def year(body: datetime) -> int:
    return body.year


@commands.command()
async def mirrored(body: Point) -> Point:
    return Point(body.y, body.x)


@commands.command()
async def maybe(body: int | None) -> str:
    return repr(body)


@commands.command()
async def nothing() -> None:
    return None


@commands.command()
async def wrong_return() -> int:
    return "no number"  # type: ignore[return-value]


@commands.command()
async def refuse(body: str) -> None:
    raise InvokeException(body)


@commands.command()
async def boom() -> None:
    raise ValueError("boom", 7)


@commands.command()
async def leave() -> None:
    sys.exit(3)


@commands.command()
async def echo_headers(headers: Headers) -> list[tuple[str, str]]:
    return [(name.decode(), value.decode()) for name, value in headers]


@commands.command()
async def whereabouts(app_handle: AppHandle, webview_window: WebviewWindow) -> list[str]:
    return [webview_window.label(), ",".join(sorted(Manager.webview_windows(app_handle)))]


@commands.command()
async def bump(body: int, counter: Annotated[Counter, State()]) -> int:
    counter.value += body
    return counter.value


@commands.command()
async def needs_absent_state(path: Annotated[Path, State()]) -> None:
    return None


@commands.command()
def thread_name() -> str:
    return threading.current_thread().name


@commands.command()
async def main_thread_name() -> bool:
    return threading.current_thread() is threading.main_thread()


barrier = threading.Barrier(3)


@commands.command()
def meet() -> bool:
    """Returns only when three calls are inside at the same time."""
    barrier.wait(120)
    return True


@commands.command()
def count_up(body: int, ctx: CallContext) -> str:
    for done in range(body):
        ctx.progress(done + 1, total=body, message=f"step {done + 1}")
    return "counted"


@commands.command("größe_长度")
async def _length(body: str) -> int:
    return len(body)


@commands.command("__proto__")
async def _proto() -> str:
    return "an ordinary name"


@commands.command("constructor")
async def _constructor() -> str:
    return "an ordinary name too"


def set_up(app_handle: AppHandle) -> None:
    Manager.manage(app_handle, Counter())


if __name__ == "__main__":
    sys.exit(transom.run(commands, Path(__file__).parent, setup=set_up))
