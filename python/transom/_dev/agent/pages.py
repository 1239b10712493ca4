"""Speaks with the app's pages: takes what they write to the console, shows what is wrong."""

import threading
from collections.abc import Callable
from contextlib import suppress
from json import dumps
from pathlib import Path
from typing import Any

from ..._app.app import Builder
from ..._native import AppHandle, Manager, WebviewWindow, make_page_script
from ..._windows.evaluate import blocking_evaluate
from ...errors import PageError, WindowClosed
from ..debugger.breakpoints import spare

SCRIPT = Path(__file__).with_name("page.js")
DEBUGGED = 'Object.defineProperty(window, "__transomDebugged", { value: true });\n'
"""`js/src/call/deadline.ts` looks for it."""
WAIT = 3600.0
"""Seconds that a page may have nothing to say."""
LOOK = 0.2
"""Seconds between two looks for new windows and documents."""

TellLine = Callable[..., None]


class Pages:
    """The pages of an app."""

    def __init__(self, tell: TellLine, *, debugged: bool = False) -> None:
        """`tell(level, text, window=…, stack=…)` is given each line of a console.

        `debugged`: a debugger may stop the app, so pages leave the time of their calls to it.
        """
        self._tell = tell
        self._debugged = debugged
        self._watched = set[str]()
        self._problem: dict[str, Any] | None = None
        self._over = threading.Event()

    def install(self) -> None:
        """Has every page run the script. Before an app is built."""
        build, script = Builder.build, SCRIPT.read_text(encoding="utf-8")
        if self._debugged:
            script += DEBUGGED

        def build_with_script(*args: Any, **kwargs: Any) -> Any:
            plugins = [*kwargs.pop("plugins", ()), make_page_script(script)]
            return build(*args, plugins=plugins, **kwargs)

        Builder.build = build_with_script

    def watch(self, app: AppHandle) -> None:
        """Listens to every window, until the app ends."""
        while not self._over.wait(LOOK):
            try:
                windows = Manager.webview_windows(app)
            except RuntimeError:
                return  # the app has ended
            for label, window in windows.items():
                if label not in self._watched:
                    self._watched.add(label)
                    name = f"transom-dev-{label}"
                    listener = threading.Thread(
                        target=self._listen, args=(window, label), name=name, daemon=True
                    )
                    spare(listener).start()

    def end(self) -> None:
        self._over.set()

    def _listen(self, window: WebviewWindow, label: str) -> None:
        while not self._over.is_set():
            script = f"(__transomDev.overlay({_json(self._problem)}), __transomDev.take())"
            try:
                lines = blocking_evaluate(window, script, timeout=WAIT)
            except TimeoutError:
                continue
            except WindowClosed:
                try:
                    window.label()
                    window.url()
                except RuntimeError:
                    break  # the window, and not only its page
                self._over.wait(LOOK)
                continue
            except PageError:
                self._over.wait(LOOK)  # a page that has no such script, or not yet
                continue
            except RuntimeError:
                break  # the app ends
            for line in lines:
                self._tell(line["level"], line["text"], window=label, stack=line.get("stack"))
        self._watched.discard(label)

    def show(self, app: AppHandle, problem: dict[str, Any] | None) -> None:
        """Shows in every page what is wrong, also in those to come. `None`: nothing is."""
        if problem is None and self._problem is None:
            return
        self._problem = problem
        for window in Manager.webview_windows(app).values():
            with suppress(RuntimeError):
                window.eval(f"window.__transomDev?.overlay({_json(problem)})")


def _json(value: Any) -> str:
    # As a script, and as text of an attribute, it is the same.
    return dumps(value).replace("<", "\\u003c")
