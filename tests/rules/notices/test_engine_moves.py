"""Moves of lines as bytes: what goes in comes out, and damaged bytes are refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.engines.metering.engine import moves
from amends.engines.metering.engine.layout import STATE, TERMS, Lines, aligned, new_lines
from amends.engines.metering.engine.moves import UnableToReadMoves, as_moves, from_moves


def _lines(body: bytes) -> Lines:
    """Lines whose state is anything at all."""
    count = len(body) // (STATE.itemsize + TERMS.itemsize)
    state = aligned(count, STATE)
    state.view(np.uint8)[:] = np.frombuffer(body, np.uint8, count * STATE.itemsize)
    terms = np.frombuffer(body, TERMS, count, offset=count * STATE.itemsize).copy()
    return Lines(state, terms)


sizes = STATE.itemsize + TERMS.itemsize
bodies = st.integers(0, 8).flatmap(
    lambda count: st.lists(
        st.sampled_from([0, 0, 0, 1, 127, 128, 255]), min_size=count * sizes, max_size=count * sizes
    ).map(bytes)
)


@given(bodies, st.data())
def test_any_state_comes_back(body, data):
    lines = _lines(body)
    wanted = data.draw(st.sets(st.integers(0, len(lines) - 1))) if len(lines) else set()
    numbers = np.array(sorted(wanted), np.int64)
    found, part = from_moves(as_moves(lines, numbers))
    assert found.tolist() == numbers.tolist()
    assert part.state.tobytes() == lines.state[numbers].tobytes()
    assert part.terms.tobytes() == lines.terms[numbers].tobytes()


def test_many_lines_far_apart_in_pieces(monkeypatch):
    monkeypatch.setattr(moves, "_AT_ONCE", 7)
    lines = new_lines(np.arange(300_000) % 5, np.arange(300_000) % 3)
    lines.state["used"][:, 0] = np.arange(300_000) * 3**20
    numbers = np.array([0, 1, 2, *range(100, 299_999, 7_919), 299_999])
    found, part = from_moves(as_moves(lines, numbers))
    assert found.tolist() == numbers.tolist()
    assert part.state.tobytes() == lines.state[numbers].tobytes()


def test_a_line_that_used_little_takes_few_bytes():
    lines = new_lines(np.zeros(1_000), np.zeros(1_000))
    lines.state["period"] = 10
    lines.state["used"][:, 0] = 5_000_000
    assert len(as_moves(lines, np.arange(1_000))) < 13 * 1_000


def test_moves_of_before_balances_were_carried_are_read():
    head = (2).to_bytes(8, "little")
    # Line 1: one byte of data used, plan 5, cycle 2; line 3: nothing but a period.
    first = bytes([1, 0x01, 0, 0, 0, 0, 0x11, 77, 5, 2])
    second = bytes([2, 0, 0, 0, 0, 0x10, 0, 9])
    numbers, part = from_moves(head + first + second)
    assert numbers.tolist() == [1, 3]
    assert part.state["used"][:, 0].tolist() == [77, 0]
    assert part.state["period"].tolist() == [0, 9]
    assert part.terms.tolist() == [(5, 2, 0, 0), (0, 0, 0, 0)]


@given(st.integers(0, 200))
def test_bytes_cut_off_are_refused(end):
    lines = new_lines(np.zeros(40), np.zeros(40))
    lines.state["used"] = 77
    body = as_moves(lines, np.arange(40))
    with pytest.raises(UnableToReadMoves):
        from_moves(body[: min(end, len(body) - 1)])
    with pytest.raises(UnableToReadMoves):
        from_moves(body + b"\x00")
