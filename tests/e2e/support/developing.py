"""Runs `transom dev` on a copy of an app, for tests that change the app's files."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, cast

from harness import APPS, Json, environment

PATIENCE = 120.0


class DevTool:
    """A `transom dev` that runs."""

    def __init__(self, home: Path, app: str = "developed", *arguments: str) -> None:
        self.folder = home / "app"
        if not self.folder.exists():
            shutil.copytree(APPS / app, self.folder)
        self.lines: list[Json] = []
        self._coming: queue.Queue[Json | None] = queue.Queue()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "transom", "dev", "--json", *arguments],
            cwd=self.folder,
            env={**os.environ, **environment(home)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                try:
                    about = json.loads(line)
                except ValueError:
                    about = {"source": "stderr", "text": line}
                about["read"] = time.monotonic()
                self._coming.put(about)
        self._coming.put(None)

    def next(self, timeout: float = PATIENCE) -> Json:
        """The next line. `AssertionError`: there is none."""
        try:
            line = self._coming.get(timeout=timeout)
        except queue.Empty:
            line = None
        if line is None:
            raise AssertionError("no further line after:\n" + self.output())
        self.lines.append(line)
        return line

    def rest(self) -> list[Json]:
        """The lines to its end."""
        while (line := self._coming.get(timeout=PATIENCE)) is not None:
            self.lines.append(line)
        return self.lines

    def output(self) -> str:
        return "\n".join(f"{it['source']}: {it['text']}" for it in self.lines)

    def wait(self, *texts: str, **about: Any) -> Json:
        """Waits until each text was a line, and for a line with all of `about`. Gives the last."""
        missing, found = set(texts), not about
        end = time.monotonic() + PATIENCE
        while True:
            line = self.next(max(0.0, end - time.monotonic()))
            missing -= {it for it in missing if line["text"] == it}
            found = found or all(line.get(key) == value for key, value in about.items())
            if not missing and found:
                return line

    def change(self, file: str, old: str, new: str) -> float:
        """Replaces a text in a file. Gives the time of that."""
        path = self.folder / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        return time.monotonic()

    def family(self) -> set[int]:
        """The tool and what descends from it."""
        return {self.pid, *descendants(self.pid)}

    def end(self, signum: int = signal.SIGINT) -> int:
        """Ends it as a user does. Gives the exit code."""
        self._process.send_signal(signum)
        return self.ended()

    def ended(self) -> int:
        try:
            return self._process.wait(60)
        finally:
            self.close()

    def close(self) -> None:
        """Leaves nothing behind, also of a test that has failed."""
        if self._process.poll() is None:
            family = self.family()
            for pid in family:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process.wait()
        self._reader.join(PATIENCE)


def descendants(pid: int) -> set[int]:
    """The processes below one."""
    below: dict[int, list[int]] = {}
    for it in Path("/proc").iterdir():
        if it.name.isdecimal():
            with contextlib.suppress(OSError):
                stat = (it / "stat").read_text().rpartition(")")[2].split()
                below.setdefault(int(stat[1]), []).append(int(it.name))
    found, waiting = set[int](), [pid]
    while waiting:
        children = below.get(waiting.pop(), [])
        found.update(children)
        waiting += children
    return found


def alive(pids: set[int]) -> set[int]:
    """Those that have not ended."""
    found = set[int]()
    for pid in pids:
        with contextlib.suppress(OSError):
            state = cast("str", Path(f"/proc/{pid}/stat").read_text()).rpartition(")")[2].split()[0]
            if state != "Z":
                found.add(pid)
    return found


def gone(pids: set[int]) -> bool:
    """Whether all have ended, perhaps after a while."""
    end = time.monotonic() + 30
    while alive(pids) and time.monotonic() < end:
        time.sleep(0.02)
    return not alive(pids)
