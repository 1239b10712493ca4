"""Tests that host and worker agree on which JSON a page can read."""

from __future__ import annotations

import json
import random

import pytest

from transom._native import check_json
from transom._worker.link.texts import checked, written

GOOD = [
    "null",
    "9007199254740992",
    "-9007199254740992",
    "[1152921504606846976]",
    "123456789012345680000",
    "100000000000000000000",
    "[0.12345678901234567, 1e-1234567890123456789, 1.5E300]",
    '"9007199254740993"',
    '["at 9007199254740993, or so"]',
    r'["\" ,9007199254740993"]',
    '{"9007199254740993": ["NaN", "-Infinity"]}',
    r'"\ud800"',
    "[" * 300 + "]" * 300,
]
BAD = [
    "",
    "NaN",
    '{"a": [NaN]}',
    "[1, -Infinity]",
    "9007199254740993",
    "-9007199254740993",
    '{"a":9007199254740993}',
    "[0.12345678901234567,\n1700000000123456789]",
    r'["\\", 1700000000123456789]',
    "1" * 400,
    "[1",
    "1 2",
    '"\n"',
]


def refusal_of(text: str) -> tuple[bool, bool]:
    return refuses(check_json, text), refuses(checked, text)


def refuses(check: object, text: str) -> bool:
    assert callable(check)
    try:
        check("data", text)
    except ValueError:
        return True
    return False


@pytest.mark.parametrize("text", GOOD)
def test_what_a_page_can_read_passes(text: str) -> None:
    assert refusal_of(text) == (False, False)
    assert written(text) == text.encode()


@pytest.mark.parametrize("text", BAD)
def test_what_a_page_cannot_read_is_refused(text: str) -> None:
    assert refusal_of(text) == (True, True)


@pytest.mark.parametrize("text", ["[1,NaN]", '{"a":Infinity}', "[9007199254740993]"])
def test_what_pydantic_may_write_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"JSON has no word|JavaScript has no number"):
        written(text)


def test_host_and_worker_agree_on_integers_wherever_they_stand() -> None:
    chance = random.Random(1)
    for _ in range(2000):
        number = chance.randrange(-(10 ** chance.randrange(1, 30)), 10 ** chance.randrange(1, 30))
        about = [chance.random(), "a, b: [1" * chance.randrange(4), chance.randrange(1 << 40)]
        text = json.dumps([*about, {"a": number}, *about])
        host, worker = refusal_of(text)
        assert host == worker, text
        if abs(number) <= 2**53:
            assert not host, text
