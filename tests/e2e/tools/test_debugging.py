"""Tests `transom dev --debug`: an editor attaches, stops the app and its workers, and goes on."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from debugging import Debugger
from developing import DevTool, gone

LONGER = 5.5
"""Seconds at a breakpoint: longer than any limit of the app, with the second that a page adds."""


@pytest.fixture
def debugged(tmp_path: Path) -> Iterator[DevTool]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    tool = DevTool(tmp_path, "debugged", "hello", "--debug-port", port, "--wait-for-client")
    yield tool
    tool.close()


def test_time_stands_still_at_a_breakpoint(debugged: DevTool) -> None:
    port = debugged.wait(event="debugger")["port"]
    work = debugged.folder / "hello" / "work.py"
    marks = ["# breakpoint: loop", "# breakpoint: thread", "# breakpoint: worker"]
    app = Debugger(port, {work: [*marks, "# breakpoint: grace"]})
    # Deadlines hold as ever where nothing stands at a breakpoint.
    debugged.wait("too_late: deadline-exceeded")

    def stop(session: Debugger, function: str) -> None:
        thread, stands = session.stopped()
        assert stands == function
        time.sleep(LONGER)
        session.go_on(thread)

    stop(app, "on_the_loop")
    debugged.wait("on_the_loop: on the loop")
    stop(app, "in_a_thread")
    debugged.wait("in_a_thread: in a thread")
    worker = app.worker()
    stop(worker, "in_a_worker")
    debugged.wait("in_a_worker: helped in a worker")
    stop(worker, "cleans_up")
    debugged.wait("the worker is the same")
    debugged.wait("too_late: deadline-exceeded", "done")
    said = [line["text"] for line in debugged.lines]
    assert said.count("too_late: deadline-exceeded") == 2
    assert not [it for it in said if "still runs" in it], debugged.output()
    # A busy machine may stall the loop, but not for as long as it stood at a breakpoint.
    stalls = re.findall(r"executor-stalled:.*? ([\d.]+) s", "\n".join(said))
    assert all(float(it) < LONGER - 1 for it in stalls), debugged.output()

    # The next run of the app takes the port over.
    debugged.change("hello/__main__.py", "grace=2.0", "grace=3.0")
    worker.ended()
    app.ended()
    assert debugged.wait(event="debugger")["port"] == port
    again = Debugger(port, {work: ["# breakpoint: loop"]})
    again.stopped()
    # Ctrl-C does not wait for who stands at a breakpoint.
    family = debugged.family()
    assert debugged.end() == 130
    assert gone(family)
    again.close()


def test_a_port_in_use_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        tool = DevTool(tmp_path, "debugged", "hello", "--debug-port", str(port))
        assert tool.ended() == 1
    (line,) = tool.rest()
    assert f"the port {port} for the debugger cannot be used" in line["text"]
    assert "--debug-port" in line["text"]
