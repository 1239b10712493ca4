"""Tests the plugins' Python side without an app: what is refused, and what an app is started by."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from transom import plugins
from transom._native import PLUGINS
from transom._program import command
from transom.plugin import Plugin
from transom.plugins import autostart, dialog, notification, single_instance
from transom.plugins.dialog import (
    DialogExt,
    MessageDialogBuilder,
    MessageDialogButtons,
    MessageDialogKind,
)

NAMES = sorted(name.removeprefix("PLUGIN_").lower() for name in plugins.__all__)
INTERPRETER = Path(sys.executable)


def module(name: str) -> ModuleType:
    return import_module(f"transom.plugins.{name}")


def test_this_build_has_every_plugin() -> None:
    assert set(NAMES) == PLUGINS
    assert all(getattr(plugins, name) for name in plugins.__all__)


@pytest.mark.parametrize("name", NAMES)
def test_each_makes_plugins(name: str) -> None:
    made: Any = module(name)
    assert made.__all__ == sorted(made.__all__)
    plugin = (
        made.Builder.build()
        if hasattr(made, "Builder")
        else made.init(*([None] if name == "single_instance" else []))
    )
    assert isinstance(plugin, Plugin)
    assert repr(plugin) == f'<Plugin "{name.replace("_", "-")}">'


def test_a_build_without_plugins_says_which_feature_it_lacks() -> None:
    code = f"""
import importlib, transom._native
transom._native.PLUGINS = frozenset()
import transom.plugins
for name in {NAMES}:
    assert not getattr(transom.plugins, "PLUGIN_" + name.upper())
    try:
        importlib.import_module("transom.plugins." + name)
    except ImportError as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    for name, line in zip(NAMES, lines, strict=True):
        assert line.endswith(f"the Cargo feature `plugin-{name.replace('_', '-')}`")


@pytest.mark.parametrize("name", ["global_shortcut", "updater", "window_state"])
def test_a_builder_takes_no_unknown_arguments(name: str) -> None:
    with pytest.raises(TypeError, match="unknown arguments: pubkey"):
        module(name).Builder.build(pubkey="x")


def message(**args: Any) -> Callable[[], object]:
    return lambda: MessageDialogBuilder(None, "hello").show(print, **args)  # type: ignore[arg-type]


def pick(**args: Any) -> Callable[[], object]:
    return lambda: dialog.FileDialogBuilder(None).pick_file(print, **args)  # type: ignore[arg-type]


def notify(**args: Any) -> Callable[[], object]:
    builder = notification.NotificationBuilder(None)  # type: ignore[arg-type]
    return lambda: builder.show(**args)


@pytest.mark.parametrize(
    ("wrong", "error", "text"),
    [
        (message(colour=1), TypeError, "unknown arguments: colour; it takes title, parent"),
        (message(title=1), TypeError, "title"),
        (message(title="a\0b"), ValueError, "`title` has a NUL"),
        (message(kind="Info"), TypeError, "`kind` must be a MessageDialogKind"),
        (message(buttons="Ok"), TypeError, "one of MessageDialogButtons"),
        (message(buttons=MessageDialogButtons.OkCustom("\0")), ValueError, "`buttons` has a NUL"),
        (message(parent=1), TypeError, "parent"),
        (lambda: DialogExt.message(None, 1), TypeError, "`message` must be a str, not 1"),  # type: ignore[arg-type]
        (
            lambda: MessageDialogBuilder(None, "x\0").show(print),  # type: ignore[arg-type]
            ValueError,
            "`message` has a NUL",
        ),
        (
            lambda: MessageDialogBuilder(None, "x").show(None),  # type: ignore[arg-type]
            TypeError,
            "must be callable",
        ),
        (message(), TypeError, "expected an App"),
        (pick(title="x"), TypeError, "unknown arguments: title"),
        (pick(set_title="x\0"), ValueError, "`set_title` has a NUL"),
        (pick(set_directory="/\0"), ValueError, "NUL|null"),
        (pick(add_filter=("Images", "png")), TypeError, r'as \["png"\]'),
        (pick(add_filter=["png"]), TypeError, "such as"),
        (pick(add_filter=[("Images", ["png\0"])]), ValueError, "`add_filter` has a NUL"),
        (pick(set_can_create_directories="no"), TypeError, "can_create_directories"),
        (pick(), TypeError, "expected an App"),
        (notify(colour=1), TypeError, "unknown arguments: colour"),
        (notify(title=1), TypeError, "title"),
        (notify(id="1"), TypeError, "id"),
        (notify(), TypeError, "expected an App"),
        (lambda: single_instance.init(1), TypeError, "callable"),  # type: ignore[arg-type]
        (lambda: autostart.init("LaunchAgent"), TypeError, "MacosLauncher"),  # type: ignore[arg-type]
        (lambda: autostart.init(args="--quiet"), TypeError, "sequence of texts"),
        (lambda: autostart.init(args=["a\nb"]), ValueError, "line break"),
        (lambda: autostart.init(args=[1]), TypeError, "args"),  # type: ignore[list-item]
    ],
)
def test_wrong_arguments_are_errors_that_name_them(
    wrong: Callable[[], object], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        wrong()


def test_buttons_match_and_kinds_are_an_enum() -> None:
    match MessageDialogButtons.OkCancelCustom("Save", "Discard"):
        case MessageDialogButtons.OkCancelCustom(save, discard):
            assert (save, discard) == ("Save", "Discard")
    assert [kind.name for kind in MessageDialogKind] == ["Info", "Warning", "Error"]


BLOCKING: dict[str, Callable[[], object]] = {
    "show": lambda: MessageDialogBuilder(None, "x").blocking_show(),  # type: ignore[arg-type]
    **{
        name: getattr(dialog.FileDialogBuilder(None), f"blocking_{name}")  # type: ignore[arg-type]
        for name in ("pick_file", "pick_files", "pick_folder", "pick_folders", "save_file")
    },
}


@pytest.mark.parametrize("name", BLOCKING)
def test_a_blocking_dialog_names_the_other_form(name: str) -> None:
    with pytest.raises(RuntimeError, match=f"main thread .* pass a handler to `{name}`"):
        BLOCKING[name]()

    async def ask() -> None:
        BLOCKING[name]()

    with pytest.raises(RuntimeError, match=rf"`await ….{name}_async\(…\)`"):
        asyncio.run(ask())


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("python app.py a.txt", ["app.py", "a.txt"]),
        ("python -u -X dev -W error app.py -m x", ["app.py", "-m", "x"]),
        ("python -m shop --open x", ["shop", "--open", "x"]),
        ("python -um shop x", ["shop", "x"]),
        ("python -Im shop", ["shop"]),
        ("python -Xdev -- app.py x", ["app.py", "x"]),
        ("python - x", ["-", "x"]),
        ("python -mshop x", ["shop", "x"]),
        ("python -uc pass x", ["-c", "x"]),
        ("python -cpass x", ["-c", "x"]),
        ("python -bW error app.py", ["app.py"]),
        ("python", ["python"]),
    ],
)
def test_arguments_are_those_of_the_app(line: str, expected: list[str]) -> None:
    assert command.arguments(line.split()) == expected


