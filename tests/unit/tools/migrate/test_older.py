"""Moves apps over that are written for PyTauri before 0.8."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from transom.migrate import cargo, older, python_code
from transom.migrate.requirements import Versions
from transom.migrate.sources import Sources

VERSIONS = Versions("0.1.0")
INDEX = Sources(VERSIONS, from_index=True, uses_uv=False, origin=None, crate_folder=None)
Run = Callable[..., str]

RANGES = [
    ("==0.5.*", 5), (" == 0.5.1", 5), ("~=0.4.0", 4), (">=0.4,<0.6", 5), (">=0.4,<0.6.1", 6),
    ("<=0.7", 7), ("^0.6", 6), ("~0.6.1", 6), ("0.5", 5), ("v0.5.0", 5), (">=0.5 <0.7", 6),
    ("==0.8.*", 8), ("<0.9", 8),
    (">=0.5", None), ("~=0.5", None), ("*", None), ("^1", None), ("<1", None), (">0.5,!=0.6", None),
]  # fmt: skip


@pytest.mark.parametrize(("versions", "minor"), RANGES)
def test_the_newest_version_of_a_range_is_known(versions: str, minor: int | None) -> None:
    assert older.newest(versions) == minor


PINNED = [
    ('dependencies = [\n    "pytauri == 0.5.*",\n]', 2, 5),
    ("pytauri-wheel[x]~=0.5.0 ; python_version > '3'", 1, 5),
    ("# for pages\npytauri_wheel>=0.4,<0.5", 2, 4),
    ('pytauri-wheel = "^0.5"', 1, 5),
    ('pytauri-wheel = { version = "==0.5.0", extras = ["x"] }', 1, 5),
    ('pytauri = { git = "https://host/it", version = "0.5", features = ["x"] }', 1, 5),
    ('tauri-plugin-pytauri = "0.4"', 1, 4),
    ('[dependencies.pytauri]\nfeatures = ["x"]\nversion = "0.6"\n', 3, 6),
    ('[[package]]\nname = "pytauri"\nversion = "0.6.1"\n', 3, 6),
    ('"tauri-plugin-pytauri-api": "^0.6.0",', 1, 6),
    ('pytauri = "0.8"', None, None),
    ('"pytauri>=0.5",', None, None),
    ('name = "pytauri-app"\nversion = "0.1.0"\n', None, None),
    ('my-pytauri = "0.5"', None, None),
    ("# https://pytauri.github.io/pytauri/0.5/usage", None, None),
    ('pytauri = { path = "../0.5" }', None, None),
]


@pytest.mark.parametrize(("text", "line", "minor"), PINNED, ids=[it[0][:40] for it in PINNED])
def test_pins_are_found(text: str, line: int | None, minor: int | None) -> None:
    found = [(it.line, it.minor) for it in older.pins(Path("it"), text)]
    assert found == ([] if line is None else [(line, minor)])


CODE = [
    ("from pytauri import BuilderArgs\nb.build(BuilderArgs(c, invoke_handler=h))",
     "from transom import BuilderArgs\nb.build(c, invoke_handler=h)"),
    ("from pytauri import BuilderArgs as A\nb.build(A(context=f(1)))",
     "from transom import BuilderArgs as A\nb.build(context=f(1), invoke_handler=None)"),
    ("import pytauri\nb.build(\n    pytauri.BuilderArgs(\n        c,\n        setup=s,\n    ),\n)",
     "import transom\nb.build(\n    c,\n        setup=s,\n    invoke_handler=None\n)"),
    ("import pytauri\nb.build(\n  pytauri.BuilderArgs(\n    c,\n    invoke_handler=h,  # y\n  )\n)",
     "import transom\nb.build(\n  c,\n    invoke_handler=h,  # y\n)"),
    ("import pytauri\nb.build(pytauri.BuilderArgs(\n    c,\n    invoke_handler=h,  # y\n))",
     "import transom\nb.build(c,\n    invoke_handler=h,  # y\n)"),
    ("from pytauri import BuilderArgs\nb.build(BuilderArgs(**more))",
     "from transom import BuilderArgs\nb.build(**more)"),
    ("from pytauri import Position, Size\nf(Position.Physical(1, g(2)), Size.Logical(a, b,))",
     "from transom import Position, Size\nf(Position.Physical((1, g(2))), Size.Logical((a, b,)))"),
    ("import pytauri\nmatch p:\n    case pytauri.Size.Physical(w, h): ...",
     "import transom\nmatch p:\n    case transom.Size.Physical((w, h)): ..."),
    ("from pytauri import Position\nPosition.Physical((1, 2))",
     "from transom import Position\nPosition.Physical((1, 2))"),
    ("from pytauri_plugin_notification import NotificationExt",
     "from transom.plugins.notification import NotificationExt"),
    # Of other libraries' and of the app's own.
    ("from qt import Size\nimport pytauri\nSize.Physical(1, 2)",
     "from qt import Size\nimport transom\nSize.Physical(1, 2)"),
    ("from pytauri import BuilderArgs\nargs: BuilderArgs = {}\nb.build(context=c, **args)",
     "from transom import BuilderArgs\nargs: BuilderArgs = {}\nb.build(context=c, **args)"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), CODE, ids=[it[0][:50] for it in CODE])
def test_code_of_older_versions_is_rewritten(before: str, after: str) -> None:
    assert python_code.rewrite(before, VERSIONS).text == after
    assert python_code.rewrite(after, VERSIONS).text == after


LEFT = [
    ("from pytauri import BuilderArgs\nargs = BuilderArgs(context=c)\nb.build(args)",
     "since PyTauri 0.6 `build` takes these arguments itself"),
    ("import pytauri\ncommands.set_command('a', f, check_signature=False)", "`check_signature`"),
    ("from pytauri_wheel.lib import builder_factory\ncommon(builder_factory(fs=False))",
     "since PyTauri 0.8 `builder_factory()` registers no plugin"),
    ("from pytauri_wheel.lib import builder_factory as b\nb(fs=fs).build(context=c)",
     "since PyTauri 0.8 `builder_factory()` registers no plugin"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "why"), LEFT, ids=[it[0][:50] for it in LEFT])
def test_what_somebody_has_to_change_is_named(before: str, why: str) -> None:
    assert any(why in it.reason for it in python_code.rewrite(before, VERSIONS).left)


def test_the_plugins_that_the_wheel_registered_are_registered() -> None:
    before = (
        "from pytauri_wheel.lib import builder_factory\n"
        "builder_factory({}).build(context=c, invoke_handler=h)\n"
    )

    def done(keywords: str, *, registers: bool) -> str:
        return python_code.rewrite(before.format(keywords), VERSIONS, registers=registers).text

    for text in (
        done("opener=True, fs=False", registers=False),
        done("opener=True, fs=False", registers=True),
    ):
        assert text == (
            "from transom.plugins import clipboard_manager, dialog, notification, opener\n"
            "from transom import builder_factory\n"
            "builder_factory().build(plugins=[clipboard_manager.init(), dialog.init(), "
            "notification.init(), opener.init()], context=c, invoke_handler=h)\n"
        )
    assert "fs.init()" in done("", registers=True)
    assert "plugins" not in done("", registers=False)
    assert "plugins" not in done("clipboard_manager=True, fs=fs", registers=True)
    before = f"from app import dialog\n{before}"
    assert "plugins" not in done("", registers=True), "the name means something else"


def test_the_notification_crate_is_a_feature() -> None:
    before = '[dependencies]\npytauri-plugin-notification = "0.5"\npytauri = "0.5"\n'
    done = cargo.rewrite_cargo(before, INDEX)
    assert "pytauri" not in done.text
    assert 'transom = { version = "0.1.0", features = ["python-main"] }' in done.text
    assert any("add `plugin-notification`" in it.reason for it in done.left)
    rust = (
        "mod ext_mod {\n    #[pymodule_export]\n"
        "    use pytauri_plugin_notification::notification;\n\n    fn init() {}\n}\n"
    )
    assert cargo.rewrite_rust(rust).text == "mod ext_mod {\n\n    fn init() {}\n}\n"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A small one for 0.5."""
    app = tmp_path / "app"
    app.mkdir()
    (app / "requirements.txt").write_text("anyio\npytauri-wheel == 0.5.*\n")
    (app / "main.py").write_text(
        "from pytauri import BuilderArgs\n"
        "from pytauri_wheel.lib import builder_factory, context_factory\n\n"
        "app = builder_factory().build(\n"
        "    BuilderArgs(context=context_factory(HERE), invoke_handler=handler)\n)\n"
    )
    return app


