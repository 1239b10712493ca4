"""Provides fixtures that start test apps; `harness.py` says what an app folder gets by default."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import App, Page, RunApp, StartApp, Starter, environment

from transom.testing.webdriver import Driver


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Says once, clearly, what is missing, instead of failing in each test."""
    here = Path(__file__).parent
    if any(item.path.is_relative_to(here) for item in items):
        if sys.platform != "linux":
            pytest.exit("the end-to-end tests drive WebKitGTK and run on Linux only", 1)
        if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            pytest.exit("no display: run `scripts/headless.sh .venv/bin/pytest tests/e2e`", 1)


@pytest.fixture
def start_app(tmp_path: Path) -> Iterator[StartApp]:
    """`start_app(source, …) -> App`: an app for one test."""
    starter = Starter(tmp_path)
    yield starter.start
    starter.close()


@pytest.fixture(scope="module")
def start_shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartApp]:
    """`start_shared(source, …) -> App`: an app for all tests of a module."""
    starter = Starter(tmp_path_factory.mktemp("shared"))
    yield starter.start
    starter.close()


@pytest.fixture
def run_app(tmp_path: Path) -> RunApp:
    """`run_app(source, …) -> Finished`: runs an app to its own end, without a driver."""
    return Starter(tmp_path).run


TEST_HOST = Path(__file__).parents[2] / "target" / "debug" / "test-host"


@pytest.fixture
def start_host(tmp_path: Path) -> Iterator[Callable[[str], App]]:
    """`start_host(commands) -> App`: `test-host`, which is in Rust, with a `commands.py`."""
    starter = Starter(tmp_path)

    def start_host(commands: str) -> App:
        if not TEST_HOST.exists():
            pytest.fail(f"{TEST_HOST} is missing; build it: cargo build -p test-host")
        (tmp_path / "commands.py").write_text(commands)
        env = environment(tmp_path, {"VIRTUAL_ENV": sys.prefix, "PYTHONPATH": str(tmp_path)})
        driver = Driver(tmp_path / "output.log", env)
        app = App(tmp_path, driver)
        starter.apps.append(app)
        driver.start(str(TEST_HOST), [])
        return app

    yield start_host
    starter.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Puts what the test's apps have written beside its failure."""
    report: Any = yield
    if report.failed:
        for value in getattr(item, "funcargs", {}).values():
            for driver in drivers_in(value):
                report.sections.append((f"output in {driver.log}", driver.output()[-4000:]))
    return report


def drivers_in(value: object) -> list[Driver]:
    """The drivers behind a fixture's value."""
    if isinstance(value, App | Page):
        return [value.driver]
    owner = getattr(value, "__self__", None)
    return [app.driver for app in owner.apps] if isinstance(owner, Starter) else []
