"""Tests streams in real windows: order, credit, and every way in which one ends.

This is one file because its tests share one app and one way of opening a stream.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from harness import NO_FETCH, Page, PageError, StartApp
from patience import tried_again

from transom.testing.webdriver import wait_for

LIMIT = 120.0
names = (f"stream {n}" for n in itertools.count())

COLLECT = """
const [command, body, options] = args;
const items = [];
try {
  for await (const item of transom.pyStream(command, body, options ?? undefined)) items.push(item);
} catch (error) {
  return [items, error];
}
return [items, null];
"""

OPEN = """
const [name, command, body, options] = args;
window.streams = window.streams ?? {};
const controller = new AbortController();
const stream = transom.pyStream(command, body, {...options, signal: controller.signal});
window.streams[name] = {stream, controller};
"""

TAKE = """
const {stream} = window.streams[args[0]];
const items = [];
while (items.length < args[1]) {
  const {value, done} = await stream.next();
  if (done) break;
  items.push(value);
}
return items;
"""


@pytest.fixture(
    scope="module",
    params=[
        pytest.param({}, id="asyncio"),
        pytest.param({"PORTAL": "trio"}, id="trio"),
        pytest.param({"TRANSOM_FAST_PATH": "0"}, id="all through actix"),
        pytest.param(None, id="no fetch"),
    ],
)
def page(start_shared: StartApp, request: pytest.FixtureRequest) -> Page:
    page = start_shared("streams", env=request.param).page()
    if request.param is None:
        page.run(NO_FETCH)
    return page


@pytest.fixture(
    params=["count", "count_in_thread", "count_in_process", "count_on_the_loop_of_a_process"]
)
def count(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def name() -> str:
    return next(names)


def collect(page: Page, command: str, body: Any = None, **options: Any) -> tuple[Any, Any]:
    """The items of a stream, and the error that its loop threw."""
    items, error = page.run(COLLECT, command, body, options)
    return items, error


def open_stream(page: Page, name: str, command: str, options: Any = None, **order: Any) -> None:
    page.run(OPEN, name, command, {"name": name, **order}, options or {})


def take(page: Page, name: str, n: int) -> list[Any]:
    return page.run(TAKE, name, n)


def produced(page: Page, name: str) -> int:
    return page.invoke("produced", name)


def wait_produced(page: Page, name: str, n: int) -> None:
    """Waits until the generator has come to item `n`, and sees that it goes no further."""
    wait_for(lambda: produced(page, name) >= n, LIMIT, f"item {n} of {name}")
    seen = {produced(page, name) for _ in range(10)}
    assert seen == {n}


def wait_closed(page: Page, name: str) -> None:
    wait_for(lambda: f"{name} closed" in page.invoke("journal"), LIMIT, f"the end of {name}")
    wait_for(lambda: page.invoke("host") == {"calls": []}, LIMIT, "no call")


def numbers(items: list[str]) -> list[int]:
    return [int(item) for item in items]


def test_ten_thousand_items_come_in_order(page: Page, count: str, name: str) -> None:
    items, error = collect(page, count, {"name": name, "count": 10_000})
    assert error is None
    assert numbers(items) == list(range(10_000))
    wait_closed(page, name)


@pytest.fixture(params=["", "_in_process"])
def where(request: pytest.FixtureRequest) -> str:
    """What follows a command's name, by the process that it runs in."""
    return request.param


def test_items_are_encoded_as_their_type(page: Page, where: str) -> None:
    items, error = collect(page, f"lines{where}", 3)
    assert error is None
    assert items == [{"number": n, "text": "x" * 20} for n in range(3)]


def test_bytes_arrive_as_array_buffers(page: Page, where: str) -> None:
    sizes = [0, 1, 300, 70_000, 0, 300_000, 5]
    items, error = collect(page, f"chunks{where}", sizes)
    assert error is None
    assert items == [bytes(i % 256 for i in range(size)) for size in sizes]


