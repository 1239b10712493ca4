"""Forms of imports, dependencies and paths, one by one. Each result stays as it is."""

# ruff: noqa: E501, ISC004 - tables of texts, two for each case
from __future__ import annotations

from collections.abc import Callable

import pytest

from transom.migrate import cargo, pages, pyproject, python_code, requirements
from transom.migrate.requirements import Versions, requirement
from transom.migrate.sources import Sources

VERSIONS = Versions("0.1.0")
INDEX = Sources(VERSIONS, from_index=True, uses_uv=False, origin=None, crate_folder=None)
FOLDER = Sources(VERSIONS, from_index=False, uses_uv=False, origin="/src/t", crate_folder="/src/t")
GIT = Sources(
    VERSIONS, from_index=False, uses_uv=True, origin="git+https://host/t@abc", crate_folder=None
)


def check(rewrite: Callable[[str], str], before: str, after: str) -> None:
    assert rewrite(before) == after
    assert rewrite(after) == after


PYTHON = [
    ("import pytauri", "import transom"),
    ("import pytauri as p, os", "import transom as p, os"),
    ("import pytauri.ipc\npytauri.ipc.Channel", "import transom.ipc\ntransom.ipc.Channel"),
    ("import pytauri_wheel.lib\npytauri_wheel.lib.builder_factory()",
     "import transom\ntransom.builder_factory()"),
    ("from pytauri_wheel import lib as l", "import transom as l"),
    ("from pytauri import *", "from transom import *"),
    ("from pytauri.ffi.ipc import Channel", "from transom.ffi.ipc import Channel"),
    ("from pytauri import ffi, ipc as i", "from transom import ffi, ipc as i"),
    ("from pytauri_utils import async_tools", "from transom import async_tools"),
    ("import pytauri_utils.async_tools as a", "import transom.async_tools as a"),
    ("from pytauri_plugins.dialog.ffi import init", "from transom.plugins.dialog import init"),
    ("import pytauri_plugins.opener.ffi as f\nf.init()", "import transom.plugins.opener as f\nf.init()"),
    ("from   pytauri   import (\n  App, # an app\n)", "from   transom   import (\n  App, # an app\n)"),
    ("def f():\n    import pytauri; return pytauri.App",
     "def f():\n    import transom; return transom.App"),
    ("import pytauri\ndef f(a: 'pytauri.App | None'): ...",
     "import transom\ndef f(a: 'transom.App | None'): ..."),
    ("import pytauri\nx = f'{pytauri.VERSION}'", None),
    ("import pytauri\npytauri = pytauri.x", "import transom as pytauri\npytauri = pytauri.x"),
    ("import pytauri.ipc\ntransom = pytauri.ipc",
     "import transom as pytauri, transom.ipc as _transom_ipc\ntransom = pytauri.ipc"),
    ("patch('pytauri.ipc.Channel.send')", "patch('transom.ipc.Channel.send')"),
    ("getLogger('pytauri')", "getLogger('transom')"),
    ("entry_points(group='pytauri')", "entry_points(group='transom')"),
    ("['pytauri:allow-pyfunc', 'pytauri:x']", "['transom:allow-all', 'pytauri:x']"),
    ("sys.modules['pytauri'] = fake", "sys.modules['transom'] = fake"),
    ("patch.dict('sys.modules', {'pytauri': a, 'b': c})",
     "patch.dict('sys.modules', {'transom': a, 'b': c})"),
    ("monkeypatch.setitem(sys.modules, 'pytauri_plugins', fake)",
     "monkeypatch.setitem(sys.modules, 'transom.plugins', fake)"),
    ("patch('app.main.pytauri_plugins')", "patch('app.main.transom.plugins')"),
    ("main.pytauri_plugins.PLUGIN_FS", "main.transom.plugins.PLUGIN_FS"),
    ("metadata.version('pytauri-wheel')", "metadata.version('transom')"),
    ("session.install('pytauri-wheel>=0.8; python_version > \"3\"')",
     "session.install('transom>=0.1.0,<0.2; python_version > \"3\"')"),
    ("f'pytauri-wheel=={version}'", "f'pytauri-wheel=={version}'"),
    ("assert command[8] == 'pytauri-wheel==0.8.0'", "assert command[8] == 'pytauri-wheel==0.8.0'"),
    ("assert 'pytauri>=0.8' in a\nassert 'pytauri-wheel>=0.8' not in a",
     "assert 'transom>=0.1.0,<0.2' in a\nassert 'pytauri-wheel>=0.8' not in a"),
    ("if 'pytauri>=0.8' not in a: a.append('pytauri>=0.8')",
     "if 'transom>=0.1.0,<0.2' not in a: a.append('transom>=0.1.0,<0.2')"),
    ("EntryPoint(name='ext_mod', value=it, group='pytauri')",
     "EntryPoint(name='ext_mod', value=it, group='transom')"),
    ("self.pytauri_plugins", "self.pytauri_plugins"),
    ("patch('app.pytauri_else')", "patch('app.pytauri_else')"),
    ("name.startswith('pytauri_plugins.')", "name.startswith('transom.plugins.')"),
    ("import_module('pytauri_wheel.ext_mod')", "import_module('transom._native')"),
    ("import_module('pytauri_plugins')", "import_module('transom.plugins')"),
    ("Analysis(hiddenimports=['pytauri', 'b'])", "Analysis(hiddenimports=['transom', 'b'])"),
    ("'pytauri'", "'pytauri'"),
    ("from .pytauri import a", "from .pytauri import a"),
    ("import pytauri_else", "import pytauri_else"),
    ("def f():\n    '''pytauri.ipc'''\n    # import pytauri", "def f():\n    '''pytauri.ipc'''\n    # import pytauri"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), PYTHON, ids=[it[0][:40] for it in PYTHON])
