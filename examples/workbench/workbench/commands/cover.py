"""Renders covers in a worker process: plain Python that keeps a processor busy."""

import struct
from collections.abc import Iterator

from transom import CallContext, Wait

from ..fractal import Cover, tiles
from ..models import CoverOrder
from ..registry import commands

EDGE = 100
"""Pixels of a tile, either way."""


@commands.command(executor="process", queue=Wait(8))
def render_cover(body: CoverOrder, ctx: CallContext) -> Iterator[bytes]:
    """The tiles of the picture as they are drawn: x, y, width, height as ``<4H``, then RGBA."""
    cover = Cover(body.text, body.width, body.height)
    for tile in ctx.track(tiles(body.width, body.height, EDGE)):
        yield struct.pack("<4H", *tile) + cover.draw(tile)
