"""Tests dialogs and notifications in the kit: the test says what the user answers."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from transom import AppHandle, Commands
from transom.plugins import dialog, notification
from transom.plugins.dialog import DialogExt, MessageDialogButtons, MessageDialogKind
from transom.plugins.notification import NotificationExt
from transom.testing import Dialog, InvokeError, TestApp, UnexpectedDialog
from transom.webview import WebviewWindow

pytestmark = pytest.mark.anyio
WaitFor = Callable[..., Awaitable[None]]


@pytest.fixture
def told() -> list[object]:
    return []


@pytest.fixture
def commands(told: list[object]) -> Commands:
    commands = Commands()

    @commands.command()
    async def ask(body: str, webview_window: WebviewWindow) -> bool:
        message = DialogExt.message(webview_window, body)
        return await message.show_async(
            title="Delete",
            parent=webview_window,
            kind=MessageDialogKind.Warning,
            buttons=MessageDialogButtons.OkCancelCustom("Delete", "Keep"),
        )

    @commands.command()
    def ask_in_thread(app_handle: AppHandle) -> bool:
        return DialogExt.message(app_handle, "Sure?").blocking_show()

    @commands.command()
    async def ask_on_the_loop(app_handle: AppHandle) -> bool:
        return DialogExt.message(app_handle, "Sure?").blocking_show()

    @commands.command()
    async def ask_later(app_handle: AppHandle) -> None:
        message = DialogExt.message(app_handle, "Sure?")
        message.show(told.append)

        async def answered(agreed: bool) -> None:
            told.append(f"async: {agreed}")

        message.show(answered)

    @commands.command()
    async def save(app_handle: AppHandle) -> str | None:
        path = await DialogExt.file(app_handle).save_file_async(
            add_filter=("Text", ["txt", "md"]),
            set_directory="notes",
            set_file_name="a.txt",
            set_title="Save",
        )
        return None if path is None else path.as_posix()

    @commands.command()
    def pick(app_handle: AppHandle) -> list[Any]:
        files = DialogExt.file(app_handle)
        return [
            files.blocking_pick_file(),
            files.blocking_pick_files(),
            files.blocking_pick_folder(),
            files.blocking_pick_folders(),
        ]

    return commands


async def test_the_test_answers_what_was_asked(commands: Commands) -> None:
    async with TestApp(commands) as app:
        main = app.window("main")
        app.dialogs.answer(True)
        app.dialogs.answer(False, "message")
        assert await main.invoke("ask", "Delete a?") is True
        assert await main.invoke("ask", "Delete b?") is False
        assert app.dialogs.asked == [
            Dialog(
                "message",
                f"Delete {name}?",
                title="Delete",
                level="Warning",
                buttons=("OkCancelCustom", "Delete", "Keep"),
                parent="main",
            )
            for name in ("a", "b")
        ]


async def test_each_form_is_answered(
    commands: Commands, told: list[object], wait_for: WaitFor
) -> None:
    async with TestApp(commands) as app:
        main = app.window("main")
        app.dialogs.answer(True, "message", always=True)
        assert await main.invoke("ask_in_thread") is True
        await main.invoke("ask_later")
        await wait_for(lambda: len(told) == 2)
        assert {True, "async: True"} == set(told)


async def test_files_are_picked(commands: Commands) -> None:
    async with TestApp(commands) as app:
        main = app.window("main")
        app.dialogs.answer("a", "pick_file")
        app.dialogs.answer([Path("b"), "c"], "pick_files")
        app.dialogs.answer(Path("d"), "pick_folder")
        app.dialogs.answer(None, "pick_folders")
        app.dialogs.answer(lambda it: f"{it.directory}/{it.file_name}", "save_file")
        assert await main.invoke("save") == "notes/a.txt"
        assert await main.invoke("pick") == ["a", ["b", "c"], "d", None]
        first = app.dialogs.asked[0]
        assert (first.kind, first.title) == ("save_file", "Save")
        assert first.filters == (("Text", ("txt", "md")),)


async def test_an_unexpected_dialog_is_an_error_and_no_hang(commands: Commands) -> None:
    failures = list[BaseException]()

    @commands.command()
    async def tries(app_handle: AppHandle) -> None:
        try:
            await DialogExt.message(app_handle, "Sure?").show_async()
        except UnexpectedDialog as error:
            failures.append(error)

    async with TestApp(commands) as app:
        main = app.window("main")
        app.dialogs.answer(None, "save_file")  # not for this one
        for command in ("ask_in_thread", "ask_later"):
            with pytest.raises(InvokeError, match="no answer to this dialog"):
                await main.invoke(command)
        await main.invoke("tries")
        assert "app.dialogs.answer(True, 'message')" in str(failures[0])
        assert [it.message for it in app.dialogs.asked] == ["Sure?"] * 3


async def test_blocking_dialogs_are_refused_where_they_would_block(commands: Commands) -> None:
    async with TestApp(commands) as app:
        app.dialogs.answer(True, always=True)
        with pytest.raises(InvokeError, match="would block the event loop"):
            await app.window("main").invoke("ask_on_the_loop")
        handle: Any = app.app_handle
        with pytest.raises(RuntimeError, match="would block the event loop"):
            DialogExt.message(handle, "Sure?").blocking_show()
        assert app.dialogs.asked == []


def test_a_blocking_dialog_is_refused_on_the_main_thread(commands: Commands) -> None:
    handles = list[Any]()

    async def begin() -> None:
        async with TestApp(commands) as app:
            handles.append(app.app_handle)

    anyio.run(begin)
    with pytest.raises(RuntimeError, match="on the main thread would wait"):
        DialogExt.message(handles[0], "Sure?").blocking_show()


async def test_a_dialog_can_be_left_open(commands: Commands) -> None:
    async with TestApp(commands) as app:
        main = app.window("main")
        app.dialogs.leave_open()
        app.dialogs.leave_open("message")
        asking = main.start("ask", "Delete?")
        with anyio.fail_after(120):
            assert (await app.dialogs.opened()).message == "Delete?"
        app.dialogs.close(True)
        assert await asking is True
        in_thread = main.start("ask_in_thread")
        with anyio.fail_after(120):
            await app.dialogs.opened()
        in_thread.cancel()
        with pytest.raises(InvokeError, match="aborted"):
            await in_thread
        assert await in_thread.released() == "cancelled"
        assert len(app.dialogs.open) == 1
        app.dialogs.close(False)
        with pytest.raises(LookupError, match="no dialog is open"):
            app.dialogs.close(False)


async def test_a_wrong_answer_is_an_error(commands: Commands) -> None:
    async with TestApp(commands) as app:
        wrong: Any = app.dialogs.answer
        for answer, kind, text in (
            ("yes", "message", "a message is answered by True or False"),
            (True, "save_file", "`save_file` is answered by a path or None"),
            ("a", "pick_files", "`pick_files` is answered by a list of paths"),
        ):
            with pytest.raises(TypeError, match=text):
                wrong(answer, kind)
        with pytest.raises(ValueError, match="there is no dialog 'save'; there are: message"):
            wrong(None, "save")
        app.dialogs.answer("yes")
        with pytest.raises(InvokeError, match="a message is answered by True or False"):
            await app.window("main").invoke("ask_in_thread")


async def test_a_parent_beyond_reach_is_refused(commands: Commands) -> None:
    @commands.command()
    async def ask_other(app_handle: AppHandle) -> None:
        other: Any = others[0]
        DialogExt.message(app_handle, "Sure?").show(lambda _: None, parent=other)

    others = list[object]()
    async with TestApp(commands) as app:
        others.append(app.window("other").webview_window)
        with pytest.raises(InvokeError, match="other"):
            await app.window("viewer", allow=[{"command": "*"}]).invoke("ask_other")
        assert app.dialogs.asked == []


async def test_a_handler_that_fails_is_logged(
    commands: Commands, caplog: pytest.LogCaptureFixture, wait_for: WaitFor
) -> None:
    @commands.command()
    def fails(app_handle: AppHandle) -> None:
        def answered(_: object) -> None:
            raise ZeroDivisionError("of a dialog")

        DialogExt.file(app_handle).pick_file(answered)

    async with TestApp(commands) as app:
        app.dialogs.answer("a", "pick_file")
        with caplog.at_level(logging.ERROR, "transom"):
            await app.window("main").invoke("fails")
            await wait_for(lambda: "ZeroDivisionError: of a dialog" in caplog.text)


async def test_notifications_are_recorded(commands: Commands) -> None:
    @commands.command()
    async def notify(body: str, app_handle: AppHandle) -> None:
        NotificationExt.builder(app_handle).show(title="Done", body=body)

    async with TestApp(commands) as app:
        main = app.window("main")
        await main.invoke("notify", "All of it")
        assert app.notifications == [{"title": "Done", "body": "All of it"}]
        with pytest.raises(InvokeError, match="NUL character"):
            await main.invoke("notify", "a\0b")


async def test_plugins_are_registered_and_removed_without_an_effect(commands: Commands) -> None:
    async with TestApp(commands) as app:
        handle = app.window("main").app_handle
        handle.plugin(notification.init())
        handle.plugin(dialog.init())
        assert [handle.remove_plugin("dialog"), handle.remove_plugin("dialog")] == [True, False]
        with pytest.raises(ValueError, match="it is Transom itself"):
            handle.remove_plugin("transom")
        with pytest.raises(TypeError, match="instance of 'Plugin'"):
            handle.plugin("dialog")