def test_python(before: str, after: str | None) -> None:
    done = python_code.rewrite(before, VERSIONS).text
    if after is None:
        # Python 3.11 does not say where a name in an f-string is.
        renamed = "import transom\nx = f'{transom.VERSION}'"
        assert done in {renamed, "import transom as pytauri\nx = f'{pytauri.VERSION}'"}
        return
    check(lambda it: python_code.rewrite(it, VERSIONS).text, before, after)


NEWER = "(x for x in y) = 1  # stands for syntax of a newer Python\n"
UNREAD = [
    ("import pytauri", "import transom as pytauri"),
    ("import os, pytauri.ipc as i", "import os, transom.ipc as i"),
    ("import pytauri.ipc", "import transom as pytauri, transom.ipc as _transom_ipc"),
    ("def f():\n    from pytauri import App; import os",
     "def f():\n    from transom import App; import os"),
    ("from pytauri_plugins import (\n    dialog,  # (a, b)\n)",
     "from transom.plugins import (\n    dialog,  # (a, b)\n)"),
    ("from pytauri_wheel.lib import context_factory", "from transom import context_factory"),
    ("allow('pytauri:default'); patch(\"pytauri.ipc.Channel\")",
     "allow('transom:default'); patch(\"transom.ipc.Channel\")"),
    ("'''\nfrom pytauri import App\n'''\n# import pytauri", "'''\nfrom pytauri import App\n'''\n# import pytauri"),
    ("from .pytauri import a\nimport pytauri_else", "from .pytauri import a\nimport pytauri_else"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), UNREAD, ids=[it[0][:40] for it in UNREAD])
def test_python_that_is_newer_than_this_one(before: str, after: str) -> None:
    check(lambda it: python_code.rewrite(it, VERSIONS).text, NEWER + before, NEWER + after)
    left = python_code.rewrite(NEWER + before, VERSIONS).left
    assert "does not take line 1 for valid" in left[0].reason


