"""Tests that an app sets, reads and deletes the cookies of its windows."""

from __future__ import annotations

from harness import RunApp

COOKIES = """
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

from transom import Commands, Cookie, SameSite, WebviewUrl, WebviewWindowBuilder, WindowClosed, run

commands = Commands()
URL = "http://example.org/shop"


def work(window):
    expires = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(hours=1)
    window.set_cookie(
        Cookie(
            key="session", value="abc", domain="example.org", path="/shop", httponly=True,
            samesite=SameSite.Lax, expires=expires,
        )
    )
    (found,) = window.cookies_for_url(URL)
    print("read", found["key"], found["value"], found["path"], found["httponly"], flush=True)
    kept = found["samesite"] is SameSite.Lax, found["expires"] == expires
    print("as it was set", *kept, flush=True)
    print("elsewhere", window.cookies_for_url("http://example.net/"), flush=True)
    print("among all", "session" in {it["key"] for it in window.cookies()}, flush=True)
    window.delete_cookie(found)
    print("deleted", window.cookies_for_url(URL), flush=True)
    good = {"key": "a", "value": "b"}
    for wrong in ({"key": "a"}, good | {"key": "a\\0"}, good | {"c": 1}, 5):
        try:
            window.set_cookie(wrong)
        except (TypeError, ValueError) as error:
            print("refused", type(error).__name__, error, flush=True)
    try:
        window.cookies_for_url("no address")
    except ValueError:
        print("no address", flush=True)
    window.destroy()
    try:
        window.cookies()
    except WindowClosed:
        print("gone", flush=True)


@commands.command()
async def unused() -> None: ...


def set_up(app_handle):
    import threading

    window = WebviewWindowBuilder.build(app_handle, "shop", WebviewUrl.App("index.html"))

    def run_it():
        try:
            work(window)
        finally:
            app_handle.exit(4)

    threading.Thread(target=run_it, daemon=True).start()


sys.exit(run(commands, Path(__file__).parent, setup=set_up))
"""


def test_cookies_are_set_read_and_deleted(run_app: RunApp) -> None:
    app = run_app(COOKIES)
    assert app.code == 4, app.output
    for line in (
        "read session abc /shop True",
        "as it was set True True",
        "elsewhere []",
        "among all True",
        "deleted []",
        "refused TypeError `Cookie` needs the key `value`",
        "refused ValueError `key` of `Cookie`",
        "refused TypeError `Cookie` has no key `c`",
        "refused TypeError expected a dictionary, `Cookie`, got int",
        "no address",
        "gone",
    ):
        assert line in app.output, app.output
