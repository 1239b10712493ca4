"""Tests how calls and answers are packed for Ray."""

from __future__ import annotations

import pickle

import pytest

from transom._cluster.entry import APART, packed, packed_answer, unpacked, unpacked_answer


@pytest.mark.parametrize("size", [0, 10, APART, 2 * APART])
def test_a_call_is_unpacked_as_it_was_packed(size: int) -> None:
    body = bytearray(b"x" * size)
    data = packed({"id": 7}, body)
    assert isinstance(data, bytes) == (size < APART)
    about, back = unpacked(data)
    assert about == {"id": 7}
    assert bytes(memoryview(back)) == body
    # In one piece, for a way that cannot take two.
    whole = packed({"id": 7}, body, whole=True)
    assert isinstance(whole, bytes)
    assert unpacked(whole) == ({"id": 7}, bytes(body))


def test_an_answer_has_the_frames_that_were_not_handed_over() -> None:
    frames = [(b"I", {"id": 7}, b"1"), (b"J", {"id": 7}, b"null")]
    assert unpacked_answer(packed_answer(3, frames, whole=False)) == (3, frames)
    large = [(b"B", {"id": 7}, b"x" * APART)]
    sent = pickle.loads(pickle.dumps(packed_answer(0, large, whole=False), protocol=5))
    assert unpacked_answer(sent) == (0, large)
