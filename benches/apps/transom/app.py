"""Implements the commands that the benchmark calls."""

import sys
from pathlib import Path

from pydantic import BaseModel

import transom
from transom import CallContext, Commands

commands = Commands()


class Person(BaseModel):
    name: str


class Greeting(BaseModel):
    message: str


class Text(BaseModel):
    text: str


@commands.command()
async def greet(body: Person) -> Greeting:
    return Greeting(message=f"Hello, {body.name}")


@commands.command()
def greet_on_thread(body: Person) -> Greeting:
    return Greeting(message=f"Hello, {body.name}")


@commands.command()
async def echo(body: Text) -> Text:
    return body


@commands.command()
async def raw(body: bytes) -> bytes:
    return body


@commands.command()
async def steps(body: int, ctx: CallContext) -> int:
    """Reports progress `body` times."""
    for step in range(body):
        ctx.progress(step, body)
    return body


if __name__ == "__main__":
    sys.exit(transom.run(commands, Path(__file__).parent))
