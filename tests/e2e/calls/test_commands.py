"""Tests commands as a page sees them: bodies, results, errors, and the arguments they ask for."""

from __future__ import annotations

import pytest
from harness import Page, StartApp


@pytest.fixture(scope="module")
def page(start_shared: StartApp) -> Page:
    return start_shared("commands").page()


def test_a_model_is_a_body(page: Page) -> None:
    lines = [{"sku": "a", "count": 2}, {"sku": "b", "count": 3}]
    assert page.invoke("total", {"customer": "Ada", "lines": lines}) == 5


def test_a_model_is_a_return(page: Page) -> None:
    order = {"customer": "Ada", "lines": [{"sku": "a", "count": 2}]}
    assert page.invoke("same_order", order) == order


def test_a_root_model_is_a_body_and_a_return(page: Page) -> None:
    assert page.invoke("backwards", ["a", "b", "ü"]) == ["ü", "b", "a"]


@pytest.mark.parametrize("size", [0, 1, 1025, 300_000])
def test_bytes_cross_both_ways(page: Page, size: int) -> None:
    body = bytes(i * 7 % 256 for i in range(size))
    assert page.invoke("flip", body) == body[::-1]


def test_bytes_are_bytes_however_they_are_written(page: Page) -> None:
    body = bytes(range(256)) * 20
    for command in ("maybe_flip", "blob", "own", "own_in_process", "flip"):
        assert page.invoke(command, body) == body[::-1], command
    assert page.invoke("maybe_flip", None) is None
    assert page.invoke("anything", body) == body


def test_what_is_no_number_does_not_leave_the_process(page: Page) -> None:
    error = page.failure("addresses")
    assert error.code == "result-not-serializable"
    assert "no plain numbers" in error.message


def test_a_result_has_the_declared_fields_only(page: Page) -> None:
    assert page.invoke("declared") == {"name": "Ada"}
    error = page.failure("unchecked")
    assert error.code == "result-not-serializable"
    assert "name\n  Field required" in error.message


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        -1.5,
        "",
        "naïve ☃ 長い\u2028\x00 \U0001f600",
        [],
        [1, [2, [3]]],
        {},
        {"__proto__": 1, "constructor": {"x": None}},
    ],
)
def test_json_of_any_kind_comes_back_as_it_went(page: Page, value: object) -> None:
    assert page.invoke("anything", value) == value


def test_pydantic_adapts_other_types(page: Page) -> None:
    assert page.invoke("year", "2024-05-06T07:08:09Z") == 2024
    assert page.invoke("mirrored", {"x": 1, "y": 2.5}) == {"x": 2.5, "y": 1}
    assert page.invoke("maybe", None) == "None"
    assert page.invoke("maybe", 4) == "4"


def test_no_body_and_no_return(page: Page) -> None:
    assert page.invoke("nothing") is None


def test_a_large_json_body_arrives_whole(page: Page) -> None:
    text = "€" * 1_000_000
    assert page.invoke("größe_长度", text) == len(text)


def test_invoke_exception_gives_exactly_its_text(page: Page) -> None:
    error = page.failure("refuse", "not today: ☃")
    assert (error.code, error.message) == ("command-error", "not today: ☃")
    assert error.details["started"] is True


def test_another_exception_gives_its_repr_and_is_logged(page: Page) -> None:
    error = page.failure("boom")
    assert (error.code, error.message) == ("command-error", "ValueError('boom', 7)")
    assert error.command == "boom"
    assert error.window == "main"


def test_sys_exit_in_a_command_is_the_error_of_that_call(page: Page) -> None:
    error = page.failure("leave")
    assert (error.code, error.message) == ("command-error", "SystemExit(3)")
    assert page.invoke("nothing") is None


def test_a_body_that_is_not_valid_names_the_fields(page: Page) -> None:
    error = page.failure("total", {"lines": [{"sku": "a", "count": "many"}]})
    assert error.code == "invalid-argument"
    assert error.message.startswith("2 validation errors for Order\ncustomer\n  Field required")
    assert error.details["started"] is False


