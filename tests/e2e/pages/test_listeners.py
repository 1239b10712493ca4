"""Tests how many events may wait for a Python listener, and what happens to one more."""

from __future__ import annotations

import itertools

import pytest
from harness import App, Json, Page, RunApp, StartApp

from transom.testing.webdriver import wait_for

MANY = 30_000
FROM_PAGE = 10_000
"""A page needs much longer for as many."""
MANY_SECONDS = 240.0
"""How long those may take on a busy machine."""
_names = itertools.count(1)


@pytest.fixture(scope="module")
def app(start_shared: StartApp) -> App:
    return start_shared("listening")


@pytest.fixture
def page(app: App) -> Page:
    return app.page()


def listen(page: Page, event: str | None = None, **body: Json) -> str:
    """Listens for `event`, or for one of its own, under a name that this gives."""
    name = f"ear-{next(_names)}"
    page.invoke("listen", {"name": name, "event": event or name, **body})
    return name


def hold(page: Page, event: str | None = None, **body: Json) -> str:
    """As `listen`; the listener stands in its first call, for event 0, until `let_go`."""
    name = listen(page, event, held=True, **body)
    page.invoke("emit", {"event": event or name, "count": 1})
    wait_for(lambda: page.invoke("is_inside", name), what="the first call")
    return name


def emit(page: Page, event: str, first: int, count: int, how: str = "emit") -> None:
    page.invoke(how, {"event": event, "first": first, "count": count})


def hears(page: Page, name: str, count: int, seconds: float = 120.0) -> list[int]:
    """What the listener has heard, once it is so many."""
    wait_for(lambda: page.invoke("count", name) >= count, seconds, f"{count} events of {name}")
    return page.invoke("heard", name)


def test_what_a_page_sends_as_fast_as_it_can_is_heard_in_full(page: Page) -> None:
    lost, plain = page.invoke("lost"), listen(page, "from-page")
    on_the_loop = listen(page, "from-page", on_the_loop=True)
    page.run(
        """
        const {emit} = window.__TAURI__.event;
        window.sent = 0;
        const send = async (first) => {
          for (let n = first; n < args[0]; n += 64) { await emit("from-page", n); window.sent++; }
        };
        for (let n = 0; n < 64; n++) send(n);
        """,
        FROM_PAGE,
    )
    page.wait_until(f"window.sent === {FROM_PAGE}", MANY_SECONDS)
    for name in (plain, on_the_loop):
        assert sorted(hears(page, name, FROM_PAGE, MANY_SECONDS)) == list(range(FROM_PAGE))
    assert page.invoke("lost") == lost


def test_events_that_a_page_awaits_are_heard_in_order(page: Page) -> None:
    name = listen(page)
    page.run("for (let n = 0; n < 500; n++) await window.__TAURI__.event.emit(args[0], n)", name)
    assert hears(page, name, 500) == list(range(500))


def test_a_burst_that_nobody_takes_while_it_comes_is_heard_in_full_and_in_order(page: Page) -> None:
    lost, plain = page.invoke("lost"), hold(page, "burst")
    on_the_loop = listen(page, "burst", on_the_loop=True, held=True)
    emit(page, "burst", 1, MANY - 1)
    page.invoke("let_go", plain)
    # As many run at once as may: the others wait for them.
    wait_for(lambda: page.invoke("most", on_the_loop) == 256, MANY_SECONDS, "256 at once")
    page.invoke("let_go", on_the_loop)
    assert hears(page, plain, MANY, MANY_SECONDS) == list(range(MANY))
    heard = hears(page, on_the_loop, MANY - 1, MANY_SECONDS)
    assert sorted(heard) == list(range(1, MANY))
    assert page.invoke("most", on_the_loop) == 256
    assert page.invoke("lost") == lost


