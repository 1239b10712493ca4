"""An app with every plugin."""

import logging
import sys
from pathlib import Path
from typing import Any

from anyio.from_thread import start_blocking_portal

from transom import AppHandle, Commands, Event, Listener, builder_factory, context_factory
from transom.plugins import (
    autostart,
    clipboard_manager,
    deep_link,
    dialog,
    fs,
    global_shortcut,
    http,
    log,
    notification,
    opener,
    os,
    persisted_scope,
    positioner,
    process,
    shell,
    single_instance,
    store,
    updater,
    upload,
    websocket,
    window_state,
)
from transom.plugins.dialog import DialogExt, MessageDialogButtons
from transom.plugins.notification import NotificationExt

HERE = Path(__file__).parent
commands = Commands()
refused = dict[str, str]()
late = store.init()


def again(app_handle: AppHandle, argv: list[str], cwd: str) -> None:
    print("again", argv, cwd)
    raise ValueError("the second instance was not welcome")


@commands.command()
async def ask(body: str, app_handle: AppHandle) -> bool:
    message = DialogExt.message(app_handle, "Are you sure?")
    return await message.show_async(title=body, buttons=MessageDialogButtons.YesNo())


@commands.command()
def ask_in_thread(body: str, app_handle: AppHandle) -> bool:
    message = DialogExt.message(app_handle, "Are you sure?")
    return message.blocking_show(title=body, buttons=MessageDialogButtons.OkCancel())


@commands.command()
async def ask_and_raise(body: str, app_handle: AppHandle) -> None:
    def answered(agreed: bool) -> None:
        raise ValueError(f"the handler was told {agreed}")

    DialogExt.message(app_handle, "Are you sure?").show(answered, title=body)


@commands.command()
async def save(body: str, app_handle: AppHandle) -> str | None:
    picked = await DialogExt.file(app_handle).save_file_async(
        set_title=body,
        set_directory=HERE,
        set_file_name="picked.txt",
        add_filter=[("Text", ["txt"]), ("All", ["*"])],
    )
    return None if picked is None else str(picked)


@commands.command()
async def notify(app_handle: AppHandle) -> None:
    NotificationExt.builder(app_handle).show(title="Done", body="All of it", silent=True)


def try_to_block(where: str, app_handle: AppHandle) -> None:
    try:
        DialogExt.message(app_handle, "Are you sure?").blocking_show()
    except RuntimeError as error:
        refused[where] = str(error)


@commands.command()
async def where_refused(app_handle: AppHandle) -> dict[str, str]:
    try_to_block("loop", app_handle)
    return refused


@commands.command()
async def register_late(app_handle: AppHandle) -> list[object]:
    app_handle.plugin(late)
    wrong: list[Any] = [late, store]
    said = list[object]()
    for it in wrong:
        try:
            app_handle.plugin(it)
        except (RuntimeError, TypeError) as error:
            said.append(str(error))
    return said


@commands.command()
async def remove(body: str, app_handle: AppHandle) -> list[object]:
    removed: list[object] = [app_handle.remove_plugin(body), app_handle.remove_plugin(body)]
    try:
        app_handle.remove_plugin("transom")
    except ValueError as error:
        return [*removed, str(error)]
    return removed


def setup(app_handle: AppHandle) -> None:
    def ask_in_callback(event: Event) -> None:
        message = DialogExt.message(app_handle, "Are you sure?")
        buttons = MessageDialogButtons.OkCancel()
        print("the callback was told", message.blocking_show(title="of-callback", buttons=buttons))

    async def ask_on_loop(event: Event) -> None:
        try_to_block("callback", app_handle)

    Listener.listen(app_handle, "ask", ask_in_callback)
    Listener.listen(app_handle, "ask", ask_on_loop)
    try_to_block("setup", app_handle)
    app_handle.run_on_main_thread(lambda: try_to_block("main", app_handle))


def main() -> int:
    logging.basicConfig(level=logging.INFO)
    with start_blocking_portal("asyncio") as portal:
        app = builder_factory().build(
            context=context_factory(HERE),
            invoke_handler=commands.generate_handler(portal),
            setup=setup,
            plugins=[
                single_instance.init(again),
                autostart.init(args=["--quiet start"]),
                clipboard_manager.init(),
                deep_link.init(),
                dialog.init(),
                fs.init(),
                global_shortcut.Builder.build(),
                http.init(),
                log.init(),
                notification.init(),
                opener.init(),
                os.init(),
                persisted_scope.init(),
                positioner.init(),
                process.init(),
                shell.init(),
                updater.Builder.build(),
                upload.init(),
                websocket.init(),
                window_state.Builder.build(),
            ],
        )
        return app.run_return()


if __name__ == "__main__":
    code = main()
    print("ended with", code)
    sys.exit(code)
