"""PARITY C: state, channels, events, managers, eval. Each test is named after its row."""

from __future__ import annotations

import pytest
from harness import Page
from packages import Parity, invoke, rejection, run

from transom.testing.webdriver import wait_for


@pytest.fixture(scope="module")
def page(parity: Parity) -> Page:
    return parity.start("pages").page()


def test_c1_c7_state_is_kept_by_type_and_managers_agree(page: Page) -> None:
    again, same, absent, text, one_app, no_window = invoke(page, "manage")
    assert again is False
    assert same is True
    assert absent is True
    assert text.startswith("state() called before manage() for <class '")
    assert one_app is True
    assert no_window is True


def test_c2_state_in_a_command_is_one_object(page: Page) -> None:
    first = invoke(page, "bump", 2)
    assert invoke(page, "bump", 3) == first + 3


def test_c2_any_number_of_states_by_any_name(page: Page) -> None:
    assert invoke(page, "two_states") == ["managed", "Counter"]


COLLECT = """
    const got = [];
    const channel = new Channel((m) => got.push(m));
    const body = args[0] === "channel_body" ? channel : {url: "u", channel};
    const answer = await pyInvoke(args[0], body);
    const end = Date.now() + 20000;
    while (got.length < args[1] && Date.now() < end) await new Promise((r) => setTimeout(r, 10));
    return [answer, channel.id, got.map((m) => m instanceof ArrayBuffer ? m : m.text)];
"""


def test_c3_c4_a_channel_as_body_keeps_the_order_of_json_and_bytes(page: Page) -> None:
    answer, number, got = run(page, COLLECT, "channel_body", 202)
    assert answer == number
    assert got == ["json", b"\x00\xff", *map(str, range(200))]


def test_c3_c4_a_channel_as_a_field(page: Page) -> None:
    answer, _, got = run(page, COLLECT, "channel_field", 1)
    assert (answer, got) == ("u", ["u"])


def test_c3_a_bad_id_is_named(page: Page) -> None:
    assert "invalid channel string" in invoke(page, "bad_channel", "nonsense")
    text = rejection(page, "channel_body", "nonsense")
    assert "validation error" in text
    assert "invalid channel string" in text


@pytest.mark.parametrize(
    ("how", "heard"),
    [
        ("emit", ["emit"]),
        ("str", ["str"]),
        ("to", ["to"]),
        ("str_to", ["str_to"]),
        ("filter", ["filter"]),
    ],
)
def test_c5_events_reach_the_page(page: Page, how: str, heard: list[str]) -> None:
    script = """
        const heard = [];
        const unlisten = await listen("note", (event) => heard.push(event.payload.text));
        await pyInvoke("emit", args[0]);
        const end = Date.now() + 20000;
        while (!heard.length && Date.now() < end) await new Promise((r) => setTimeout(r, 10));
        unlisten();
        return heard;
    """
    assert run(page, script, how) == heard


def test_c5_a_filter_that_says_no_reaches_no_target(page: Page) -> None:
    script = """
        const heard = [];
        const target = {target: {kind: "WebviewWindow", label: "main"}};
        const unlisten = await listen("note", (event) => heard.push(event.payload.text), target);
        await pyInvoke("emit", "nobody");
        await pyInvoke("emit", "to");
        const end = Date.now() + 20000;
        while (!heard.length && Date.now() < end) await new Promise((r) => setTimeout(r, 10));
        unlisten();
        return heard;
    """
    assert run(page, script) == ["to"]


def say(page: Page, text: str) -> None:
    run(page, "await emit('said', args[0])", text)


def heard(page: Page, count: int) -> list[str]:
    """What Python's listeners heard, once it is `count` texts."""
    found: list[str] = []

    def enough() -> bool:
        found.extend(invoke(page, "take_heard"))
        return len(found) >= count

    wait_for(enough, what=f"{count} events")
    return sorted(found)


def test_c6_listeners_of_each_kind_and_their_end(page: Page) -> None:
    for kind in ("listen", "listen_any", "once", "once_any"):
        invoke(page, "listen", kind)
    say(page, "a")
    assert heard(page, 4) == [
        'listen True "a"',
        'listen_any True "a"',
        'once True "a"',
        'once_any True "a"',
    ]
    say(page, "b")
    assert heard(page, 2) == ['listen True "b"', 'listen_any True "b"']
    invoke(page, "unlisten")
    invoke(page, "listen", "once")
    say(page, "c")
    assert heard(page, 1) == ['once True "c"']


def test_c8_eval_gives_nothing_back_and_no_error(page: Page) -> None:
    assert invoke(page, "evaluate", "window.__evaluated = 1 + 1") is True
    assert page.wait_until("window.__evaluated") == 2
    assert invoke(page, "evaluate", "throw new Error('lost')") is True
    assert invoke(page, "evaluate", "this is no javascript") is True