def test_a_function_may_return_an_iterator(page: Page) -> None:
    for command in ("plain_list", "opened"):
        assert collect(page, command, 3) == ([0, 1, 2], None)
        assert collect(page, command, 0) == ([], None)


def test_without_credit_the_generator_waits_at_its_yield(page: Page, count: str, name: str) -> None:
    open_stream(page, name, count, {"buffer": 10})
    # Ten are on their way, and it holds the next.
    wait_produced(page, name, 11)
    for n, taken in ((10, 10), (25, 35)):
        assert len(take(page, name, n)) == n
        wait_for(
            lambda taken=taken: produced(page, name) > taken + 4, LIMIT, "credit given back at half"
        )
        assert max(produced(page, name) for _ in range(10)) <= taken + 11
    assert numbers(take(page, name, 1)) == [35]
    page.run("await window.streams[args[0]].stream.return()", name)
    wait_closed(page, name)


def test_the_default_credit_is_1024_items_or_256_kib(page: Page, count: str, name: str) -> None:
    open_stream(page, name, count)
    wait_produced(page, name, 1025)
    large = f"{name}, large"
    open_stream(page, large, count, size=60 * 1024)
    wait_produced(page, large, 5)
    for each in (name, large):
        page.run("await window.streams[args[0]].stream.return()", each)
    wait_closed(page, name)
    wait_closed(page, large)


def test_a_buffer_of_one_is_lock_step(page: Page, count: str, name: str) -> None:
    open_stream(page, name, count, {"buffer": 1})
    for n in range(4):
        wait_produced(page, name, n + 2)
        assert numbers(take(page, name, 1)) == [n]
    page.run("window.streams[args[0]].controller.abort()", name)
    wait_closed(page, name)


def test_break_closes_the_generator(page: Page, count: str, name: str) -> None:
    source = """
    const items = [];
    for await (const item of transom.pyStream(args[0], args[1])) {
      items.push(item);
      if (items.length === 5) break;
    }
    return items;
    """
    assert numbers(page.run(source, count, {"name": name})) == list(range(5))
    wait_closed(page, name)


def test_a_throw_in_the_loop_closes_the_generator(page: Page, count: str, name: str) -> None:
    source = "for await (const _ of transom.pyStream(args[0], args[1])) throw new Error('mine')"
    with pytest.raises(PageError, match="mine"):
        page.run(source, count, {"name": name})
    wait_closed(page, name)


def test_abort_throws_the_reason_and_closes_the_generator(
    page: Page, count: str, name: str
) -> None:
    open_stream(page, name, count, {"buffer": 3})
    assert len(take(page, name, 2)) == 2
    source = """
    const {stream, controller} = window.streams[args[0]];
    controller.abort(new TypeError("my reason"));
    return await stream.next();
    """
    with pytest.raises(PageError) as caught:
        page.run(source, name)
    assert (caught.value.name, caught.value.message) == ("TypeError", "my reason")
    assert take(page, name, 1) == []
    wait_closed(page, name)


def test_abort_while_the_loop_waits_throws_the_reason(page: Page, count: str, name: str) -> None:
    open_stream(page, name, count, pause=0.05)
    source = """
    const {stream, controller} = window.streams[args[0]];
    const caught = (async () => { for await (const _ of stream); })().catch((e) => e);
    setTimeout(() => controller.abort("enough"), 50);
    return await caught;
    """
    assert page.run(source, name) == "enough"
    wait_closed(page, name)


def test_a_signal_aborted_before_sends_nothing(page: Page) -> None:
    source = """
    const stream = transom.pyStream("ticks", "never", {signal: AbortSignal.abort("before")});
    return await stream.next().catch((reason) => reason);
    """
    assert page.run(source) == "before"
    assert produced(page, "never") == 0


def test_an_exception_comes_after_the_items_before_it(page: Page, count: str, name: str) -> None:
    items, error = collect(page, count, {"name": name, "fails_at": 2000})
    assert numbers(items) == list(range(2000))
    assert (error.code, error.message) == ("command-error", "told to fail")
    assert error.details["started"] is True
    wait_closed(page, name)


