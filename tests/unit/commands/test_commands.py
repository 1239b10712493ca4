"""Tests the registry: names, mapping, watchers, and options that contradict each other."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from transom import Commands, Reject
from transom._commands.registry import Registered


def async_one() -> Callable[..., Any]:
    async def one() -> int:
        return 1

    return one


class Recorder:
    """A watcher that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def register(self, name: str, spec: str, /) -> None:
        assert spec.startswith("{")
        self.told.append(("register", name))

    def unregister(self, name: str, /) -> None:
        self.told.append(("unregister", name))


def test_the_name_is_the_functions_and_the_function_comes_back() -> None:
    commands = Commands()
    one = async_one()
    assert commands.command()(one) is one
    assert commands.command("uno")(one) is one
    assert list(commands) == ["one", "uno"]


def test_a_name_that_is_taken_names_the_way_out() -> None:
    commands = Commands()
    commands.command("x")(async_one())
    text = "Command `x` already exists. If it's expected, use `set_command` instead."
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        commands.command("x")(async_one())


def test_set_command_replaces() -> None:
    commands = Commands()
    commands.command("x")(async_one())
    before = commands["x"]

    def plain() -> str:
        return "later"

    commands.set_command("x", plain)
    assert commands["x"] != before
    assert commands.options("x").executor == "thread"


@pytest.mark.parametrize("name", ["", "x" * 257, "é" * 129])
def test_names_have_1_to_256_bytes(name: str) -> None:
    commands = Commands()
    with pytest.raises(ValueError, match="1 to 256 bytes"):
        commands.command(name)(async_one())
    with pytest.raises(ValueError, match="1 to 256 bytes"):
        commands.set_command(name, async_one())
    assert not commands


def test_a_decorator_without_parentheses_says_how_to_write_it() -> None:
    commands: Any = Commands()
    with pytest.raises(TypeError, match=r"write `@commands\.command\(\)`"):
        commands.command(async_one())


def test_a_name_that_is_no_text_is_refused() -> None:
    commands: Any = Commands()
    with pytest.raises(TypeError, match=r'a text, like `command\("greet"\)`, got 5'):
        commands.command(5)
    with pytest.raises(TypeError, match="got None"):
        commands.set_command(None, async_one())


@pytest.mark.parametrize("name", ["größe 长度", "x" * 256, "a/b", "__proto__"])
def test_any_other_text_is_a_name(name: str) -> None:
    commands = Commands()
    commands.command(name)(async_one())
    assert name in commands


def test_bound_methods_and_callable_objects_are_commands() -> None:
    class Service:
        async def hello(self, body: str) -> str:
            return body

        async def __call__(self) -> int:
            return 1

        def plain(self) -> int:
            return 1

    commands, service = Commands(), Service()
    commands.command()(service.hello)
    commands.command()(service.plain)
    commands.set_command("call", service)
    assert list(commands["hello"][0]) == ["body"]
    assert commands.options("hello").executor == "async"
    assert commands.options("plain").executor == "thread"
    assert commands.options("call").executor == "async"


def test_it_is_a_mapping_of_parameters_and_handlers() -> None:
    commands = Commands()
    commands.command("a")(async_one())
    parameters, handler = commands["a"]
    assert dict(parameters) == {}
    assert callable(handler)
    assert "b" not in commands
    with pytest.raises(KeyError):
        commands["b"]
    commands["b"] = commands["a"]
    assert sorted(commands) == ["a", "b"]
    assert commands.options("b").executor == "async"
    del commands["a"]
    assert dict(commands) == {"b": (parameters, handler)}
    assert commands.pop("b") == (parameters, handler)
    assert len(commands) == 0


def test_a_watcher_hears_what_is_there_and_what_changes() -> None:
    commands, recorder = Commands(), Recorder()
    commands.command("early")(async_one())
    commands.watch(recorder)
    commands.command("late")(async_one())
    commands.set_command("early", async_one())
    del commands["late"]
    commands.pop("early")
    commands.update({"third": Registered(commands.parse_parameters(async_one()), async_one())})
    commands.clear()
    assert recorder.told == [
        ("register", "early"),
        ("register", "late"),
        ("register", "early"),
        ("unregister", "late"),
        ("unregister", "early"),
        ("register", "third"),
        ("unregister", "third"),
    ]


def test_a_watcher_that_left_hears_no_more() -> None:
    commands, recorder = Commands(), Recorder()
    commands.watch(recorder)
    commands.unwatch(recorder)
    commands.command("x")(async_one())
    assert recorder.told == []


def test_a_plain_function_may_not_block_the_loop() -> None:
    def plain() -> None: ...

    with pytest.raises(ValueError, match=r'`.*plain` is a plain `def`.*executor="thread"'):
        Commands().command(executor="async")(plain)


def test_a_coroutine_cannot_run_in_a_thread() -> None:
    with pytest.raises(ValueError, match=r"`.*one` is an `async def`.*executor='thread'"):
        Commands().command(executor="thread")(async_one())


@pytest.mark.parametrize("concurrency", [0, -3])
def test_no_concurrency_at_all_is_refused(concurrency: int) -> None:
    with pytest.raises(ValueError, match=f"concurrency must be at least 1, got {concurrency}"):
        Commands().command(concurrency=concurrency)(async_one())


def test_reject_needs_a_concurrency() -> None:
    with pytest.raises(ValueError, match=r"`Reject\(\)` needs a `concurrency`"):
        Commands().command(queue=Reject())(async_one())


def test_a_command_that_is_refused_leaves_nothing_behind() -> None:
    commands, recorder = Commands(), Recorder()
    commands.watch(recorder)

    async def wrong(body: int): ...

    with pytest.raises(ValueError, match="return value"):
        commands.command()(wrong)
    assert not commands
    assert recorder.told == []
