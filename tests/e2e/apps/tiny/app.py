"""Test app: the smallest one, whose command returns its body."""

import sys
from pathlib import Path
from typing import Any

import transom
from transom import Commands
from transom.ipc import Headers

commands = Commands()
runs: list[str] = []


@commands.command()
async def echo(body: Any) -> Any:
    return body


@commands.command()
async def flip(body: bytes) -> bytes:
    return body[::-1]


@commands.command()
async def header(body: str, headers: Headers) -> list[str]:
    return [value.decode() for name, value in headers if name.decode() == body]


@commands.command()
async def once(body: str) -> int:
    """How often this was called with the same body."""
    runs.append(body)
    return runs.count(body)


if __name__ == "__main__":
    sys.exit(transom.run(commands, Path(__file__).parent))