def test_errors_have_the_codes_of_a_plain_command(page: Page, where: str) -> None:
    items, error = collect(page, f"wrong{where}", 7)
    assert (items, error.code) == ([7], "result-not-serializable")
    items, error = collect(page, "exits")
    assert (items, error.code, error.message) == ([1], "command-error", "SystemExit(3)")
    items, error = collect(page, "count", "no order")
    assert (items, error.code, error.details["started"]) == ([], "invalid-argument", False)
    items, error = collect(page, "nobody")
    assert (items, error.code) == ([], "unknown-command")


def test_the_wrong_function_is_told_the_right_one(page: Page, where: str) -> None:
    lines, one = f"lines{where}", f"one{where}"
    for error in (page.failure(lines, 1), collect(page, one)[1]):
        assert (error.code, error.details["started"]) == ("invalid-argument", False)
    assert "pyStream" in page.failure(lines, 1).message
    assert "pyInvoke" in collect(page, one)[1].message
    assert "one ran" not in page.invoke("journal")


def test_a_buffer_is_from_1_to_1024(page: Page) -> None:
    for buffer in (0, 1025, 1.5, "2"):
        error = collect(page, "lines", 1, buffer=buffer)[1]
        assert (error.code, error.details["started"]) == ("invalid-argument", False)


def test_two_streams_at_once_do_not_mix(page: Page, name: str) -> None:
    source = """
    const read = async (command, name) => {
      const items = [];
      for await (const item of transom.pyStream(command, {name, count: 3000})) items.push(item);
      return items;
    };
    return await Promise.all([read("count", args[0]), read("count_in_thread", args[0] + " b")]);
    """
    for items in page.run(source, name):
        assert numbers(items) == list(range(3000))


def test_conflation_keeps_the_latest_and_never_stops_the_generator(
    page: Page, where: str, name: str
) -> None:
    page.run(OPEN, name, f"ticks{where}", name, {"conflate": True})
    (first,) = take(page, name, 1)
    wait_for(lambda: produced(page, name) > first + 20_000, LIMIT, "a generator that goes on")
    # The latest that has come to the host: some thousand may be on their way from a worker.
    (second,) = take(page, name, 1)
    assert second > first + 5000
    page.run("window.streams[args[0]].controller.abort()", name)
    wait_closed(page, name)


def test_a_conflated_stream_ends_with_its_last_item(page: Page, count: str, name: str) -> None:
    items, error = collect(page, count, {"name": name, "count": 3000}, conflate=True)
    assert error is None
    assert numbers(items)[-1] == 2999
    assert numbers(items) == sorted(set(numbers(items)))


def test_progress_comes_in_a_stream(page: Page) -> None:
    source = """
    const seen = [];
    const onProgress = (progress) => seen.push(progress.done);
    for await (const _ of transom.pyStream("steps", 50, {onProgress, buffer: 1}));
    return seen;
    """
    seen = page.run(source)
    assert seen == sorted(seen)
    assert seen[-1] == 50


def test_a_stream_is_one_call_and_holds_one_permit(page: Page, name: str) -> None:
    first, second = f"{name} a", f"{name} b"
    open_stream(page, first, "count_alone", {"buffer": 1})
    wait_produced(page, first, 2)
    assert page.invoke("host") == {"calls": ["count_alone"]}
    open_stream(page, second, "count_alone", {"buffer": 1})
    assert page.invoke("host") == {"calls": ["count_alone", "count_alone"]}
    assert produced(page, second) == 0
    page.run("await window.streams[args[0]].stream.return()", first)
    wait_produced(page, second, 2)
    page.run("await window.streams[args[0]].stream.return()", second)
    wait_closed(page, second)


def test_a_reload_closes_the_generator(page: Page, count: str, name: str) -> None:
    open_stream(page, name, count, {"buffer": 5})
    wait_produced(page, name, 6)
    page.reload()
    wait_closed(page, name)


