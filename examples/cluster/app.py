"""Example: the workbench's covers, whose tiles are drawn on a Ray cluster.

python app.py [ADDRESS]    e.g. ray://ray.example.org:10001; without one, a Ray on this machine
"""

import os
import socket
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel

import transom
from transom import CallContext, Commands, RayExecutor

sys.path.append(str(Path(__file__).parent.parent / "workbench"))

from workbench.fractal import Cover, Tile, tiles

EDGE = 100
"""Pixels of a tile, either way."""

commands = Commands()


class Order(BaseModel):
    """A picture: the same text has the same one."""

    text: str
    width: int
    height: int


class TileOrder(Order):
    tile: Tile


@commands.command(executor="thread")
def plan(body: Order) -> list[Tile]:
    """The tiles of a picture, those of its centre first."""
    return tiles(body.width, body.height, EDGE)


@commands.command(executor="cluster")
def draw(body: TileOrder, ctx: CallContext) -> bytes:
    """The pixels of a tile, RGBA. Its progress says first where it is drawn."""
    ctx.progress(0, 1, where())
    return Cover(body.text, body.width, body.height).draw(body.tile)


def where() -> str:
    """The node and the process that run this."""
    ray: Any = sys.modules.get("ray")
    node = ray.get_runtime_context().get_node_id()[:6] if ray else "app"
    return f"{socket.gethostname()}-{node}/{os.getpid()}"


def executor() -> RayExecutor:
    """A Ray on this machine, or the cluster at the address that was given."""
    return RayExecutor(address=sys.argv[1] if sys.argv[1:] else None)


if __name__ == "__main__":
    sys.exit(transom.run(commands, Path(__file__).parent, executors={"cluster": executor()}))
