"""Test app: runs through one lifecycle, chosen by PARITY_CASE; reports it as JSON lines."""

import json
import os
import threading
import time
from pathlib import Path
from typing import Any

from anyio.from_thread import start_blocking_portal
from pytauri import AppHandle, Commands, Manager, RunEvent, Theme
from pytauri_wheel.lib import builder_factory, context_factory

HERE = Path(__file__).parent
CASE = os.environ["PARITY_CASE"]
PATCH = os.environ.get("PARITY_PATCH")

seen: list[str] = []


def tell(**what: Any) -> None:
    print(json.dumps(what), flush=True)


def failure(action: Any) -> str:
    try:
        action()
    except Exception as error:  # noqa: BLE001 - the kind is what is asked for
        return f"{type(error).__name__}: {error}"
    return "ok"


class Kept:
    """State that `setup` manages."""


def set_up(app_handle: AppHandle) -> None:
    seen.append("setup")
    tell(
        setup_on_main=threading.current_thread() is threading.main_thread(),
        windows=sorted(Manager.webview_windows(app_handle)),
        managed=Manager.manage(app_handle, Kept()),
    )
    if CASE == "setup fails":
        raise ValueError("setup said no")


def ask_the_handle(app_handle: AppHandle) -> None:
    """What a thread of the user's gets from the handle."""
    config = app_handle.config()
    x, y = app_handle.cursor_position()
    monitors = app_handle.available_monitors()
    on_main = threading.Event()
    app_handle.run_on_main_thread(on_main.set)
    app_handle.set_theme(Theme.Dark)
    app_handle.set_theme(None)
    tell(
        identifier=config["identifier"],
        cursor=[type(x).__name__, type(y).__name__],
        monitors=len(monitors),
        monitor=[*monitors[0].size, monitors[0].scale_factor > 0],
        primary=app_handle.primary_monitor() is not None,
        corner=app_handle.monitor_from_point(5.0, 5.0) is not None,
        on_main=on_main.wait(120),
        key=len(app_handle.invoke_key()) > 0,
    )
    app_handle.exit(0)


def at_event(app_handle: AppHandle, event: Any) -> None:
    name = type(event).__name__.removeprefix("RunEvent_")
    if name not in seen and name != "_NonExhaustive":
        seen.append(name)
    match event:
        case RunEvent.Ready():
            if CASE == "handle":
                threading.Thread(target=ask_the_handle, args=(app_handle,)).start()
            elif CASE == "raises":
                raise ValueError("a callback said no")
            elif CASE == "destroy":
                for window in Manager.webview_windows(app_handle).values():
                    window.destroy()
            else:
                app_handle.exit(int(os.environ.get("PARITY_CODE", "0")))
        case RunEvent.ExitRequested(code, api):
            codes.append(code)
            if CASE == "prevent" and len(codes) == 1:
                api.prevent_exit()
                threading.Timer(0.3, app_handle.exit, (9,)).start()
        case RunEvent.Exit() if CASE == "exit again":
            time.sleep(0.5)  # the loop may end meanwhile, if nobody waits for this callback
            app_handle.exit(0)
        case RunEvent.WindowEvent(label, _):
            labels.add(label)
        case _:
            pass


codes: list[int | None] = []
labels: set[str] = set()


def exit_when_ready(app_handle: AppHandle, event: Any) -> None:
    if isinstance(event, RunEvent.Ready):
        app_handle.exit(0)


def build_errors(portal: Any) -> None:
    """What `build` says to wrong arguments, and to things that were used before."""
    handler = Commands().generate_handler(portal)
    tell(no_arguments=failure(lambda: builder_factory().build(context_factory(HERE))))
    builder, context = builder_factory(), context_factory(HERE)
    app = builder.build(context, invoke_handler=handler)
    same = app.handle() is app.handle() is Manager.app_handle(app)
    tell(
        builder=failure(lambda: builder.build(context_factory(HERE), invoke_handler=None)),
        context=failure(lambda: builder_factory().build(context, invoke_handler=None)),
        same_handle=same,
    )
    app.run_on_main_thread(lambda: tell(app_on_main=True))
    code = app.run_return(exit_when_ready)
    tell(
        code=code,
        after=[failure(app.handle), failure(app.run_return)],
    )


def unknown_argument() -> None:
    build = builder_factory().build
    tell(unknown=failure(lambda: build(context_factory(HERE), invoke_handler=None, nonsense=1)))


def main() -> None:
    if CASE == "unknown argument":
        unknown_argument()
        return
    with start_blocking_portal("asyncio") as portal:
        if CASE == "errors":
            build_errors(portal)
            return
        app = builder_factory().build(
            context=context_factory(HERE, tauri_config=PATCH),
            invoke_handler=Commands().generate_handler(portal),
            setup=set_up,
        )
        tell(before_the_loop=list(seen))
        try:
            code = app.run_return(at_event)
        except BaseException as error:  # noqa: BLE001 - the kind is what is asked for
            tell(raised=str(error), kind=type(error).__name__)
        else:
            tell(returned=code, seen=seen, codes=codes, labels=sorted(labels))


if __name__ == "__main__":
    main()
