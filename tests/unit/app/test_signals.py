"""Tests that Ctrl-C and SIGTERM end an app whose main thread runs no Python, with real signals."""

import signal
import subprocess
import sys
import threading
from typing import Any

import pytest

from transom._app.signals import exit_on_signals

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

# The main thread waits in C with the signal's number as the only news, as it does in a GUI loop.
CHILD = """
import signal, socket, sys, threading, time
from transom._app.signals import exit_on_signals

codes, told = [], threading.Event()


# Does in Python what the native watch does without the interpreter.
class Watch:
    def __init__(self, signals, is_own):
        self._signals = signals
        reader, self._writer = socket.socketpair()
        self._writer.setblocking(False)
        self._thread = threading.Thread(target=self._watch, args=(reader,), name="transom-signals")
        self._thread.start()

    def _watch(self, reader):
        with reader:
            while data := reader.recv(1):
                if data[0] in self._signals:
                    codes.append(128 + data[0])
                    told.set()

    def fileno(self):
        return self._writer.fileno()

    def close(self):
        self._writer.close()
        self._thread.join()


{setup}
before = [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)]
with exit_on_signals(Watch):
    {during}
    print("ready", flush=True)
    told.wait(120)
after = [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)]
left = [t.name for t in threading.enumerate() if t.name == "transom-signals"]
assert type(signal.set_wakeup_fd).__name__ == "builtin_function_or_method"
assert signal.set_wakeup_fd(-1) == -1
print(codes, before == after, left, flush=True)
"""


def child(setup: str, *signals: signal.Signals, during: str = "") -> tuple[int, str]:
    """Exit code and last line of a process that gets `signals` once it is ready. It runs `during`
    while it handles them.
    """
    code = CHILD.replace("{setup}", setup).replace("{during}", during)
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        for number in signals:
            process.send_signal(number)
        output, _ = process.communicate(timeout=150)
    return process.returncode, output.strip()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_code_is_a_shells_and_the_handlers_come_back(number: signal.Signals, code: int) -> None:
    assert child("", number) == (0, f"[{code}] True []")


def test_a_handler_of_the_users_stays_the_users() -> None:
    setup = "signal.signal(signal.SIGTERM, lambda n, frame: print('mine', n, flush=True))"
    code, output = child(setup, signal.SIGTERM, signal.SIGINT)
    assert code == 0
    lines = output.splitlines()
    assert lines[-1] == "[130] True []"
    assert lines[:-1] == [f"mine {signal.SIGTERM.value}"]


LOOPS = """
import anyio, asyncio, socket


async def short():
    with anyio.open_signal_receiver(signal.SIGUSR2):
        await anyio.sleep(0.01)


async def long():
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR2, print)
    print("ready", flush=True)
    while not told.is_set():
        await anyio.sleep(0.01)


def closed():
    with socket.socket() as mine:
        mine.setblocking(False)
        assert signal.set_wakeup_fd(mine.fileno()) == -1
        assert signal.set_wakeup_fd(-1) == mine.fileno()
"""


@pytest.mark.parametrize(
    "during",
    ["anyio.run(short)", "anyio.run(short, backend='trio')", "anyio.run(long)", "closed()"],
)
def test_other_code_that_wants_signals_takes_none_from_the_app(during: str) -> None:
    code, output = child(LOOPS, signal.SIGTERM, during=during)
    assert code == 0
    assert output.splitlines()[-1] == "[143] True []"


def test_an_ignored_signal_stays_ignored() -> None:
    setup = "signal.signal(signal.SIGINT, signal.SIG_IGN)"
    assert child(setup, signal.SIGINT, signal.SIGTERM) == (0, "[143] True []")


def test_away_from_the_main_thread_nothing_changes() -> None:
    before, seen = signal.getsignal(signal.SIGINT), list[object]()

    def never(_signals: list[int], _is_own: Any) -> Any:
        raise AssertionError("nothing is to be watched")

    def run() -> None:
        with exit_on_signals(never):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [before]
