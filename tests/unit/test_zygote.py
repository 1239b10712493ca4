"""Tests which modules the process that forks workers has loaded for them."""

import os
import subprocess
import sys
from pathlib import Path

WARM = """
import sys
from transom._worker.process import zygote
zygote.warm_pydantic()
before = set(sys.modules)
print(*(name for name in before if name == "a_plugin"))
from pydantic import BaseModel, Field
class Model(BaseModel):
    name: str = Field(min_length=1)
Model.model_validate_json('{"name": "x"}')
print(*sorted(set(sys.modules) - before))
"""


def run(folder: Path, **environment: str) -> list[str]:
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-c", WARM],
        env=os.environ | {"PYTHONPATH": path} | environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def plugin(folder: Path) -> None:
    """A package that is there, with a plugin for pydantic."""
    info = folder / "a_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: a_plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[pydantic]\nit = a_plugin:it\n")
    (folder / "a_plugin.py").write_text(
        "class It:\n"
        "    def new_schema_validator(self, *_, **__):\n"
        "        return None, None, None\n"
        "it = It()\n"
    )


def test_a_first_model_in_a_worker_loads_nothing_more(tmp_path: Path) -> None:
    assert run(tmp_path) == ["", ""]


def test_plugins_of_pydantic_are_loaded_in_workers_and_not_before(tmp_path: Path) -> None:
    plugin(tmp_path)
    assert run(tmp_path) == ["", "a_plugin"]


def test_an_app_that_wants_no_plugins_gets_none(tmp_path: Path) -> None:
    plugin(tmp_path)
    assert run(tmp_path, PYDANTIC_DISABLE_PLUGINS="__all__") == ["", ""]
