"""Example: a page sends the pixels of its canvas to numpy in a worker, which smooths them."""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import transom
from transom import CallContext, Commands, InvokeException
from transom.ipc import Headers

commands = Commands()


def shape_of(headers: Headers, size: int) -> tuple[int, int, int]:
    """Height, width and 4: bytes say nothing of it, so the page sends its width along."""
    width = dict(headers).get(b"x-width", b"")
    if not width.isdigit() or int(width) == 0 or size % (int(width) * 4):
        raise InvokeException("the header `x-width` must be the number of pixels in a row")
    return size // (int(width) * 4), int(width), 4


def neighbours(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of each pixel and the four beside it; the image goes on at its edges."""
    padded = np.pad(image, ((1, 1), (1, 1), (0, 0)), mode="edge")
    around = padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]
    return (around + image) / np.float32(5)


@commands.command(executor="process")
def smooth(body: memoryview, headers: Headers, ctx: CallContext) -> memoryview:
    """Smooths RGBA pixels, one byte each. Neither way goes through JSON."""
    pixels = np.frombuffer(body, np.uint8).reshape(shape_of(headers, len(body)))
    image = pixels.astype(np.float32)  # what came is read-only, and this is a copy of it
    for _ in ctx.track(range(20)):
        image = neighbours(image)
    return np.rint(image).astype(np.uint8).data


@commands.command(executor="process")
def spectrum(body: memoryview) -> memoryview:
    """The strength of each frequency in a signal: a `Float64Array` in, a `Float64Array` out."""
    signal = np.frombuffer(body, np.float64)
    return np.abs(np.fft.rfft(signal)).data


if __name__ == "__main__":
    sys.exit(transom.run(commands, Path(__file__).parent))
