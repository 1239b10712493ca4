"""Tests that requests are sent again when WebKit's network process dies."""

from __future__ import annotations

import sys

import pytest
from harness import RunApp

SOURCE = '''
import os
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import anyio

import transom
from transom import AppHandle, Commands, Manager, WebviewUrl
from transom.webview import WebviewWindow, WebviewWindowBuilder

commands = Commands()
here = threading.Event()
held = threading.Event()
going = threading.Event()
go_on = threading.Event()
begun = []
told = {}
arrived = set()


@commands.command()
async def hello(body: str) -> None:
    arrived.add(body)
    here.set()


@commands.command()
async def hold(body: bytes) -> bytes:
    """Comes and goes as a request."""
    begun.append(bytes(body))
    held.set()
    while not go_on.is_set():
        await anyio.sleep(0.02)
    return body + b"!"


@commands.command()
async def count() -> AsyncIterator[bytes]:
    """What it yields comes as requests."""
    for n in range(400):
        yield n.to_bytes(2, "big")
        if n == 20:
            going.set()
        await anyio.sleep(0.01)


@commands.command()
async def tell(body: tuple[str, object]) -> None:
    told[body[0]] = body[1]


def network_process() -> int | None:
    """The child of this process that WebKit has for the network."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                name, _, rest = (entry / "stat").read_text().partition("(")[2].rpartition(")")
            except OSError:  # it has ended
                continue
            state, parent, *_ = rest.split()
            if name == "WebKitNetworkPr" and int(parent) == os.getpid() and state != "Z":
                return int(entry.name)
    return None


def wait(condition, what: str, seconds: float = 120):
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            print("never:", what, flush=True)
            os._exit(1)
        time.sleep(0.01)
    return value


def kill() -> None:
    process = wait(network_process, "a network process")
    os.kill(process, signal.SIGKILL)
    wait(lambda: network_process() != process, "its end")


def build(app_handle: AppHandle, label: str) -> WebviewWindow:
    return WebviewWindowBuilder.build(app_handle, label, WebviewUrl.App("index.html"))


def watch(app_handle: AppHandle) -> None:
    wait(here.is_set, "the page")
    main = Manager.get_webview_window(app_handle, "main")
    wait(held.is_set, "the held call")
    wait(going.is_set, "the stream")
    # Under way on the page, and answered after the loss.
    slow = []
    asking = threading.Thread(target=lambda: slow.append(main.blocking_call("slow", timeout=120)))
    asking.start()
    wait(lambda: told.get("slow"), "the slow function")
    kill()
    go_on.set()
    print("held:", wait(lambda: told.get("held"), "the held answer"), len(begun), flush=True)
    print("items:", wait(lambda: told.get("items"), "the end of the stream"), flush=True)
    asking.join(120)
    print("slow:", slow, flush=True)
    print("added:", main.blocking_call("add", 0, timeout=120), flush=True)
    # WebKit begins another process with the next page.
    build(app_handle, "new-0")
    wait(lambda: "new-0" in arrived, "new-0")
    for turn in (1, 2):
        # A page that loads at that time.
        label = f"new-{turn}"
        window = build(app_handle, label)
        time.sleep(0.2 * (turn - 1))
        kill()
        print("added:", main.blocking_call("add", turn, timeout=120), flush=True)
        wait(lambda: label in arrived, label)
        print("new:", window.blocking_call("add", turn, timeout=120), flush=True)
    app_handle.exit(0)


def begin(app_handle: AppHandle) -> None:
    threading.Thread(target=watch, args=(app_handle,), daemon=True).start()


if __name__ == "__main__":
    sys.exit(transom.run(commands, Path(__file__).parent, setup=begin))
'''

HTML = """<!doctype html><meta charset=utf-8><title>page</title><body></body><script type=module>
const {pyInvoke, rawPyInvoke, pyStream, expose} = __TAURI__.transom;
const tell = (what, value) => pyInvoke("tell", [what, value]);
const label = __TAURI_INTERNALS__.metadata.currentWindow.label;
expose("add", (n) => n + 1);
expose("slow", async () => {
  tell("slow", true);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  return "done";
});
const items = async () => {
  const got = [];
  for await (const item of pyStream("count")) got.push(new DataView(item).getUint16(0));
  return got.length === 400 && got.every((n, at) => n === at);
};
await pyInvoke("hello", label);
if (label === "main") {
  const failed = (what) => (error) => tell(what, String(error));
  const text = (bytes) => new TextDecoder().decode(bytes);
  const held = rawPyInvoke("hold", new TextEncoder().encode("kept"));
  held.then((bytes) => tell("held", text(bytes)), failed("held"));
  items().then((whole) => tell("items", whole || "wrong"), failed("items"));
}
</script>"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the process is not WebKit's own")
@pytest.mark.parametrize("messages", ["1", "0"])
def test_pages_go_on_when_the_network_process_of_webkit_dies(
    run_app: RunApp, messages: str
) -> None:
    ended = run_app(SOURCE, html=HTML, env={"TRANSOM_MESSAGES": messages}, timeout=600)
    lines = [line for line in ended.output.splitlines() if ": " in line]
    assert "held: kept! 1" in lines, ended.output
    assert "items: True" in lines, ended.output
    assert "slow: ['done']" in lines, ended.output
    added = [line for line in lines if line.startswith(("added:", "new:"))]
    turns = [f"{what}: {n}" for n in (2, 3) for what in ("added", "new")]
    assert added == ["added: 1", *turns], ended.output
    assert "WebKit's network process has ended" in ended.output
    assert ended.code == 0
