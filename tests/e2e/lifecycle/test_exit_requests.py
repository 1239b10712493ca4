"""Tests requests to exit: handlers that turn them down, signals, and a UI thread that is busy."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from endings import calls, full
from harness import RunApp


def test_prevent_exit_keeps_the_app(run_app: RunApp) -> None:
    changes = """
requests = []


def at_event(app_handle, event) -> None:
    if isinstance(event, RunEvent.ExitRequested):
        requests.append(event.code)
        print("requests", requests)
        if len(requests) == 1:
            event.api.prevent_exit()
            threading.Timer(0.2, app_handle.exit, [5]).start()
"""
    done = run_app(full(changes), html=calls("pyInvoke('close')"))
    assert "requests [None, 5]" in done.output
    assert done.code == 5


ASK_THE_USER = """
sure = False


async def ask_and_exit(app_handle, event) -> None:
    global sure
    match event:
        case RunEvent.ExitRequested(code, api) if not sure:
            api.prevent_exit()
            await asyncio.sleep(0.2)
            sure = True
            app_handle.exit(7)
            await asyncio.sleep(0.3)


def ask_in_thread(app_handle, event) -> None:
    global sure
    match event:
        case RunEvent.ExitRequested(code, api) if not sure:
            api.prevent_exit()
            sure = True
            thread = threading.Thread(target=app_handle.exit, args=[7])
            thread.start()
            thread.join()
            time.sleep(0.3)


async def wait_for_ever(app_handle, event) -> None:
    match event:
        case RunEvent.ExitRequested(code, api):
            api.prevent_exit()
            print("asked")
            os.kill(os.getpid(), SIGNAL)
            await asyncio.sleep(1000)
"""


@pytest.mark.parametrize("handler", ["ask_and_exit", "ask_in_thread"])
def test_an_exit_from_a_handler_that_goes_on_is_not_lost(run_app: RunApp, handler: str) -> None:
    changes = f"{ASK_THE_USER}\nat_event = {handler}"
    done = run_app(full(changes), html=calls("pyInvoke('quit', 1)"))
    assert done.code == 7, done.output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_an_app_whose_handler_does_not_end(run_app: RunApp, number: int) -> None:
    changes = f"SIGNAL = {int(number)}\n{ASK_THE_USER}\nat_event = wait_for_ever"
    done = run_app(full(changes), html=calls("pyInvoke('quit', 1)"))
    assert done.output.count("asked") == 1, done.output
    assert done.code == 128 + number, done.output


OWN_HANDLER = """
def own(signum, frame):
    print("own handler on", threading.current_thread().name, flush=True)
    ACT


def at_event(app_handle, event) -> None:
    if isinstance(event, RunEvent.Ready):
        os.kill(os.getpid(), signal.SIGTERM)


def set_up(app_handle) -> None:
    IN_SETUP
    # In case that nobody hears of the signal.
    timer = threading.Timer(200, app_handle.exit, [9])
    timer.daemon = True
    timer.start()
    global end
    end = lambda: app_handle.exit(3)


BEFORE
"""


@pytest.mark.parametrize("where", ["BEFORE", "IN_SETUP"])
@pytest.mark.parametrize(("act", "code"), [("end()", 3), ("sys.exit(5)", 5)])
def test_a_signal_handler_of_the_program_runs_on_the_main_thread(
    run_app: RunApp, where: str, act: str, code: int
) -> None:
    changes = OWN_HANDLER.replace("ACT", act).replace(where, "signal.signal(signal.SIGTERM, own)")
    changes = changes.replace("BEFORE", "").replace("IN_SETUP", "")
    done = run_app(full(changes))
    assert done.output.count("own handler on MainThread") == 1, done.output
    assert done.code == code, done.output


def test_what_a_signal_handler_raises_comes_out_of_run_return(run_app: RunApp) -> None:
    changes = OWN_HANDLER.replace("ACT", "raise LookupError('by a signal')")
    changes = changes.replace("BEFORE", "signal.signal(signal.SIGTERM, own)").replace(
        "IN_SETUP", ""
    )
    done = run_app(full(changes))
    assert "LookupError: by a signal" in done.output
    assert done.code == 1, done.output


@pytest.mark.parametrize("ask", ["app_handle.exit(7)", "os.kill(os.getpid(), signal.SIGTERM)"])
@pytest.mark.parametrize("where", ["the event loop", "setup"])
def test_an_exit_does_not_wait_for_a_busy_ui_thread(run_app: RunApp, ask: str, where: str) -> None:
    changes = f"""
def busy():
    RUNNING.touch()
    time.sleep(1000)
    print("not busy any more")


def set_up(app_handle) -> None:
    def ask():
        while not RUNNING.exists():
            time.sleep(0.01)
        {ask}

    threading.Thread(target=ask, daemon=True).start()
    {"app_handle.run_on_main_thread(busy)" if where == "the event loop" else "busy()"}
"""
    done = run_app(full(changes))
    assert "not busy any more" not in done.output
    assert done.code == (7 if "exit" in ask else 143), done.output


def listing(page: str, first: str) -> str:
    """The listing of a document that begins with this line."""
    text = (Path(__file__).parents[3] / "docs" / page).read_text()
    return next(it for it in text.split("```python\n") if it.startswith(first)).split("```")[0]


@pytest.mark.parametrize("how", ["app_handle.exit(6)", "webview_window.close()"])
def test_a_callback_waits_for_jobs_as_documented(run_app: RunApp, how: str) -> None:
    changes = f"""
import anyio
from transom import RunEventType


@commands.command(on_close="detach")
async def work(ctx: CallContext) -> None:
    ctx.progress(1, 4)
    while not asked:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    print("work done")


@commands.command()
async def leave(app_handle: AppHandle, webview_window: WebviewWindow) -> None:
    {how}


{listing("reference/process.md", "waits = False")}
asked = []


async def at_event(app_handle, event) -> None:
    if isinstance(event, RunEvent.ExitRequested):
        asked.append(event)
    await finish_jobs(app_handle, event)
"""
    script = "pyInvoke('work', undefined, {onProgress: () => HOW}).catch(() => {})"
    leave = "location.replace('about:blank')" if "exit" in how else "pyInvoke('leave')"
    if "exit" in how:
        changes += """

def set_up(app_handle) -> None:
    def leave():
        while not any(call.detached for call in app_handle.calls()):
            time.sleep(0.01)
        app_handle.exit(6)

    threading.Thread(target=leave, daemon=True).start()
"""
    done = run_app(full(changes), html=calls(script.replace("HOW", leave)))
    assert "work done" in done.output, done.output
    assert done.code == (6 if "exit" in how else 0), done.output


def test_an_exit_request_lists_the_jobs_that_run_and_the_exit_cancels_them(run_app: RunApp) -> None:
    changes = """
@commands.command(on_close="detach")
async def work(ctx: CallContext) -> None:
    ctx.progress(1, 4)
    try:
        await asyncio.sleep(1000)
    finally:
        print("work finally")


def at_event(app_handle, event) -> None:
    match event:
        case RunEvent.ExitRequested(code, api):
            print("jobs", [(job.command, job.detached, job.progress.done) for job in event.jobs])
"""
    # By the request the actors may not know yet that the window has closed.
    html = calls(
        "pyInvoke('work', undefined, {onProgress: () => pyInvoke('close')}).catch(() => {})"
    )
    done = run_app(full(changes), html=html)
    assert "jobs [('work', True, 1.0)]" in done.output
    assert "work finally" in done.output
    assert done.code == 0
