"""Tests that images are made of pixels, arrays, files and Pillow's images, and of nothing else."""

from __future__ import annotations

import struct
import sys
import zlib
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from transom.image import Image

RED, GREEN = b"\xff\x00\x00\xff", b"\x00\xff\x00\x80"


def png(rgba: bytes, width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        end = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + end

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    rows = [b"\0" + rgba[at : at + width * 4] for at in range(0, len(rgba), width * 4)]
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"".join(rows)))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


def ico(data: bytes, width: int, height: int) -> bytes:
    entry = struct.pack("<BBBBHHII", width, height, 0, 0, 1, 32, len(data), 22)
    return struct.pack("<HHH", 0, 1, 1) + entry + data


PIXELS = RED + GREEN
PNG = png(PIXELS, 2, 1)


@pytest.fixture(autouse=True)
def without_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Transom reads itself; Pillow reads more, and files of which an end is missing."""
    monkeypatch.setitem(sys.modules, "PIL.Image", None)


def test_pixels_stay_as_they_were_given() -> None:
    image = Image(PIXELS, 2, 1)
    assert (image.width, image.height, image.rgba) == (2, 1, PIXELS)
    assert image.rgba is PIXELS, "nothing is copied"
    assert image == Image(bytearray(PIXELS), 2, 1)
    assert hash(image) == hash(Image(memoryview(PIXELS), 2, 1))
    assert image != Image(PIXELS, 1, 2)
    assert image != PIXELS
    assert repr(image) == "<Image 2 × 1>"


@pytest.mark.parametrize("sides", [(0, 1), (1, 0), (-1, 1), (16_385, 1), (1 << 40, 1)])
def test_a_side_that_no_image_has_is_refused(sides: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="is not a side of an image"):
        Image(PIXELS, *sides)


@pytest.mark.parametrize("length", [0, 7, 9, 4_000])
def test_pixels_that_do_not_fill_it_are_refused(length: int) -> None:
    with pytest.raises(ValueError, match=f"has {length} bytes; an image of 2 × 1 pixels has 8"):
        Image(bytes(length), 2, 1)


@pytest.mark.parametrize("wrong", ["text", None, 5, [1, 2], np.zeros(2, np.uint32)])
def test_what_has_no_bytes_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match="`rgba` is an object with a buffer of bytes"):
        Image(wrong, 2, 1)


def test_arrays_of_all_three_shapes() -> None:
    four = np.frombuffer(PIXELS, np.uint8).reshape(1, 2, 4)
    assert Image.from_array(four) == Image(PIXELS, 2, 1)
    assert Image.from_array(four[:, ::-1]) == Image(GREEN + RED, 2, 1), "in any layout"
    assert Image.from_array(four[:, :, :3]).rgba == RED + GREEN[:3] + b"\xff"
    grey = np.array([[1, 2, 3]], np.uint8)
    assert Image.from_array(grey).rgba == b"\1\1\1\xff\2\2\2\xff\3\3\3\xff"


@pytest.mark.parametrize("shape", [(4,), (1, 2, 2), (1, 2, 5), (1, 1, 1, 4)])
def test_an_array_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="the shape of `array`"):
        Image.from_array(np.zeros(shape, np.uint8))
    with pytest.raises(ValueError, match="is not a side of an image"):
        Image.from_array(np.zeros((0, 2, 4), np.uint8))
    with pytest.raises(TypeError, match="an array of `uint8`"):
        Image.from_array(np.zeros((1, 2, 4)))


@pytest.mark.parametrize("data", [PNG, bytearray(PNG), ico(PNG, 2, 1)])
def test_files_are_read(data: Any) -> None:
    assert Image.from_bytes(data) == Image(PIXELS, 2, 1)


def test_files_are_read_by_path(tmp_path: Path) -> None:
    file = tmp_path / "ö icon"
    file.write_bytes(PNG)
    for path in (file, str(file), str(file).encode()):
        assert Image.from_path(path) == Image(PIXELS, 2, 1)
    file.write_bytes(b"not an image")
    with pytest.raises(ValueError, match="ö icon: the image is "):
        Image.from_path(file)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/there/is/no/icon.png", FileNotFoundError),
        ("/", IsADirectoryError),
        ("nul\0.png", ValueError),
        (1.5, TypeError),
    ],
)
def test_a_file_that_is_not_there_is_told_as_by_open(path: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        Image.from_path(path)


@pytest.mark.parametrize("cut", [0, 1, 8, 30, len(PNG) - 20])
def test_odd_bytes_are_refused(cut: int) -> None:
    with pytest.raises(ValueError, match="the image is "):
        Image.from_bytes(PNG[:cut])
    with pytest.raises(ValueError, match="the image is "):
        Image.from_bytes(ico(PNG, 2, 1)[:cut])


class Pillow:
    """What is used of an image of Pillow."""

    def __init__(self, mode: str, size: tuple[int, int], pixels: bytes) -> None:
        self.mode, self.size, self.pixels = mode, size, pixels

    def convert(self, mode: str) -> Pillow:
        return Pillow(mode, self.size, b"".join(bytes([it, it, it, 255]) for it in self.pixels))

    def tobytes(self) -> bytes:
        return self.pixels


def test_images_of_pillow() -> None:
    assert Image.from_pil(Pillow("RGBA", (2, 1), PIXELS)) == Image(PIXELS, 2, 1)
    assert Image.from_pil(Pillow("L", (1, 2), b"\1\2")).rgba == b"\1\1\1\xff\2\2\2\xff"
    with pytest.raises(TypeError, match="expected an image of Pillow, got int"):
        Image.from_pil(5)  # pyright: ignore[reportArgumentType]


def test_other_formats_are_read_with_pillow_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="install Pillow for other formats"):
        Image.from_bytes(b"GIF89a")
    pillow = ModuleType("PIL.Image")

    def open_image(file: BytesIO) -> Pillow:
        if file.read() != b"GIF89a":
            raise OSError("cannot identify image file")
        return Pillow("RGBA", (2, 1), PIXELS)

    pillow.open = open_image  # pyright: ignore[reportAttributeAccessIssue]
    package = ModuleType("PIL")
    monkeypatch.setitem(sys.modules, "PIL", package)
    monkeypatch.setitem(sys.modules, "PIL.Image", pillow)
    assert Image.from_bytes(b"GIF89a") == Image(PIXELS, 2, 1)
    with pytest.raises(ValueError, match="the image cannot be read: cannot identify"):
        Image.from_bytes(b"text")


def test_what_pillow_itself_cannot_read_is_said_without_its_objects(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "PIL.Image")
    with pytest.raises(ValueError, match=r"^the image is in no format that Pillow reads$"):
        Image.from_bytes(b"text")
