"""Names the modules that the native half imports, which PyInstaller cannot see."""  # noqa: N999

from importlib import import_module
from typing import Any

# PyInstaller runs this file. It is not there otherwise.
_hooks: Any = import_module("PyInstaller.utils.hooks")
_FOR_AUTHORS = ("_bundle", "_cli", "_pyinstaller", "_scaffold", "migrate", "testing")


def _is_shipped(name: str) -> bool:
    return not name.startswith(tuple(f"transom.{it}" for it in _FOR_AUTHORS))


hiddenimports: list[str] = _hooks.collect_submodules("transom", filter=_is_shipped)
# As files too: a Python that `ProcessPool(python=…)` names runs them.
datas: list[tuple[str, str]] = [
    *_hooks.collect_data_files("transom", include_py_files=True, excludes=[*_FOR_AUTHORS]),
    *_hooks.copy_metadata("transom"),
]
