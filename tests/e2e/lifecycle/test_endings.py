"""Tests how an app ends: exit codes, failures at the start, and calls that are still running."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import pytest
from endings import calls, full
from harness import RunApp
from patience import tried_again


def test_run_return_gives_the_code_of_exit(run_app: RunApp) -> None:
    done = run_app(full(), html=calls("pyInvoke('quit', 7)"))
    assert "returned 7" in done.output
    assert "portal closed" in done.output
    assert done.code == 7


def test_exit_before_any_window_is_ready(run_app: RunApp) -> None:
    changes = """
def at_event(app_handle, event) -> None:
    if isinstance(event, RunEvent.Ready):
        app_handle.exit(3)
"""
    assert run_app(full(changes)).code == 3


def test_the_last_window_ends_the_app_with_0(run_app: RunApp) -> None:
    done = run_app(full(), html=calls("pyInvoke('close')"))
    assert "returned 0" in done.output
    assert done.code == 0


STREAMS = """
from collections.abc import AsyncIterator, Iterator
from itertools import count


@commands.command()
async def ticks(body: str) -> AsyncIterator[int]:
    try:
        for tick in count():
            yield tick
            await asyncio.sleep(0.001)
    finally:
        print(f"{body} closed")


@commands.command()
def ticks_in_thread(body: str) -> Iterator[int]:
    try:
        for tick in count():
            yield tick
            time.sleep(0.001)
    finally:
        print(f"{body} closed")
"""
# Of each kind one that is taken, and one that waits for credit.
OPEN_STREAMS = """
const {{pyStream}} = window.__TAURI__.transom;
for (const command of ["ticks", "ticks_in_thread"]) {{
  for (const taken of [true, false]) {{
    const stream = pyStream(command, `${{command}}, taken: ${{taken}},`, {{buffer: 2}});
    await stream.next();
    const take = async () => {{ for await (const _ of stream); }};
    if (taken) take().catch(() => {{}});
  }}
}}
{way}
"""


@pytest.mark.parametrize(("way", "code"), [("pyInvoke('quit', 7)", 7), ("pyInvoke('close')", 0)])
@tried_again
def test_the_end_closes_every_generator(run_app: RunApp, way: str, code: int) -> None:
    done = run_app(full(STREAMS), html=calls(OPEN_STREAMS.format(way=way)))
    for command in ("ticks", "ticks_in_thread"):
        for taken in ("true", "false"):
            assert f"{command}, taken: {taken}, closed" in done.output
    assert "Traceback" not in done.output
    assert done.code == code


def test_twenty_exits_under_load_are_clean() -> None:
    stress = Path(__file__).parents[3] / "stress" / "run.py"
    command = [sys.executable, str(stress), "--quick", "exits"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout


def test_the_short_form_returns_the_code_too(run_app: RunApp) -> None:
    source = """
import sys
from pathlib import Path
import transom
from transom import AppHandle, Commands
commands = Commands()

@commands.command()
async def quit(body: int, app_handle: AppHandle) -> None:
    app_handle.exit(body)

if __name__ == "__main__":
    sys.exit(transom.run(commands, Path(__file__).parent, backend="{backend}"))
"""
    for backend in ("asyncio", "trio"):
        done = run_app(source.replace("{backend}", backend), html=calls("pyInvoke('quit', 9)"))
        assert done.code == 9, done.output


@pytest.mark.parametrize("command", ["sleep_long", "sleep_in_thread"])
@tried_again
def test_exit_does_not_wait_for_a_command_that_sleeps(run_app: RunApp, command: str) -> None:
    script = f"pyInvoke('{command}', undefined, {{onProgress: () => pyInvoke('quit', 4)}})"
    done = run_app(full(), html=calls(script))
    assert "asleep" in done.output
    assert done.code == 4
    if command == "sleep_long":
        assert "sleeper finally" in done.output


@tried_again
def test_a_command_that_blocks_the_event_loop_does_not_keep_the_process(run_app: RunApp) -> None:
    script = "pyInvoke('block_the_loop')"
    at_start = """
def set_up(app_handle) -> None:
    def leave():
        while not RUNNING.exists():
            time.sleep(0.05)
        app_handle.exit(4)

    threading.Thread(target=leave, daemon=True).start()
"""
    done = run_app(full(at_start), html=calls(script))
    assert done.code == 4, done.output
    assert "block_the_loop" in done.output.split("blocked", 1)[1]


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_signals_end_the_app(run_app: RunApp, name: str, code: int) -> None:
    changes = f"""