def test_decorators_that_register_nothing_are_taken_out() -> None:
    before = """\
from pytauri import Commands
def register(to: Commands):
    @to.command
    def no_command(path: str): ...
    @cli.command
    def of_another_library(): ...
"""
    done = python_code.rewrite(before, VERSIONS)
    after = before.replace("@to.command", "# `to.command`, without parentheses")
    assert done.text == after.replace("pytauri", "transom")
    assert [it.line for it in done.left] == [3]


def test_what_came_with_the_peer_is_named() -> None:
    done = python_code.rewrite("from PIL import Image\nimport pytauri\n", VERSIONS)
    assert [(it.line, "`pillow`" in it.reason) for it in done.left] == [(1, True)]


REQUIREMENTS = [
    ("pytauri", "transom>=0.1.0,<0.2"),
    ("PyTauri_Wheel ~= 0.8", "transom>=0.1.0,<0.2"),
    ("pytauri-plugins[dialog,fs]>=0.8,<0.9", "transom[dialog,fs]>=0.1.0,<0.2"),
    ("pytauri @ git+https://host/pytauri@main", "transom>=0.1.0,<0.2"),
    ("pytauri==0.8.0 ; python_version > '3.10'", "transom>=0.1.0,<0.2; python_version > '3.10'"),
    ("pytauri-nicegui>=1", None),
    ("nicegui-pytauri", None),
]


@pytest.mark.parametrize(("before", "after"), REQUIREMENTS)
def test_requirements(before: str, after: str | None) -> None:
    assert requirement(before, VERSIONS) == after


def test_versions_go_up_to_the_next_that_may_break() -> None:
    assert Versions("1.4.2").range() == ">=1.4.2,<2"
    assert Versions("0.3.1").caret() == "^0.3.1"


PYPROJECT = [
    (INDEX, "[tool.poetry.dependencies]\npython = '^3.9'\npytauri-wheel = '^0.8' # w\n",
     "[tool.poetry.dependencies]\npython = '^3.11'\ntransom = \"^0.1.0\" # w\n"),
    (FOLDER, "[tool.poetry.group.dev.dependencies]\npytauri = {version = '0.8', extras = ['a']}\n",
     "[tool.poetry.group.dev.dependencies]\ntransom = { path = \"/src/t\", extras = ['a'] }\n"),
    (INDEX, "[packages]\npytauri-wheel = '*'\npytauri = '*'\n", "[packages]\ntransom = \"^0.1.0\"\n"),
    (INDEX, "[project.entry-points]\npytauri.ext_mod = 'a.b'\n",
     "[project.entry-points]\ntransom.ext_mod = 'a.b'\n"),
    (INDEX, "[project.entry-points.pytauri]\next_mod = 'a._vendor.pytauri_wheel.ext_mod' # copied\n",
     "[project.entry-points.transom]\n"),
    (INDEX, "[project]\nkeywords = ['pytauri']\nrequires-python = '>=3.9'\n", None),
    (GIT, "[project]\ndependencies = ['pytauri']\n",
     "[project]\ndependencies = ['transom>=0.1.0,<0.2']\n\n[tool.uv.sources]\n"
     'transom = { git = "https://host/t", rev = "abc" }\n'),
    (FOLDER, "[tool.uv.sources]\npytauri = { path = 'x' }\nb = { path = 'b' }\n"
     "[dependency-groups]\ndev = ['pytauri'] # ]\n",
     "[tool.uv.sources]\nb = { path = 'b' }\ntransom = { path = \"/src/t\" }\n"
     "[dependency-groups]\ndev = ['transom>=0.1.0,<0.2'] # ]\n"),
    (INDEX, "[tool.hatch.envs.default]\nextra-dependencies = [\n  'pytauri', # a ] in it\n  'b',\n]\n",
     "[tool.hatch.envs.default]\nextra-dependencies = [\n  'transom>=0.1.0,<0.2', # a ] in it\n  'b',\n]\n"),
    (INDEX, "[project\ndependencies = ['pytauri']\n", None),
]  # fmt: skip


