"""PARITY B: commands, called by a page. Each test is named after its row."""

from __future__ import annotations

from typing import Any

import pytest
from harness import Page
from packages import Parity, invoke, rejection, run


@pytest.fixture(scope="module")
def page(parity: Parity) -> Page:
    return parity.start("pages").page()


def test_b1_later_changes_of_the_registry_take_effect(page: Page) -> None:
    assert rejection(page, "newcomer") == "no python handler `newcomer` found"
    invoke(page, "register", "newcomer")
    assert invoke(page, "newcomer") == "later newcomer"
    assert invoke(page, "unregister", "newcomer") is False
    assert rejection(page, "newcomer") == "no python handler `newcomer` found"


def test_b2_a_bound_method_is_a_command(page: Page) -> None:
    assert invoke(page, "greet", "Ada") == "hello, Ada"


@pytest.mark.peer_differs("a plain `def` runs in a thread")
def test_b2_a_plain_function_is_a_command(page: Page) -> None:
    assert invoke(page, "plain", 1) == 2


def test_b3_parameters_come_in_any_order(page: Page) -> None:
    assert invoke(page, "whereabouts", b"") == ["main", "main", "main"]


@pytest.mark.parametrize("size", [0, 1, 1025, 300_000])
def test_b4_b5_bytes(page: Page, size: int) -> None:
    body = bytes(i * 7 % 256 for i in range(size))
    assert invoke(page, "flip", body) == body[::-1]


@pytest.mark.parametrize(
    ("command", "body", "answer"),
    [
        ("same_order", {"customer": "Ada"}, {"customer": "Ada", "lines": []}),
        ("count", {"customer": "Ada", "lines": [{"sku": "a", "count": 2}]}, 2),
        ("backwards", ["a", "ü"], ["ü", "a"]),
        ("next_year", "2024-05-06T07:08:09Z", "2025-05-06T07:08:09Z"),
        ("maybe", None, "None"),
        ("maybe", 4, "4"),
        ("either", 3, "3"),
        ("either", ["a"], "['a']"),
        ("mirrored", {"x": 1, "y": 2.5}, {"x": 2.5, "y": 1}),
        ("doubled", {"a": 2}, {"a": 4}),
        ("anything", {"a": [None, True, 1.5, "☃"]}, {"a": [None, True, 1.5, "☃"]}),
        ("with_default", 7, 7),
        # In by alias, out by field name.
        ("named", {"givenName": "Ada"}, {"given_name": "Ada"}),
    ],
)
def test_b4_b5_what_pydantic_takes(page: Page, command: str, body: Any, answer: Any) -> None:
    assert invoke(page, command, body) == answer


def test_b4_a_default_of_body_is_not_used(page: Page) -> None:
    assert "InvokeBody::Raw" in rejection(page, "with_default")


def test_b5_none_is_null(page: Page) -> None:
    assert run(page, "return [await pyInvoke('nothing')]") == [None]


def test_b5_a_wrong_return_rejects_with_the_validation_error(page: Page) -> None:
    assert rejection(page, "wrong_return").startswith("1 validation error for ")


def test_b5_integers_beyond_2_to_53_lose_digits(page: Page) -> None:
    assert run(page, "return String(await pyInvoke('anything', args[0]))", 2**53) == str(2**53)


def test_b6_invoke_exception_rejects_with_exactly_its_text(page: Page) -> None:
    assert rejection(page, "refuse", "not today: ☃") == "not today: ☃"


def test_b7_another_exception_rejects_with_its_repr(page: Page) -> None:
    assert rejection(page, "boom") == "ValueError('boom', 7)"


def test_b7_another_exception_is_logged_with_its_traceback(parity: Parity) -> None:
    app = parity.start("pages")
    rejection(app.page(), "boom")
    output = app.wait_output("ValueError: ('boom', 7)")
    assert f"LOG ERROR {parity.package.name}.ipc: " in output
    assert "Traceback (most recent call last)" in output
    rejection(app.page(), "refuse", "silent")
    assert "silent" not in app.output()


@pytest.mark.peer_differs("`sys.exit()` in a command is that call's error, and the portal lives on")
def test_b7_sys_exit_is_that_calls_error(parity: Parity) -> None:
    page = parity.start("pages").page()
    script = """
        const failed = pyInvoke("leave").catch((e) => e.message ?? e);
        const late = new Promise((done) => setTimeout(done, 5000, "nothing came"));
        return await Promise.race([failed, late]);
    """
    assert run(page, script) == "SystemExit(3)"
    assert invoke(page, "maybe", 1) == "1"


def test_b8_a_body_that_does_not_fit_rejects_with_pydantics_text(page: Page) -> None:
    text = rejection(page, "count", {"lines": [{"sku": "a", "count": "many"}]})
    assert text.startswith("2 validation errors for Order\ncustomer\n  Field required ")


def test_b8_a_body_that_is_no_json_rejects_with_pydantics_text(page: Page) -> None:
    text = rejection(page, "count", b"{")
    assert text.startswith("1 validation error for Order\n  Invalid JSON: ")
    assert "type=json_invalid" in text


def test_b9_an_unknown_command_is_named(page: Page) -> None:
    assert rejection(page, "nobody") == "no python handler `nobody` found"


def test_b10_a_missing_body_says_what_to_send(page: Page) -> None:
    text = "Please use `ArrayBuffer` or `Uint8Array` for `InvokeBody::Raw`. "
    assert rejection(page, "flip").startswith(text)


def test_b10_absent_state_says_what_to_do(page: Page) -> None:
    text = rejection(page, "needs_absent")
    assert text.startswith("state `<class '")
    assert text.endswith(
        "Absent'>` not managed for field `thing`. "
        "You must call `.manage()` before using this command"
    )


@pytest.mark.peer_differs("names of any text work")
def test_b10_a_name_that_is_not_ascii_works(page: Page) -> None:
    invoke(page, "register", "größe")
    assert invoke(page, "größe") == "later größe"


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_b11_commands_run_at_the_same_time_on_either_loop(parity: Parity, loop: str) -> None:
    page = parity.start("pages", {"PARITY_LOOP": loop}).page()
    script = "return await Promise.all([...Array(40)].map(() => pyInvoke('meet', 40)))"
    assert run(page, script) == [40] * 40


def test_b12_headers_are_lower_case_pairs_without_the_routing_header(
    page: Page, parity: Parity
) -> None:
    script = """
        const headers = {"X-One": "a", "x-two": "b"};
        return await pyInvoke("echo_headers", undefined, {headers});
    """
    got = run(page, script)
    assert ["x-one", "a"] in got
    assert ["x-two", "b"] in got
    assert all(name == name.lower() for name, _ in got)
    assert parity.package.routing not in [name for name, _ in got]
    assert "user-agent" in [name for name, _ in got]


def test_b14_a_window_without_the_permission_may_call_nothing(parity: Parity) -> None:
    capability = parity.capability(["main"], "core:default")
    page = parity.start("pages", capabilities={"main": capability}).page()
    text = rejection(page, "nothing")
    assert "not allowed" in text


def test_b15_array_buffers_go_raw(page: Page) -> None:
    script = "return await pyInvoke('flip', new Uint8Array([1, 2, 3]).buffer)"
    assert run(page, script) == b"\x03\x02\x01"


def test_b15_undefined_is_no_body_and_null_is_one(page: Page) -> None:
    assert run(page, "return await pyInvoke('nothing', undefined)") is None
    assert run(page, "return await pyInvoke('anything', null)") is None
    assert "InvokeBody::Raw" in rejection(page, "anything")