LIE = """
const real = window.fetch;
window.beHonest = () => { window.fetch = real; };
// Each time: a pull that comes before its call is not looked at.
window.fetch = (url, init) => {
  if (!String(url).includes("next")) return real(url, init);
  const frame = JSON.parse(init.body);
  return real(url, {...init, body: JSON.stringify({...frame, ...args[0]})});
};
"""


@pytest.mark.parametrize("lie", [{"received": 5, "taken": 5}, {"taken": 1}, {"received": 1}])
def test_a_pull_with_credit_that_was_not_given_closes_the_stream(
    start_shared: StartApp, count: str, name: str, lie: dict[str, int]
) -> None:
    page = start_shared("streams", env={}).page()
    page.run(LIE, lie)
    items, error = collect(page, count, {"name": name})
    page.run("window.beHonest()")
    assert (items, error.code) == ([], "protocol-error")
    assert error.details["started"] in (False, True), "its code may not have begun yet"
    wait_for(lambda: page.invoke("host") == {"calls": []}, LIMIT, "no call")
    assert collect(page, count, {"name": f"{name} next", "count": 3})[1] is None


@tried_again
def test_a_timeout_is_the_wait_for_the_next_item(page: Page, count: str) -> None:
    name = next(names)
    assert len(collect(page, count, {"name": name, "count": 1})[0]) == 1, "there is a worker"
    order = {"name": name, "count": 25, "pause": 0.1}
    items, error = collect(page, count, order, timeout=2000)
    assert (len(items), error) == (25, None)
    items, error = collect(page, count, order | {"pause": 2.5}, timeout=1000)
    assert (items, error.code, error.name) == ([], "deadline-exceeded", "TimeoutError")
    assert error.details["started"] is True
    wait_closed(page, name)


@tried_again
def test_a_generator_that_waits_for_credit_does_not_expire(page: Page, count: str) -> None:
    name = next(names)
    open_stream(page, name, count, {"buffer": 1, "timeout": 1000})
    try:
        assert len(take(page, name, 1)) == 1
        page.run("await new Promise((resolve) => setTimeout(resolve, 2000))")
        assert numbers(take(page, name, 3)) == [1, 2, 3]
    except PageError as error:  # an item took longer, or it has expired
        raise AssertionError(error) from error
    page.run("await window.streams[args[0]].stream.return()", name)
    wait_closed(page, name)


@tried_again
def test_a_total_timeout_ends_the_whole(page: Page, count: str) -> None:
    name = next(names)
    items, error = collect(page, count, {"name": name, "pause": 0.02}, totalTimeout=1000)
    assert items
    assert error.code == "deadline-exceeded"
    wait_closed(page, name)


def test_the_smaller_total_timeout_wins_of_the_command_and_the_page(page: Page, name: str) -> None:
    for asked, wins in [(None, 1000), (60_000, 1000), (100, 100)]:
        order = {"name": f"{name} {asked}", "pause": 0.02}
        options = {} if asked is None else {"totalTimeout": asked}
        _, error = collect(page, "count_briefly", order, **options)
        assert error.code == "deadline-exceeded"
        assert error.details["timeoutMs"] == wins
        if error.details["started"]:
            wait_closed(page, order["name"])


def test_a_total_timeout_counts_while_the_generator_waits_for_the_loop(
    page: Page, name: str
) -> None:
    open_stream(page, name, "count_briefly", {"buffer": 1})
    wait_closed(page, name)


def test_released_says_when_the_generator_was_closed(page: Page, count: str, name: str) -> None:
    open_stream(page, name, count, {"buffer": 1})
    assert len(take(page, name, 1)) == 1
    source = "const {stream} = window.streams[args[0]]; await stream.return();"
    assert page.run(f"{source} return await stream.released", name) == "cancelled"
    assert f"{name} closed" in page.invoke("journal")