@pytest.mark.parametrize(("sources", "before", "after"), PYPROJECT)
def test_pyproject(sources: Sources, before: str, after: str | None) -> None:
    after = before if after is None else after
    check(lambda it: pyproject.rewrite_pyproject(it, sources).text, before, after)


CARGO = [
    (INDEX, "[dependencies]\npytauri = '0.8'\n",
     '[dependencies]\ntransom = { version = "0.1.0", features = ["python-main"] }\n'),
    (FOLDER, "[dependencies]\npytauri = { git = 'x', default-features = false, features = ['a', 'b'] }\n",
     "[dependencies]\ntransom = { path = \"/src/t\", default-features = false, features = [\"python-main\", 'a', 'b'] }\n"),
    (FOLDER, "[dependencies.pytauri]\nversion = '0.8'\n\n[dependencies.serde]\nfeatures = ['x']\n",
     "[dependencies.transom]\npath = \"/src/t\"\nfeatures = [\"python-main\"]\n\n[dependencies.serde]\nfeatures = ['x']\n"),
    (FOLDER, "[dependencies.pytauri]\nversion = '0.8'\nfeatures = ['a']\n\n[dependencies.serde]\nversion = '1'\n",
     "[dependencies.transom]\npath = \"/src/t\"\nfeatures = [\"python-main\", 'a']\n\n[dependencies.serde]\nversion = '1'\n"),
    (INDEX, "[dependencies]\npytauri = { workspace = true }\ntauri-plugin-pytauri.workspace = true\n",
     "[dependencies]\ntransom = { workspace = true }\n"),
    (GIT, "[target.'cfg(unix)'.dependencies]\ntauri-plugin-pytauri = '0.8'\n",
     "[target.'cfg(unix)'.dependencies]\ntransom = { git = \"https://host/t\", rev = \"abc\", features = [\"python-main\"] }\n"),
    (INDEX, "[dependencies]\npyo3 = { version = '0.25', features = ['x'] }\npytauri = '0.8'\n",
     "[dependencies]\npyo3 = { version = '0.30.1', features = ['x'] }\ntransom = { version = \"0.1.0\", features = [\"python-main\"] }\n"),
    (INDEX, "[dependencies]\npytauri = { version = '0.8' }\n",
     '[dependencies]\ntransom = { version = "0.1.0", features = ["python-main"] }\n'),
    (INDEX, "[dependencies]\npytauri = { version = '0.8', features = [] }\n",
     '[dependencies]\ntransom = { version = "0.1.0", features = ["python-main"] }\n'),
    (INDEX, "[dependencies]\npytauri = { version = '0.8', features = [\n  'a',\n] }\n",
     '[dependencies]\ntransom = { version = "0.1.0", features = [\n  "python-main",\n  \'a\',\n] }\n'),
    (INDEX, "[features]\na = ['dep:pytauri', 'pytauri?/plugin-fs']\n",
     "[features]\na = ['dep:transom', 'transom?/plugin-fs']\n"),
    (INDEX, "[package]\nname = 'my-pytauri-app'\n", None),
]  # fmt: skip


@pytest.mark.parametrize(("sources", "before", "after"), CARGO)
def test_cargo(sources: Sources, before: str, after: str | None) -> None:
    after = before if after is None else after
    check(lambda it: cargo.rewrite_cargo(it, sources).text, before, after)


def test_a_crate_that_cannot_be_found_is_named() -> None:
    nowhere = Sources(VERSIONS, from_index=False, uses_uv=False, origin=None, crate_folder=None)
    done = cargo.rewrite_cargo("[dependencies]\npytauri = '0.8'\n", nowhere)
    assert [(it.line, "--crate PATH" in it.reason) for it in done.left] == [(2, True)]