@pytest.mark.parametrize(
    ("options", "heard", "lost"),
    [
        ({"bound": 5}, [0, 1, 2, 3, 4, 5], 14),
        ({"bound": 5, "on_full": "drop"}, [0, 1, 2, 3, 4, 5], 14),
        ({"bound": 5, "on_full": "latest"}, [0, 15, 16, 17, 18, 19], 0),
        ({"bound": 1, "on_full": "latest"}, [0, 19], 0),
    ],
)
def test_one_more_than_the_bound(
    app: App, page: Page, options: Json, heard: list[int], lost: int
) -> None:
    before, name = page.invoke("lost"), hold(page, options=options)
    emit(page, name, 1, 19)
    after = listen(page)
    emit(page, after, 0, 1)
    page.invoke("let_go", name)
    # By then the others have had their turn.
    hears(page, after, 1)
    assert page.invoke("heard", name) == heard
    assert page.invoke("lost") == before + lost
    if lost:
        app.wait_output(f"events `{name}` were lost")


def test_a_burst_for_one_listener_takes_nothing_from_another(page: Page) -> None:
    small = hold(page, options={"bound": 3})
    large = listen(page)
    emit(page, small, 1, 5000)
    emit(page, large, 0, 2000)
    page.invoke("let_go", small)
    assert hears(page, large, 2000) == list(range(2000))
    assert page.invoke("heard", small) == [0, 1, 2, 3]


def test_emitters_wait_for_a_listener_that_has_them_wait(page: Page) -> None:
    lost = page.invoke("lost")
    name = hold(page, options={"bound": 5, "on_full": "wait-off-thread"})
    page.run(
        "window.sending = transom.pyInvoke('emit', args[0])",
        {"event": name, "first": 1, "count": 500},
    )
    wait_for(lambda: page.invoke("sent_of", name) == 6, what="as many as there is room for")
    # It stays at that: this emitter is the only one.
    waits = "new Promise((r) => setTimeout(r, 300, 'waits'))"
    assert page.run(f"return await Promise.race([window.sending, {waits}])") == "waits"
    assert page.invoke("sent_of", name) == 6
    page.invoke("let_go", name)
    assert hears(page, name, 501) == list(range(501))
    page.run("await window.sending")
    assert page.invoke("lost") == lost


def test_a_cancel_ends_the_wait_of_an_emitter_and_its_event_is_not_sent(page: Page) -> None:
    lost = page.invoke("lost")
    name = hold(page, options={"bound": 5, "on_full": "wait-off-thread"})
    page.run(
        """
        window.stop = new AbortController();
        window.sending = transom.pyInvoke("emit", args[0], {signal: stop.signal});
        window.sending.catch(() => {});
        """,
        {"event": name, "first": 1, "count": 500},
    )
    wait_for(lambda: page.invoke("sent_of", name) == 6, what="as many as there is room for")
    assert page.run("stop.abort(); return await window.sending.released") == "cancelled"
    page.invoke("let_go", name)
    assert hears(page, name, 6) == list(range(6))
    assert page.invoke("sent_of", name) == 6
    assert page.invoke("lost") == lost


def test_many_emitters_that_wait_lose_nothing(page: Page) -> None:
    lost = page.invoke("lost")
    name = hold(page, options={"bound": 1, "on_full": "wait-off-thread"})
    page.run(
        "window.sending = [...Array(8).keys()].map((n) =>"
        " transom.pyInvoke('emit', {event: args[0], first: 1 + n * 50, count: 50}))",
        name,
    )
    page.invoke("let_go", name)
    assert sorted(hears(page, name, 401)) == list(range(401))
    page.run("await Promise.all(window.sending)")
    assert page.invoke("lost") == lost


@pytest.mark.parametrize("how", ["page", "emit_on_the_loop"])
def test_those_who_cannot_wait_have_room_for_as_many_again(page: Page, how: str) -> None:
    before = page.invoke("lost")
    name = hold(page, options={"bound": 5, "on_full": "wait-off-thread"})
    if how == "page":
        page.run("for (let n = 1; n < 20; n++) await window.__TAURI__.event.emit(args[0], n)", name)
    else:
        emit(page, name, 1, 19, how)
    page.invoke("let_go", name)
    assert hears(page, name, 11) == list(range(11))
    assert page.invoke("lost") == before + 9


