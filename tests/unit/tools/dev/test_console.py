"""Tests the stream of lines where it cannot be written as it is, or is not read any more."""

import io
import subprocess
import sys

from transom._dev.tool.console import Console

CLOSED = """\
from transom._dev.tool.console import Console

while True:
    Console().write("transom", "a line")
"""


def test_letters_that_there_are_not_are_replaced() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), "ascii")
    Console(stream=stream).write("page", "grün \ud800")
    stream.seek(0)
    assert stream.read().rstrip().endswith("gr?n ?")


def test_a_quiet_tool_says_only_what_is_wrong_and_what_others_say() -> None:
    stream = io.StringIO()
    console = Console(quiet=True, stream=stream)
    console.write("transom", "the app runs")
    console.write("app", "hello")
    console.write("transom", "the port is in use", "error")
    said = [line.split(maxsplit=1)[1] for line in stream.getvalue().splitlines()]
    assert said == ["app      hello", "transom  the port is in use"]


def test_a_stream_that_nobody_reads_ends_the_tool_without_a_traceback() -> None:
    tool = subprocess.Popen(
        [sys.executable, "-c", CLOSED], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert tool.stdout is not None
    tool.stdout.readline()
    tool.stdout.close()
    assert tool.stderr is not None
    with tool.stderr as errors:
        assert errors.read() == ""
    assert tool.wait(60) == -15