def test_the_version_of_pyo3_is_that_of_the_crate() -> None:
    from pathlib import Path  # noqa: PLC0415
    from tomllib import loads  # noqa: PLC0415

    manifest = loads((Path(__file__).parents[4] / "Cargo.toml").read_text())
    assert manifest["workspace"]["dependencies"]["pyo3"]["version"] == cargo.PYO3


RUST = [
    ("use pytauri::{a, b};", "use transom::{a, b};"),
    ("use pytauri as p;\nextern crate pytauri;", "use transom as p;\nextern crate transom;"),
    ("tauri_plugin_pytauri::init()", "transom::init()"),
    ('let a = "pytauri::a"; // pytauri::b', None),
    ("let a = r#\"\"pytauri::a\"#; '\"'; pytauri ::b", "let a = r#\"\"pytauri::a\"#; '\"'; transom ::b"),
    ("my::pytauri::x; pytauri_core::y; let pytauri = 1;", None),
    ("fn f<'a>(x: &'a str) { pytauri::g('x') }", "fn f<'a>(x: &'a str) { transom::g('x') }"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), RUST)
def test_rust(before: str, after: str | None) -> None:
    check(lambda it: cargo.rewrite_rust(it).text, before, before if after is None else after)


PAGES = [
    ("window.__TAURI__.pytauri.pyInvoke", "window.__TAURI__.transom.pyInvoke"),
    ("__TAURI__?.pytauri", "__TAURI__?.transom"),
    ("(window.__TAURI__ as any).pytauri", "(window.__TAURI__ as any).transom"),
    ("const { core, pytauri } = window.__TAURI__;",
     "const { core, transom: pytauri } = window.__TAURI__;"),
    ("const { pytauri: { pyInvoke } } = window.__TAURI__;",
     "const { transom: { pyInvoke } } = window.__TAURI__;"),
    ("const { core: { Channel }, pytauri: { pyInvoke }, event: { listen } } = window.__TAURI__;",
     "const { core: { Channel }, transom: { pyInvoke }, event: { listen } } = window.__TAURI__;"),
    ("const { core: { Channel }, pytauri } = window.__TAURI__;",
     "const { core: { Channel }, transom: pytauri } = window.__TAURI__;"),
    ("const T = window.__TAURI__;\nT.pytauri.pyInvoke()", None),
    ("const { pytauri: p } = window.__TAURI__;", "const { transom: p } = window.__TAURI__;"),
    ("// __TAURI__.pytauri", "// __TAURI__.transom"),
    ("import 'tauri-plugin-pytauri-api'", "import 'tauri-plugin-transom-api/pytauri'"),
    ("invoke('plugin:pytauri|pyfunc')", None),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), PAGES)
def test_pages(before: str, after: str | None) -> None:
    check(lambda it: pages.rewrite_script(it).text, before, before if after is None else after)
    if after is None:
        assert len(pages.rewrite_script(before).left) == 1


def test_a_page_of_an_older_version_keeps_the_global() -> None:
    """Its `Channel` is nowhere else. What it imports from a package is there by that name."""
    taken = "const { pyInvoke, Channel } = window.__TAURI__.pytauri;\n"
    listens = "new Channel().addJsonListener(show);\n"
    done = pages.rewrite_script(taken + listens, ".js")
    assert done.text == taken + listens
    assert [(it.line, "onmessage" in it.reason) for it in done.left] == [(1, True)]
    before = "import { Channel } from 'tauri-plugin-pytauri-api';\n" + listens
    done = pages.rewrite_script(before, ".ts")
    assert done.text == before.replace("pytauri-api", "transom-api/pytauri")
    assert done.left == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{'a': '1', 'tauri-plugin-pytauri-api': '0.8.0'}",
         "{'a': '1', 'tauri-plugin-transom-api': '^0.1.0'}"),
        ("packages['tauri-plugin-pytauri-api']", "packages['tauri-plugin-transom-api']"),
    ],
)  # fmt: skip
def test_packages_for_pages_that_python_names(before: str, after: str) -> None:
    def rewrite(text: str) -> str:
        return python_code.rewrite(text, VERSIONS, renames_client=True).text

    check(rewrite, before, after)
    kept = python_code.rewrite(before, VERSIONS)
    assert kept.text == before
    assert "--index" in kept.left[0].reason


