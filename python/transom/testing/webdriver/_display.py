"""Provides a virtual display for apps under test."""

import os
import shutil
import subprocess
from types import TracebackType
from typing import Final, Self

SCREEN: Final = "1600x1000x24"


class Display:
    """An X server without a screen, until `close()` or the end of a `with` block."""

    def __init__(self, screen: str = SCREEN) -> None:
        """Starts it.

        Args:
            screen: Width, height and bits per pixel.

        Raises:
            FileNotFoundError: Xvfb is not installed. The error names its package.
            RuntimeError: It has ended at once.
        """
        program = shutil.which("Xvfb")
        if program is None:
            raise FileNotFoundError(
                "there is no display, and Xvfb is not installed: on Debian and Ubuntu, "
                "`apt install xvfb`; on Fedora `xorg-x11-server-Xvfb`, on Arch `xorg-server-xvfb`"
            )
        read, write = os.pipe()
        command = [program, "-displayfd", str(write), "-screen", "0", screen, "-nolisten", "tcp"]
        # Else it resets when its last app has gone, and turns away an app that comes meanwhile.
        command.append("-noreset")
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(write,),
        )
        os.close(write)
        with os.fdopen(read) as told:
            number = told.readline().strip()
        if not number:
            self.close()
            raise RuntimeError(f"Xvfb ended at once, with code {self._process.returncode}")
        self.name: str = f":{number}"
        """The value of `DISPLAY` for what runs on it."""

    def environment(self) -> dict[str, str]:
        """The variables by which an app runs on it. `WAYLAND_DISPLAY` is empty there."""
        return {"DISPLAY": self.name, "WAYLAND_DISPLAY": "", "GDK_BACKEND": "x11"}

    def close(self) -> None:
        """Ends it."""
        self._process.terminate()
        try:
            self._process.wait(5.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def has_display() -> bool:
    """Whether this process can show windows."""
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
