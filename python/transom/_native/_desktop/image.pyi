"""Describes `Image`, the pixels of an icon."""

from os import PathLike
from typing import Protocol, final

from typing_extensions import Buffer

class _PillowImage(Protocol):
    @property
    def mode(self) -> str: ...
    @property
    def size(self) -> tuple[int, int]: ...
    def tobytes(self) -> bytes: ...

class _Array(Protocol):
    @property
    def shape(self) -> tuple[int, ...]: ...

@final
class Image:
    """The pixels of an icon, row by row from the top: red, green, blue and alpha, a byte each.

    It does not change. Images with the same pixels are equal.
    """

    def __new__(cls, rgba: Buffer, width: int, height: int, /) -> Image:
        """Make one of `rgba`: `bytes`, or any object with a buffer of them.

        `ValueError` where the length is not `width * height * 4`, or a side not 1 to 16,384.
        """

    @staticmethod
    def from_pil(image: _PillowImage, /) -> Image:
        """Make one of an image of Pillow, in any mode."""

    @staticmethod
    def from_array(array: _Array, /) -> Image:
        """Make one of an array of `uint8`, such as one of numpy.

        Its shape is (height, width, 4), (height, width, 3), or (height, width) for shades of grey.
        """

    @staticmethod
    def from_bytes(data: Buffer, /) -> Image:
        """Read a PNG or ICO file; with Pillow installed, any file that Pillow reads.

        `ValueError` where it cannot be read.
        """

    @staticmethod
    def from_path(path: str | bytes | PathLike[str] | PathLike[bytes], /) -> Image:
        """Read a file as `from_bytes` does; `OSError` where there is none."""

    @property
    def rgba(self) -> bytes:
        """The pixels; not copied."""

    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