GLOBALS = [
    (".js", "__TAURI__.pytauri.pyInvoke('a')", "{}__TAURI__.transom.pyInvoke('a')"),
    (".html", "<script src='a.js'></script>\n<script>\n  __TAURI__.pytauri\n</script>",
     "<script src='a.js'></script>\n<script>\n  {}  __TAURI__.transom\n</script>"),
    (".html", "<script>__TAURI__.pytauri</script>", "<script>{}__TAURI__.transom</script>"),
    (".js", "// __TAURI__.pytauri", "// __TAURI__.transom"),
]  # fmt: skip


@pytest.mark.parametrize(("end", "before", "after"), GLOBALS)
def test_a_page_with_the_global_gets_texts_as_errors(end: str, before: str, after: str) -> None:
    after = after.replace("{}", pages.CONFIGURE)
    check(lambda it: pages.rewrite_script(it, end).text, before, after)
    assert pages.rewrite_script(before, end).left == []
    assert pages.rewrite_script(after, end).left == []


def test_two_crates_of_the_peer_are_one() -> None:
    before = "[dependencies.pytauri]\nversion = '0.8'\n[dependencies.tauri-plugin-pytauri]\nversion = '0.8'\n"
    after = '[dependencies.transom]\nversion = "0.1.0"\nfeatures = ["python-main"]\n'
    check(lambda it: cargo.rewrite_cargo(it, INDEX).text, before, after)


def test_lists_and_configurations() -> None:
    check(
        lambda it: requirements.rewrite_ini(it, VERSIONS).text,
        "[options]\ninstall_requires =\n    pytauri>=0.8\n    anyio\n\n"
        "[options.entry_points]\nconsole_scripts =\n    a = b:c\npytauri =\n    ext_mod = a.b\n",
        "[options]\ninstall_requires =\n    transom>=0.1.0,<0.2\n    anyio\n\n"
        "[options.entry_points]\nconsole_scripts =\n    a = b:c\ntransom =\n    ext_mod = a.b\n",
    )


def test_a_copy_of_the_library_of_the_peer_is_no_app() -> None:
    check(
        lambda it: requirements.rewrite_ini(it, VERSIONS).text,
        "[options.entry_points]\npytauri =\n    ext_mod = a._vendor.pytauri_wheel.ext_mod\n",
        "[options.entry_points]\ntransom =\n",
    )
    check(
        lambda it: python_code.rewrite(it, VERSIONS).text,
        "setup(entry_points={'pytauri': ['ext_mod = a._vendor.pytauri_wheel.ext_mod']})",
        "setup(entry_points={'transom': []})",
    )


def test_types_of_standalone_lose_their_generic_arguments() -> None:
    before = (
        "fn a() -> PythonInterpreterBuilder<'static, impl for<'py> FnOnce(Python<'py>) -> Py<M>> {}\n"
        "fn b(it: pytauri::standalone::PythonInterpreterEnv<'_>) -> Vec<PythonScript<'a>> {}\n"
    )
    after = (
        "fn a() -> PythonInterpreterBuilder {}\n"
        "fn b(it: transom::standalone::PythonInterpreterEnv) -> Vec<PythonScript> {}\n"
    )
    check(lambda it: cargo.rewrite_rust(it).text, before, after)
    assert cargo.rewrite_rust("PythonInterpreterEnv < a").text == "PythonInterpreterEnv < a"
