"""Tests `examples/arrays`: a page's typed arrays go to numpy in a worker process, and back."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from harness import Page, StartApp

EXAMPLE = Path(__file__).parents[3] / "examples" / "arrays"
FILES = [
    "Tauri.toml",
    "capabilities/main.toml",
    "frontend/index.html",
    "frontend/main.js",
    "frontend/style.css",
]

PIXELS = """
const paper = document.querySelector("canvas").getContext("2d");
return Array.from(paper.getImageData(0, 25, 640, 1).data);
"""


THREADS = """
@commands.command(executor="process")
def threads() -> list[int]:
    import os, threading
    np.ones((500, 500)) @ np.ones((500, 500))
    native = len(os.listdir("/proc/self/task")) - threading.active_count()
    return [int(os.environ["OPENBLAS_NUM_THREADS"]), native]


"""


@pytest.fixture(scope="module")
def page(start_shared: StartApp) -> Page:
    files = {name: (EXAMPLE / name).read_text() for name in FILES}
    source = (EXAMPLE / "app.py").read_text()
    return start_shared(source, files=files, capabilities={}).page()


def steepest(row: list[int]) -> int:
    return max(abs(a - b) for a, b in zip(row[4:], row, strict=False))


def test_the_pixels_of_a_canvas_come_back_smoothed(page: Page) -> None:
    before = page.run(PIXELS)
    page.run("document.querySelector('#smooth').click()")
    page.wait_until("document.querySelector('#took').textContent.endsWith('ms')")
    after = page.run(PIXELS)
    edge, smoothed = steepest(before), steepest(after)
    assert 0 < smoothed < edge / 2
    assert page.run("return document.querySelector('#progress').value") == 1


def test_a_float64_array_goes_there_and_back(page: Page) -> None:
    page.run("document.querySelector('#spectrum').click()")
    page.wait_until("document.querySelector('#peak').textContent === '440'")


def test_bytes_that_are_no_image_are_refused(page: Page) -> None:
    for headers in ({}, {"x-width": "3"}, {"x-width": "0"}, {"x-width": "wide"}):
        error = page.failure("smooth", bytes(16), headers=headers)
        assert (error.code, "x-width" in error.message) == ("command-error", True)


def threads(start: StartApp, **env: str) -> list[int]:
    """What numpy's library was told in a worker, and how many threads it has beside the first."""
    source, guard, end = (EXAMPLE / "app.py").read_text().partition("if __name__")
    return start(source + THREADS + guard + end, env=env).page().invoke("threads")


@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
def test_numpy_keeps_to_the_share_of_the_processors_that_a_worker_has(start_app: StartApp) -> None:
    assert threads(start_app) == [1, 0]  # as many workers as processors
    assert threads(start_app, OPENBLAS_NUM_THREADS="2") == [2, 1]