def main_module(monkeypatch: pytest.MonkeyPatch, **attributes: Any) -> None:
    monkeypatch.setitem(sys.modules, "__main__", SimpleNamespace(**attributes))  # type: ignore[arg-type]


def test_the_start_command_of_a_script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = tmp_path / "my app.py"
    script.touch()
    main_module(monkeypatch, __spec__=None, __file__=str(script))
    assert command.start_command(INTERPRETER) == [sys.executable, str(script)]
    assert command.start_command(Path("/opt/shop/bin/shop")) is None
    main_module(monkeypatch)
    with pytest.raises(RuntimeError, match="start it as a script"):
        command.start_command(INTERPRETER)


def test_the_start_command_of_a_module(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spec = SimpleNamespace(name="shop.__main__", origin="/elsewhere/shop/__main__.py")
    main_module(monkeypatch, __spec__=spec)
    assert command.start_command(INTERPRETER) == [sys.executable, "-m", "shop"]

    (tmp_path / "shop.py").write_text("import sys; print(__name__, sys.argv[1:])")
    monkeypatch.chdir(tmp_path)
    spec = SimpleNamespace(name="shop", origin=str(tmp_path / "shop.py"))
    main_module(monkeypatch, __spec__=spec)
    words = command.start_command(INTERPRETER)
    assert words is not None
    done = subprocess.run([*words, "--quiet"], cwd="/", capture_output=True, text=True, check=True)
    assert done.stdout == "__main__ ['--quiet']\n"


def test_the_start_command_of_a_zip_app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    archive = tmp_path / "shop.pyz"
    archive.touch()
    spec = SimpleNamespace(name="__main__", loader=SimpleNamespace(archive=str(archive)))
    main_module(monkeypatch, __spec__=spec, __file__=f"{archive}/__main__.py")
    assert command.start_command(INTERPRETER) == [sys.executable, str(archive)]


@pytest.mark.parametrize("words", [["app.py", "x"], ["-X", "dev", "-m", "shop"], ["-c", "pass"]])
def test_an_app_restarts_by_its_command_line(
    monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setattr(sys, "orig_argv", ["python", *words])
    found = command.restart_command(INTERPRETER)
    assert found is not None
    assert found[-len(words) - 1 :] == [sys.executable, *words]
    assert command.restart_command(Path("/opt/shop/bin/shop")) is None


@pytest.mark.parametrize("words", [[], ["-"], ["-i"], ["-u", "-", "x"]])
def test_a_program_from_standard_input_has_no_command(
    monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setattr(sys, "orig_argv", ["python", *words])
    with pytest.raises(RuntimeError, match="start it as a script"):
        command.restart_command(INTERPRETER)
