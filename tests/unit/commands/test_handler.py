"""Tests `generate_handler`: executors by name, and what works without a running app."""

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

import transom
from transom import Commands, Limits, ThreadExecutor, builder_factory, context_factory
from transom._app.runtime import current


@pytest.fixture
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as portal:
        yield portal


def test_limits_and_executors_are_kept(portal: BlockingPortal) -> None:
    limits = Limits(calls=5)
    handler = Commands().generate_handler(
        portal, executors={"io": ThreadExecutor(workers=2)}, limits=limits
    )
    assert handler.limits is limits
    assert Commands().generate_handler(portal).limits == Limits()


def test_the_portals_name_is_taken(portal: BlockingPortal) -> None:
    with pytest.raises(ValueError, match='"async" is the portal\'s own executor'):
        Commands().generate_handler(portal, executors={"async": ThreadExecutor(workers=1)})


def test_an_affinity_needs_a_pool_of_worker_processes(portal: BlockingPortal) -> None:
    commands = Commands()

    @commands.command(executor="io", affinity="/doc")
    def work() -> None: ...

    with pytest.raises(ValueError, match="`affinity` is for the worker processes"):
        commands.generate_handler(portal, executors={"io": ThreadExecutor(workers=1)})


def test_an_executor_is_of_threads_or_processes(portal: BlockingPortal) -> None:
    text = (
        r"executors\['io'\] must be a `ThreadExecutor`, a `ProcessPool` or a `RayExecutor`, got 4"
    )
    with pytest.raises(TypeError, match=text):
        Commands().generate_handler(portal, executors={"io": 4})


def test_a_handler_needs_the_portal_itself() -> None:
    for other in (None, start_blocking_portal("asyncio")):
        with pytest.raises(TypeError, match=r"pass the portal of `with start_blocking_portal\("):
            Commands().generate_handler(other)  # type: ignore[arg-type]


def test_without_an_app_there_is_nothing_to_find() -> None:
    with pytest.raises(RuntimeError, match="there is no running app"):
        current()


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ({}, r"^Missing required `\*\*kwargs` arguments `BuilderArgs`"),
        ({"invoke_handler": None, "set_up": print}, "unknown arguments: set_up; `build` takes"),
        ({"setup": print}, "missing argument `invoke_handler`; pass `None` for no commands"),
        ({"invoke_handler": None, "plugins": [1]}, "`plugins` holds 1: pass what"),
        ({"invoke_handler": None, "plugins": 1}, r"`plugins` is 1: pass a list, such as"),
        (
            {"invoke_handler": Commands()},
            r"the class Commands: pass what `commands\.gener",
        ),
        ({"invoke_handler": None}, "`context` is None: pass what `context_factory` returns"),
    ],
)
def test_build_names_the_argument_that_is_wrong(args: dict[str, Any], text: str) -> None:
    with pytest.raises(TypeError, match=text):
        builder_factory().build(None, **args)  # type: ignore[arg-type]
    # The traceback holds the builder, which must be dropped on the thread that made it.
    gc.collect()


def test_factories_take_what_a_native_app_would_give_them() -> None:
    assert isinstance(builder_factory(1, two=2), transom.Builder)


def test_a_context_needs_the_folder_of_its_app() -> None:
    text = r"`context_factory\(Path\(__file__\)\.resolve\(\)\.parent\)`"
    with pytest.raises(TypeError, match=text):
        context_factory()  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="is a file: pass the folder that it is in"):
        context_factory(Path(__file__))
