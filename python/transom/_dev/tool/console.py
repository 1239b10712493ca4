"""Writes one stream of lines, each with its source: coloured text, or JSON."""

import json
import os
import signal
import sys
import threading
import time
from typing import Any, TextIO

COLOURS = {
    "transom": "36",
    "page": "35",
    "python": "32",
    "rust": "33",
    "worker": "34",
    "server": "90",
    "app": "37",
}
"""The sources, with their colours."""
WARNING, ERROR, RESET = "\x1b[33m", "\x1b[31m", "\x1b[0m"


class Console:
    """The stream. Every thread may write."""

    def __init__(
        self, *, as_json: bool = False, quiet: bool = False, stream: TextIO | None = None
    ) -> None:
        """`quiet`: what the tool itself has to say is left out, unless it is an error."""
        self._stream = stream or sys.stdout
        self._json = as_json
        self._quiet = quiet
        self._colours = not as_json and self._stream.isatty() and not os.environ.get("NO_COLOR")
        self._lock = threading.Lock()

    def write(self, source: str, text: str, level: str = "info", **about: Any) -> None:
        """Writes one message. `about` is for the stream of JSON."""
        if self._quiet and (source, level) == ("transom", "info"):
            return
        if self._json:
            line = {"time": round(time.time(), 3), "source": source, "level": level, "text": text}
            out = json.dumps({**line, **about}, ensure_ascii=False)
        else:
            out = self._text(source, text, level, about)
        encoding = self._stream.encoding or "utf-8"
        with self._lock:
            try:
                print(
                    out.encode(encoding, "replace").decode(encoding), file=self._stream, flush=True
                )
            except OSError:
                self._end()

    def _end(self) -> None:
        """Ends the tool, for nobody reads its output any more."""
        with open(os.devnull, "wb") as nothing:  # noqa: PTH123 - it is a device
            os.dup2(nothing.fileno(), self._stream.fileno())
        os.kill(os.getpid(), signal.SIGTERM)

    def _text(self, source: str, text: str, level: str, about: dict[str, Any]) -> str:
        if stack := about.get("stack"):
            text = f"{text}\n{stack}".rstrip()
        if window := about.get("window"):
            text = f"[{window}] {text}"
        head = f"{time.strftime('%H:%M:%S')} {source:<8}"
        if self._colours:
            head = f"\x1b[{COLOURS.get(source, '37')}m{head}{RESET}"
            mark = {"warning": WARNING, "warn": WARNING, "error": ERROR, "critical": ERROR}
            if colour := mark.get(level):
                text = f"{colour}{text}{RESET}"
        first, *rest = text.splitlines() or [""]
        return "\n".join([f"{head} {first}", *(f"{' ' * 17} {it}" for it in rest)])