def at_event(app_handle, event) -> None:
    if isinstance(event, RunEvent.Ready):
        threading.Timer(0.2, os.kill, [os.getpid(), signal.{name}]).start()
"""
    done = run_app(full(changes))
    assert done.code == code, done.output


WAYS = ["exit", "SIGINT", "SIGTERM", "close"]
WHILE = [
    *itertools.product(["sleep_long", "sleep_in_thread", "block_the_loop"], WAYS),
    # No Python can run to ask for another end.
    *itertools.product(["hold_the_interpreter"], ["SIGINT", "SIGTERM"]),
]


@pytest.mark.parametrize(("command", "way"), WHILE)
@tried_again
def test_every_way_out_ends_the_process_whatever_runs(
    run_app: RunApp, command: str, way: str
) -> None:
    """From outside and from inside, with the status that was asked for."""
    # A process of its own gives the signals, for the interpreter may be held.
    changes = f"""
def set_up(app_handle) -> None:
    begun = Path(__file__).with_name("begun")
    if "{way}".startswith("SIG"):
        until = f"while [ ! -e {{RUNNING}} ]; do sleep 0.05; done"
        os.system(f"({{until}}; date +%s.%N > {{begun}}; kill -{way[3:]} {{os.getpid()}}) &")
        return

    def leave():
        while not RUNNING.exists():
            time.sleep(0.05)
        begun.write_text(str(time.time()))
        if "{way}" == "exit":
            app_handle.exit(4)
        else:
            Manager.get_webview_window(app_handle, "main").close()

    threading.Thread(target=leave, daemon=True).start()
"""
    changes = "from transom import Manager\n" + changes
    done = run_app(full(changes), html=calls(f"pyInvoke('{command}')"))
    code = {"exit": 4, "SIGINT": 130, "SIGTERM": 143, "close": 0}[way]
    assert done.code == code, done.output
    assert done.after("begun") < 200, done.output  # what runs would go on for 1000
    assert "Fatal" not in done.output
    assert "panicked" not in done.output
    # The native watchdog ends an app whose interpreter is held.
    assert command == "hold_the_interpreter" or "at exit" in done.output
    if command == "sleep_long":
        assert "sleeper finally" in done.output
        assert "Traceback" not in done.output
        assert "portal closed" in done.output


def test_calls_into_c_one_after_another_do_not_keep_the_process(run_app: RunApp) -> None:
    """Each hand-over of the interpreter's lock takes a second, and an ordinary end has some ten."""
    changes = """
@commands.command()
def hold_often() -> None:
    RUNNING.touch()
    libc = ctypes.PyDLL(None)
    while True:
        libc.usleep(1_000_000)


def set_up(app_handle) -> None:
    def leave():
        while not RUNNING.exists():
            time.sleep(0.05)
        app_handle.exit(4)

    threading.Thread(target=leave, daemon=True).start()
"""
    done = run_app(full(changes), html=calls("pyInvoke('hold_often')"), timeout=180)
    assert done.code == 4, done.output
    # A busy machine may leave the lock free for longer, and the app ends in order.
    in_order = "portal closed" in done.output
    assert in_order != ("the process ends without" in done.output), done.output


def test_an_app_that_may_open_no_file_any_more_goes_on_and_ends_in_order(run_app: RunApp) -> None:
    changes = """
@commands.command()
def open_no_more() -> None:
    import resource
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
"""
    script = "await pyInvoke('open_no_more'); await pyInvoke('quit', 7)"
    done = run_app(full(changes), html=calls(script), timeout=180)
    assert "portal closed" in done.output, done.output
    assert "at exit" in done.output
    assert done.code == 7


def test_windows_go_from_the_screen_before_what_runs_has_ended(run_app: RunApp) -> None:
    script = "pyInvoke('clean_up_long', undefined, {onProgress: () => pyInvoke('quit', 4)})"
    done = run_app(full(), html=calls(script))
    assert "visible: False" in done.output, done.output
    assert done.code == 4


def test_two_that_ask_for_the_end_get_the_first_ones_code(run_app: RunApp) -> None:
    changes = """
@commands.command()
async def quit_twice(app_handle: AppHandle) -> None:
    app_handle.exit(4)
    app_handle.exit(5)
"""
    script = "pyInvoke('clean_up_long', undefined, {onProgress: () => pyInvoke('quit_twice')})"
    done = run_app(full(changes), html=calls(script))
    assert done.code == 4, done.output


