"""Tests the process that forks workers: what it has loaded for them, and how it ends."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from worker_host import Forked

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="there are no zygotes")

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


@LINUX
def test_a_zygote_whose_host_is_gone_kills_what_does_not_hear() -> None:
    ours, theirs = socket.socketpair()
    worker = Forked(theirs)
    theirs.close()
    # It has not even been told what it is, and this end of its link stays open.
    worker.close()
    end = time.monotonic() + 120
    while worker.runs() and time.monotonic() < end:
        time.sleep(0.01)
    assert not worker.runs()
    ours.close()
