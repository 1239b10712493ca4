"""Computes the cover picture of a text: a Julia set, in plain Python and slow on purpose."""

import hashlib
import math
from collections.abc import Iterator
from typing import NamedTuple

STEPS = 160
"""A point that has not run away by then belongs to the set."""
FAR = 256.0
"""A squared distance from which no point comes back."""
SHADES = 4
"""Colours between one step and the next."""

SEEDS = (
    -0.04600 + 0.66316j,
    -0.56740 + 0.49776j,
    -0.74543 + 0.11301j,
    -0.80000 + 0.15600j,
    -0.70176 - 0.38420j,
    -0.40000 + 0.60000j,
)
"""Constants whose sets are worth a look; a text has one of them."""

COLOURS = (
    (13, 34, 38),
    (12, 90, 80),
    (76, 199, 176),
    (244, 236, 214),
    (240, 189, 116),
    (138, 75, 8),
    (40, 20, 30),
)
"""From far outside to the set itself."""


class Tile(NamedTuple):
    """A part of the picture; pixels from its top left corner."""

    x: int
    y: int
    width: int
    height: int


def tiles(width: int, height: int, edge: int) -> list[Tile]:
    """The parts of a picture, those nearest to its centre first."""
    parts = [
        Tile(x, y, min(edge, width - x), min(edge, height - y))
        for y in range(0, height, edge)
        for x in range(0, width, edge)
    ]
    return sorted(parts, key=lambda tile: _distance(tile, width, height))


def _distance(tile: Tile, width: int, height: int) -> float:
    return math.hypot(tile.x + tile.width / 2 - width / 2, tile.y + tile.height / 2 - height / 2)


class Cover:
    """The picture of a text: the same text has the same picture."""

    def __init__(self, text: str, width: int, height: int) -> None:
        """A picture of ``width`` × ``height`` pixels. Draws nothing yet."""
        digest = hashlib.sha256(text.encode()).digest()
        self._seed = SEEDS[digest[0] % len(SEEDS)]
        self._width, self._height = width, height
        # The two tips of the set lie as far apart as it goes: they come to the left and the right.
        tip = (1 + (1 - 4 * self._seed) ** 0.5) / 2
        self._step = 2.4 * tip / width
        self._palette = list(_palette())

    def draw(self, tile: Tile) -> bytes:
        """The pixels of a part, row by row: red, green, blue and alpha, a byte each."""
        left, top = tile.x - self._width / 2, self._height / 2 - tile.y
        return b"".join(
            self._colour((left + column + (top - row) * 1j) * self._step)
            for row in range(tile.height)
            for column in range(tile.width)
        )

    def _colour(self, z: complex) -> bytes:
        seed = self._seed
        for step in range(STEPS):
            if z.real * z.real + z.imag * z.imag > FAR:
                # Smooth: as if steps had fractions.
                depth = step + 3 - math.log2(math.log(abs(z)))
                return self._palette[max(0, min(STEPS * SHADES - 1, int(depth * SHADES)))]
            z = z * z + seed
        return self._palette[-1]


def _palette() -> Iterator[bytes]:
    last = STEPS * SHADES
    for shade in range(last + 1):
        at = (shade / last) ** 0.45 * (len(COLOURS) - 1)
        below = min(int(at), len(COLOURS) - 2)
        mixed = zip(COLOURS[below], COLOURS[below + 1], strict=True)
        yield bytes(round(a + (b - a) * (at - below)) for a, b in mixed) + b"\xff"
