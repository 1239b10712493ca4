"""Tests that an app whose descriptors a command has closed ends, and says why."""

from __future__ import annotations

import pytest
from endings import calls, full
from harness import RunApp


@pytest.mark.parametrize("kind", ["def", "async def"])
def test_an_app_whose_descriptors_a_command_closes_ends_with_a_code(
    run_app: RunApp, kind: str
) -> None:
    changes = f"""
@commands.command()
{kind} hostile() -> None:
    os.closerange(3, 65536)
"""
    done = run_app(full(changes), html=calls("pyInvoke('hostile')"), timeout=180)
    assert done.code == 70, done.output
    assert "`hostile` or one beside it, has closed descriptors of the app" in done.output


def test_what_a_command_opens_it_may_close(run_app: RunApp) -> None:
    changes = """
@commands.command()
def careful() -> None:
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(64)]
    for descriptor in opened:
        os.close(descriptor)
    child = os.fork()
    if child == 0:
        os.closerange(3, 65536)
        os._exit(5)
    print("child", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    script = "await pyInvoke('careful'); await pyInvoke('quit', 7)"
    done = run_app(full(changes), html=calls(script), timeout=180)
    assert "child 5" in done.output
    assert done.code == 7, done.output
