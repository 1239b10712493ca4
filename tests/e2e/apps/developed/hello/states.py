from typing import Annotated

from transom import State

from .registry import commands


class Counter:
    def __init__(self) -> None:
        self.n = 0

    def step(self) -> str:
        self.n += 1
        return "one"


@commands.command()
async def count(counter: Annotated[Counter, State()]) -> list[str | int]:
    return [counter.step(), counter.n]
