"""After any commits, lines are read as they were when the last one was written."""

from __future__ import annotations

import random

import numpy as np
import pytest

from amends.causes.notices.actions import engine_memory, line_moves
from amends.causes.notices.actions.engine_memory import load
from amends.causes.notices.actions.line_moves import (
    moves_of,
    next_write_slot,
    read_moves,
    write_moved,
)
from amends.causes.notices.engine_models import LineBucket, LineMoves
from amends.engines.metering.engine.layout import Lines, new_lines
from amends.engines.metering.engine.portable import packed, unpacked
from tests.actions.notices import engine_feed as feed
from tests.rules.notices import engine_world as world

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]
SMALL = 8


@pytest.fixture(autouse=True)
def _small_buckets(monkeypatch):
    monkeypatch.setattr(line_moves, "LINES_A_BUCKET", SMALL)
    monkeypatch.setattr(line_moves, "MOVES_A_BUCKET", 2 * SMALL)


def _grown(lines: Lines, more: int) -> Lines:
    new = new_lines(np.zeros(more), np.zeros(more))
    return Lines(np.concatenate([lines.state, new.state]), np.concatenate([lines.terms, new.terms]))


def _put_buckets(lines: Lines, since: int) -> None:
    """What enrolling does: the last bucket filled, others made; the moves stay as they are."""
    for number in range(since // SMALL, -(-len(lines) // SMALL)):
        here = slice(number * SMALL, (number + 1) * SMALL)
        held = LineBucket.objects.filter(pk=number).first()
        old = unpacked(bytes(held.memory)) if held else Lines(lines.state[:0], lines.terms[:0])
        rest = slice(number * SMALL + len(old), (number + 1) * SMALL)
        part = Lines(
            np.concatenate([old.state, lines.state[rest]]),
            np.concatenate([old.terms, lines.terms[rest]]),
        )
        assert len(part) == len(lines.state[here])
        LineBucket.objects.update_or_create(pk=number, defaults={"memory": packed(part)})


def write_moves(lines: Lines, numbers, *, revision: int, whole: bool = False) -> None:
    write_moved(
        moves_of(lines, numbers, turn=next_write_slot(), all_lines=whole), revision=revision
    )


def _as_read() -> Lines:
    parts = [unpacked(bytes(row.memory)) for row in LineBucket.objects.order_by("number")]
    lines = Lines(
        np.concatenate([one.state for one in parts]), np.concatenate([one.terms for one in parts])
    )
    read_moves(lines)
    return lines


@pytest.mark.parametrize("seed", range(6))
def test_whatever_moves_is_read_again(seed):
    chance = random.Random(seed)
    lines = new_lines(np.zeros(45), np.zeros(45))
    _put_buckets(lines, 0)
    most = 0
    for revision in range(1, 40):
        if chance.random() < 0.15:
            before = len(lines)
            lines = _grown(lines, chance.randrange(1, 20))
            _put_buckets(lines, before)
        moved = sorted(chance.sample(range(len(lines)), chance.choice([0, 1, 3, 12, 40])))
        lines.state["used"][moved, 0] += revision
        lines.terms["plan"][moved] = revision
        write_moves(
            lines, np.array(moved, np.int64), revision=revision, whole=chance.random() < 0.05
        )
        found = _as_read()
        assert found.state.tobytes() == lines.state.tobytes()
        assert found.terms.tobytes() == lines.terms.tobytes()
        most = max(most, LineMoves.objects.count())
    assert 1 < most <= 2 * -(-len(lines) // SMALL)


def test_steps_told_under_other_rules_are_all_written_anew(tmp_path, monkeypatch):
    """Bits of `told` are named once for all lines: after a change of rules no bucket keeps old."""
    monkeypatch.setattr(line_moves, "LINES_A_BUCKET", 8_192)
    feed.enrol_lines()
    feed.count(feed.parquet(tmp_path / "a.parquet", feed.random_table(1, 2_000)))
    notified = load(jurisdiction="cn", now=feed.NOW, duties=world.DUTIES).memory.lines.state[
        "notified"
    ]
    assert notified.any()
    fewer = world.DUTIES[1:]
    under_fewer = load(jurisdiction="cn", now=feed.NOW, duties=fewer).memory.lines.state["notified"]
    wrote = []
    real = engine_memory.moves_of
    monkeypatch.setattr(
        engine_memory,
        "moves_of",
        lambda *given, **named: (wrote.append(named["all_lines"]), real(*given, **named))[1],
    )
    feed.count(feed.parquet(tmp_path / "b.parquet", feed.random_table(2, 3)), duties=fewer)
    feed.count(feed.parquet(tmp_path / "c.parquet", feed.random_table(3, 3)), duties=fewer)
    assert wrote == [True, False]
    after = load(jurisdiction="cn", now=feed.NOW, duties=fewer).memory.lines.state["notified"]
    assert (after & under_fewer == under_fewer).all()
