"""Tests private windows (`incognito`): they work beside others, and share nothing with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness import RunApp

APP = """
import sys
from pathlib import Path

import anyio
import transom
from transom import AppHandle, Commands, Manager, WebviewUrl
from transom.webview import WebviewWindow, WebviewWindowBuilder

HERE = Path(__file__).parent
commands = Commands()


@commands.command()
async def there(body: str, app_handle: AppHandle, webview_window: WebviewWindow) -> None:
    seen[webview_window.label()] = body
    if len(seen) == 1:
        for label, private in (("second", True), ("third", False), ("fourth", True)):
            WebviewWindowBuilder.build(
                app_handle, label, WebviewUrl.App("index.html"), incognito=private
            )
        WebviewWindowBuilder.from_config(
            app_handle, {"label": "fifth", "url": "index.html", "incognito": True}
        )
    if len(seen) == 5:
        print("seen", sorted(seen.items()), flush=True)
        app_handle.exit(0)


seen: dict[str, str] = {}

if __name__ == "__main__":
    sys.exit(transom.run(commands, HERE))
"""
PAGE = """
<!doctype html>
<meta charset="utf-8" />
<script>
  const before = localStorage.getItem("who") ?? "nothing";
  const label = window.__TAURI_INTERNALS__.metadata.currentWindow.label;
  localStorage.setItem("who", label);
  window.__TAURI__.transom.pyInvoke("there", before);
</script>
"""


@pytest.mark.parametrize("first", [False, True], ids=["usual", "private"])
def test_private_windows_work_beside_others_and_share_nothing(
    run_app: RunApp, tmp_path: Path, first: bool
) -> None:
    window = {"label": "main", "url": "index.html", "incognito": first}
    app = run_app(
        APP,
        html=PAGE,
        config={"app": {"windows": [window]}},
        env={"XDG_DATA_HOME": str(tmp_path)},
    )
    assert app.code == 0, app.output
    # What a usual window left is seen by the next usual one, and by no other.
    third = "nothing" if first else "main"
    expected = {"main": "nothing", "second": "nothing", "fourth": "nothing", "fifth": "nothing"}
    assert f"seen {sorted({**expected, 'third': third}.items())}" in app.output
