"""Tests that what `transom dev` starts ends with it, and that its end is seen."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from transom._dev.tool.process import Program

TOOL = """\
import asyncio, pathlib
from transom._dev.tool.process import Program

async def main():
    line = "echo $$; trap '' TERM; sleep 300 & sleep 300"
    await Program.start(line, pathlib.Path("/"), lambda line: print(line, flush=True))
    await asyncio.sleep(300)

asyncio.run(main())
"""


def group_is_there(group: int) -> bool:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, found = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(found) == group and state != "Z":
            return True
    return False


def ends(group: int) -> bool:
    end = time.monotonic() + 30
    while group_is_there(group) and time.monotonic() < end:
        time.sleep(0.05)
    return not group_is_there(group)


def test_a_program_that_leaves_children_has_ended(tmp_path: Path) -> None:
    lines: list[str] = []

    async def run() -> int:
        program = await Program.start("sleep 300 & echo $$; exit 3", tmp_path, lines.append)
        code = await asyncio.wait_for(program.ended(), 60)
        assert group_is_there(int(lines[0]))
        await program.end_group(5)
        return code

    assert asyncio.run(run()) == 3
    assert ends(int(lines[0]))


def test_nothing_outlives_a_tool_that_is_killed() -> None:
    tool = subprocess.Popen([sys.executable, "-c", TOOL], stdout=subprocess.PIPE, text=True)
    assert tool.stdout is not None
    with tool.stdout as output:
        group = int(output.readline())
        assert group_is_there(group)
        os.kill(tool.pid, signal.SIGKILL)
        assert ends(group)
    tool.wait()