@tried_again
def test_windows_that_wait_to_be_built_do_not_keep_the_app(run_app: RunApp) -> None:
    changes = """
from transom.webview import WebviewUrl, WebviewWindowBuilder
refused = []


@commands.command()
def open_many(app_handle: AppHandle) -> None:
    def build(number: int) -> None:
        try:
            WebviewWindowBuilder.build(app_handle, f"w{number}", WebviewUrl.App("other.html"))
        except RuntimeError as error:
            refused.append(str(error))
        else:
            app_handle.exit(5)

    for number in range(40):
        threading.Thread(target=build, args=(number,), daemon=True).start()

def at_end() -> None:
    print("refused", len(refused), set(it.split("`")[0] for it in refused))

atexit.register(at_end)
"""
    done = run_app(full(changes), html=calls("pyInvoke('open_many')"), files=OTHER)
    assert done.code == 5, done.output
    assert "refused " in done.output, done.output
    count = int(done.output.partition("refused ")[2].split()[0])
    # The first that is built asks for the end, which is heard between two others.
    assert count > 20, done.output
    assert "the app ends, so the window" in done.output, done.output


OTHER = {"frontend/other.html": "<!doctype html><meta charset=utf-8><title>other</title>"}


def test_setup_runs_once_on_the_main_thread(run_app: RunApp) -> None:
    changes = """
def set_up(app_handle) -> None:
    print("set up on main:", threading.current_thread() is threading.main_thread())
    print("window:", app_handle is not None)
"""
    done = run_app(full(changes), html=calls("pyInvoke('quit', 0)"))
    assert done.output.count("set up on main: True") == 1


def test_an_exception_in_setup_ends_the_app_and_is_shown(run_app: RunApp) -> None:
    changes = """
def set_up(app_handle) -> None:
    raise LookupError("setup went wrong")
"""
    done = run_app(full(changes))
    assert done.code != 0
    assert "LookupError" in done.output
    assert "setup went wrong" in done.output
    assert "panicked" not in done.output


def test_an_exception_in_a_run_callback_is_contained(run_app: RunApp) -> None:
    changes = """
def at_event(app_handle, event) -> None:
    if isinstance(event, RunEvent.Ready):
        raise LookupError("callback went wrong")
"""
    done = run_app(full(changes), html=calls("pyInvoke('quit', 6)"))
    assert "callback went wrong" in done.output
    assert done.code == 6


CONTEXT = """
from pathlib import Path
from transom import context_factory
HERE = Path(__file__).parent
try:
    context_factory(HERE)
except Exception as error:
    print(f"{type(error).__name__}: {error}")
"""


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"tauri.conf.json": "{ this is no json"}, ["tauri.conf.json"]),
        ({"tauri.conf.json": '{"identifier": "a.b", "nonsense": 1}'}, ["nonsense"]),
        ({"capabilities/broken.toml": "identifier = "}, ["capabilities", "broken.toml"]),
        (
            {
                "capabilities/odd.json": '{"identifier": "odd", "windows": ["main"],'
                ' "permissions": ["transom:no-such-thing"]}'
            },
            ["odd", "transom:no-such-thing"],
        ),
    ],
    ids=["not json", "unknown key", "bad capability", "unknown permission"],
)
def test_a_wrong_configuration_is_a_clear_value_error(
    run_app: RunApp, files: dict[str, str], words: list[str]
) -> None:
    done = run_app(CONTEXT, files=files)
    assert done.output.startswith("ValueError: "), done.output
    for word in words:
        assert word in done.output
    assert done.code == 0


BUILD = """
from pathlib import Path
from transom import Commands, builder_factory, context_factory
HERE = Path(__file__).parent


def attempt(make):
    try:
        make()
    except Exception as error:
        print(f"{type(error).__name__}: {error}")


builder, context = builder_factory(), context_factory(HERE)
attempt(lambda: builder.build(context))
attempt(lambda: builder.build(context, invoke_handler=None, nonsense=1))
builder.build(context, invoke_handler=None)
attempt(lambda: builder.build(context_factory(HERE), invoke_handler=None))
attempt(lambda: context_factory(Path("relative")))
"""


def test_misuse_of_the_builder_says_what_is_wrong(run_app: RunApp) -> None:
    missing, unknown, consumed, relative = run_app(BUILD).output.splitlines()[:4]
    assert missing.startswith("TypeError: ")
    assert "invoke_handler" in missing
    assert unknown.startswith("TypeError: ")
    assert "nonsense" in unknown
    assert consumed == "RuntimeError: Already consumed"
    assert relative.startswith("ValueError: ")
    assert "absolute" in relative
