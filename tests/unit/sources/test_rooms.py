"""Tests rules of the Rust sources that no compiler checks."""

import re
from pathlib import Path

import pytest

SRC = Path(__file__).parents[3] / "src"
DOOR = SRC / "python" / "gil.rs"


def lines_with(pattern: str, folder: Path) -> list[str]:
    """`file: line` for each line of code below `folder` that matches."""
    found = re.compile(pattern)
    return [
        f"{file.relative_to(SRC)}: {line.strip()}"
        for file in sorted(folder.rglob("*.rs"))
        if file != DOOR
        for line in file.read_text().splitlines()
        if found.search(line) and not line.lstrip().startswith("//")
    ]


def test_the_gil_has_one_door() -> None:
    assert DOOR.exists()
    assert lines_with(r"Python::(try_)?attach|Python::with_gil|\.detach\(|allow_threads", SRC) == []


@pytest.mark.parametrize("room", ["actors", "ipc", "workers"])
def test_the_room_knows_nothing_of_python(room: str) -> None:
    assert lines_with(r"\bpyo3\b|crate::python|\bpython::", SRC / room) == []


@pytest.mark.parametrize("room", ["actors", "workers"])
def test_the_room_knows_nothing_of_tauri(room: str) -> None:
    assert lines_with(r"\btauri\b", SRC / room) == []


@pytest.mark.parametrize(
    "machine",
    [
        "actors/supervisor/machine",
        "actors/window/machine",
        "actors/window/messages",
        "actors/call/request",
        "actors/command/machine",
        "actors/command/queue",
        "actors/fair_queue/mod",
        "actors/executor/machine",
        "actors/window/scope",
        "actors/window/seen_ids",
        "workers/pool/machine",
        "workers/pool/lifecycle",
        "workers/pool/member",
        "workers/pool/messages",
        "workers/pool/view",
        "workers/pool/queue",
        "workers/pool/affinity",
        "workers/pool/placement",
        "workers/pool/health",
        "workers/link/frame",
    ],
)
def test_a_machine_is_pure(machine: str) -> None:
    file = SRC / f"{machine}.rs"
    text = file.read_text().split("#[cfg(test)]")[0]
    assert (
        re.findall(r"\b(actix|tokio|Mutex|Instant|std::thread|dashmap|crossbeam\w*)\b", text) == []
    )