def test_an_older_app_is_told_what_changed_since(app: Path, run: Run) -> None:
    printed = run(app, "--write")
    said = printed.partition("Written for ")[2]
    assert said.startswith("PyTauri 0.5, before 0.8: requirements.txt:2: pytauri-wheel == 0.5.*\n")
    versions = [line.split(":")[0].strip() for line in said.splitlines() if line[:4] == "  0."]
    assert set(versions) == {"0.6", "0.7", "0.8"}, "what 0.5 itself changed is known already"
    text = (app / "main.py").read_text()
    assert "fs.init()" in text
    assert "BuilderArgs(" not in text
    compile(text, "main.py", "exec")
    assert "Nothing is to be changed." in run(app)


@pytest.mark.parametrize("pin", ["pytauri-wheel==0.8.*", "pytauri-wheel>=0.5", "pytauri-wheel"])
def test_an_app_that_may_be_for_0_8_is_told_nothing(app: Path, run: Run, pin: str) -> None:
    (app / "requirements.txt").write_text(f"{pin}\n")
    assert "Written for" not in run(app)


def test_a_lock_file_says_it_where_no_other_file_does(app: Path, run: Run) -> None:
    (app / "requirements.txt").write_text("pytauri-wheel\n")
    (app / "uv.lock").write_text('[[package]]\nname = "pytauri-wheel"\nversion = "0.6.0"\n')
    assert "Written for PyTauri 0.6, before 0.8: uv.lock:3: version" in run(app)