def test_a_listener_that_is_removed_is_not_called_for_what_waits(page: Page) -> None:
    name = hold(page, options={"bound": 5, "on_full": "wait-off-thread"})
    page.run(
        "window.sending = transom.pyInvoke('emit', args[0])",
        {"event": name, "first": 1, "count": 50},
    )
    wait_for(lambda: page.invoke("sent_of", name) == 6, what="an emitter that waits")
    page.invoke("unlisten", name)
    # Nobody has that emitter wait any more.
    page.run("await window.sending")
    after = listen(page)
    emit(page, after, 0, 1)
    page.invoke("let_go", name)
    hears(page, after, 1)
    assert page.invoke("heard", name) == [0]


def test_windows_events_keep_their_place_and_are_held_up_by_so_many_only(page: Page) -> None:
    page.invoke("keep_open")
    page.invoke("forget_order")
    name = hold(page)
    emit(page, name, 1, 9)
    page.invoke("ask_to_close")
    emit(page, name, 10, 10)
    page.invoke("let_go", name)
    hears(page, name, 20)
    assert page.invoke("in_order") == [*range(10), "closing", *range(10, 20)]
    page.invoke("forget_order")
    name = hold(page)
    emit(page, name, 1, 5000)
    page.invoke("ask_to_close")
    page.invoke("let_go", name)
    hears(page, name, 5001)
    order = page.invoke("in_order")
    assert order.index("closing") == 1025
    order.remove("closing")
    assert order == list(range(5001))


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ("bound=0", "ValueError: `bound` is 1 to 10000000 events, not 0"),
        ("bound=-1", "ValueError: `bound`"),
        ("bound=10_000_001", "ValueError: `bound`"),
        ("bound=1 << 80", "ValueError: `bound`"),
        ("bound=True", "TypeError: `bound`"),
        ("bound=5.0", "TypeError: `bound`"),
        ("bound='5'", "TypeError: `bound`"),
        ("on_full='block'", 'ValueError: `on_full` is "drop", "latest" or "wait-off-thread"'),
        ("on_full=1", "TypeError: "),
        ("bound=10_000_000, on_full='latest'", "none"),
        ("bound=None", "none"),
    ],
)
def test_what_no_bound_can_be_is_refused(page: Page, options: str, error: str) -> None:
    assert page.invoke("refused", options).startswith(error)


LEAVES = """
import sys
import threading
from pathlib import Path

import transom
from transom import AppHandle, Commands, Emitter, Event, Listener

commands = Commands()
inside, end = threading.Event(), threading.Event()


@commands.command()
def leave(app_handle: AppHandle) -> None:
    def hear(event: Event) -> None:
        inside.set()
        end.wait()

    def send() -> None:
        for n in range(100):
            Emitter.emit_str(app, "waits", str(n))
        print("sent", flush=True)

    async def hear_on_the_loop(event: Event) -> None:
        await anyio.sleep_forever()

    app = app_handle.app
    Listener.listen(app, "full", hear)
    Listener.listen(app, "full", hear_on_the_loop)
    for n in range(150_000):
        Emitter.emit_str(app, "full", str(n))
    inside.wait()
    Listener.listen(app, "waits", hear, bound=5, on_full="wait-off-thread")
    threading.Thread(target=send).start()
    app.exit(5)


import anyio

if __name__ == "__main__":
    sys.exit(transom.run(commands, Path(__file__).parent))
"""
HTML = """<!doctype html><meta charset=utf-8><title>page</title><body></body><script>
__TAURI__.transom.pyInvoke("leave");
</script>"""


def test_an_app_exits_however_much_waits_and_has_no_emitter_wait(run_app: RunApp) -> None:
    ended = run_app(LEAVES, html=HTML)
    assert ended.code == 5, ended.output
    assert "sent" in ended.output
    # 150,000 are more than the default.
    assert "events `full` were lost" in ended.output