def test_a_missing_body_is_an_invalid_argument(page: Page) -> None:
    error = page.failure("total")
    assert error.code == "invalid-argument"
    assert error.details["started"] is False


def test_a_return_that_does_not_validate_is_that_calls_error(page: Page) -> None:
    error = page.failure("wrong_return")
    assert error.code == "result-not-serializable"
    assert "1 validation error" in error.message
    assert error.details["started"] is True


def test_an_unknown_command_is_named(page: Page) -> None:
    error = page.failure("nobody_home")
    assert (error.code, error.message) == (
        "unknown-command",
        "no python handler `nobody_home` found",
    )
    assert error.details["started"] is False


def test_names_need_not_be_ascii(page: Page) -> None:
    assert page.invoke("größe_长度", "four") == 4


@pytest.mark.parametrize("name", ["__proto__", "constructor"])
def test_names_of_object_prototypes_are_names(page: Page, name: str) -> None:
    assert page.invoke(name).startswith("an ordinary name")


@pytest.mark.parametrize("name", ["toString", "hasOwnProperty"])
def test_names_of_object_prototypes_are_not_commands_by_themselves(page: Page, name: str) -> None:
    assert page.failure(name).code == "unknown-command"


@pytest.mark.parametrize(
    "given",
    [
        "{'x-one': 'a', 'X-Two': 'b'}",
        "[['x-one', 'a'], ['X-Two', 'b']]",
        "new Headers({'x-one': 'a', 'X-Two': 'b'})",
    ],
    ids=["object", "pairs", "Headers"],
)
def test_headers_reach_the_command_in_lower_case(page: Page, given: str) -> None:
    source = f"return await transom.pyInvoke('echo_headers', undefined, {{headers: {given}}})"
    got = page.run(source)
    assert ["x-one", "a"] in got
    assert ["x-two", "b"] in got
    assert not [name for name, _ in got if name == "transom" or name.startswith("tauri-")]


def test_a_command_learns_app_and_window(page: Page) -> None:
    assert page.invoke("whereabouts") == ["main", "main"]


def test_state_is_the_same_object_in_each_call(page: Page) -> None:
    first = page.invoke("bump", 2)
    assert page.invoke("bump", 3) == first + 3


def test_absent_state_says_what_to_do(page: Page) -> None:
    error = page.failure("needs_absent_state")
    assert "not managed for field `path`" in error.message
    assert ".manage()" in error.message


def test_plain_functions_run_in_threads_at_the_same_time(page: Page) -> None:
    three = "return await Promise.all([1, 2, 3].map(() => transom.pyInvoke('meet')))"
    assert page.run(three) == [True, True, True]
    assert page.invoke("thread_name") != "MainThread"


def test_the_last_progress_comes_before_the_result(page: Page) -> None:
    seen, result, after = page.run(
        """
        const seen = [];
        const onProgress = (p) => seen.push(p);
        const result = await transom.pyInvoke("count_up", 200, {onProgress});
        const before = seen.length;
        await new Promise((r) => setTimeout(r, 200));
        return [seen, result, seen.length - before];
        """
    )
    assert result == "counted"
    assert seen[-1] == {"done": 200, "total": 200, "message": "step 200"}
    assert [p["done"] for p in seen] == sorted({p["done"] for p in seen})
    assert after == 0


def test_raw_calls_give_bytes(page: Page) -> None:
    raw = "return await transom.rawPyInvoke('flip', new Uint8Array([1, 2, 3]))"
    assert page.run(raw) == b"\x03\x02\x01"


def test_many_calls_at_once_all_get_their_own_answer(page: Page) -> None:
    got = page.run(
        "const n = [...Array(1000).keys()];"
        "return await Promise.all(n.map((i) => transom.pyInvoke('anything', i)))"
    )
    assert got == list(range(1000))


def test_errors_as_bare_strings_for_apps_that_moved_over(page: Page) -> None:
    got = page.run(
        """
        transom.configure({errors: "string"});
        try {
          return await transom.pyInvoke("refuse", "text only").catch((e) => [typeof e, e]);
        } finally { transom.configure({errors: "error"}); }
        """
    )
    assert got == ["string", "text only"]
