"""Segments indexed together: every fact is found as before, whatever moment the work is left at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction

from amends.platform.database import lease
from amends.platform.database.models import Lease
from amends.platform.kit.periods import to_ms
from amends.record.ledger.actions import index_segments as together
from amends.record.ledger.actions.index_segments import index_together, newest_stretch, stretches
from amends.record.ledger.actions.verify import verify
from amends.record.ledger.models import SegmentIndex
from amends.record.ledger.queries import facts_about, facts_about_many, facts_on
from amends.record.ledger.rules.lookup import BUCKETS
from amends.record.ledger.rules.segment_groups import MARK, PLACES, Reach

from .conftest import NOW

pytestmark = pytest.mark.postgres_too

HOUR = timedelta(hours=1)


@pytest.fixture
def segments(db, record, numbered) -> list[str]:
    """Five segments of 90 rows, numbered among single facts; one more that is not yet."""
    made = []
    for number in range(5):
        made += [one[:27] for one in record(90, rows=True, now=NOW - number * HOUR)[:1]]
        record(3)
        numbered(NOW + timedelta(minutes=number))
    record(90, rows=True, name="late")
    return made


def seen() -> object:
    """What is found in all the ways facts are sought."""
    end = NOW - 3 * HOUR
    return (
        facts_about("p-3"),
        facts_about("p-3", start=end, end=NOW),
        facts_about("late-1"),
        facts_about("p-3", kinds=["SpeedMeasured"]),
        facts_about("p-3", kinds=["ServiceStopped"]),
        facts_on("svc-5"),
        facts_on("svc-5", kinds=["SpeedMeasured"], end=end),
        facts_about_many([f"p-{number}" for number in range(9)]),
    )


def own(of: list[str]) -> int:
    return SegmentIndex.objects.filter(segment__in=of, bucket__lt=BUCKETS).count()


def indexed(**given: object) -> int:
    return index_together(now=NOW, holder="one", **{"fewest": 180, "max_rows": 270, **given})


def test_what_is_numbered_is_indexed_together_and_found_as_before(segments):
    before = seen()
    assert indexed() == 3, "as many segments as have the rows wanted"
    assert own(segments[:3]) == 0
    assert own(segments[3:]) > 0
    assert seen() == before
    assert indexed() == 2
    assert own(segments) == 0
    assert seen() == before
    assert [one.reach.alone for one in stretches()] == [True, True]
    assert indexed() == 0, "one segment is not numbered"
    assert verify(deep=True).ok


def test_too_few_rows_are_left_alone(segments):
    assert indexed(fewest=451) == 0
    assert own(segments) > 0
    assert not stretches()


class Died(Exception):
    """The process is gone."""


def dies_at(step: int) -> Callable[..., None]:
    """A renewal of the lease that ends the process as its n-th transaction begins; of nine, here."""
    steps, real = iter(range(step)), lease.renew

    def renew(*given: object) -> None:
        if next(steps, None) is None:
            raise Died
        real(*given)

    return renew


@pytest.mark.parametrize("step", range(9))
def test_left_at_any_moment_nothing_is_missed_and_the_next_one_ends_it(segments, monkeypatch, step):
    before = seen()
    monkeypatch.setattr(together, "_BLOCKS_AT_ONCE", 40)
    monkeypatch.setattr(together, "_GOING_AT_ONCE", 1)
    with monkeypatch.context() as dying:
        dying.setattr(lease, "renew", dies_at(step))
        with pytest.raises(Died):
            indexed()
    assert seen() == before
    assert verify(deep=True).ok
    while indexed():
        assert seen() == before
    assert own(segments) == 0
    assert seen() == before
    assert len(stretches()) == 2
    assert verify(deep=True).ok


def test_two_of_them_never_do_it_twice(segments):
    Lease.objects.create(name="index", holder="other", until_ms=to_ms(NOW) + lease.LEASE_MS)
    assert indexed() == 0
    assert not stretches()
    Lease.objects.update(until_ms=0)
    assert indexed() == 3


def test_who_lost_the_lease_stops(segments, monkeypatch):
    real = together.insert_index

    def stolen(rows: object) -> None:
        Lease.objects.update(holder="thief")
        real(rows)

    monkeypatch.setattr(together, "insert_index", stolen)
    assert indexed() == 0
    assert own(segments) > 0
    assert not stretches()


def change(block: bytes) -> bytes:
    return bytes([block[0] ^ 1]) + block[1:]


def test_a_changed_a_missing_and_a_misplaced_block_are_found(segments):
    indexed()
    blocks = SegmentIndex.objects.filter(bucket__range=(PLACES, MARK - 1)).order_by("bucket")
    row = blocks.first()
    kept = bytes(row.block)

    def told() -> str:
        answer = verify(deep=True)
        assert not answer.ok
        return "; ".join(str(one) for one in answer.findings)

    for changed in (change(kept), kept[:-1], b""):
        SegmentIndex.objects.filter(pk=row.pk).update(block=changed)
        assert "the index by which the segment's rows are found" in told()
    SegmentIndex.objects.filter(pk=row.pk).update(block=kept)
    assert verify(deep=True).ok
    free = next(n for n in range(PLACES, MARK) if not SegmentIndex.objects.filter(bucket=n))
    SegmentIndex.objects.filter(pk=row.pk).update(bucket=free)
    assert "the index by which the segment's rows are found" in told()
    with transaction.atomic():
        SegmentIndex.objects.filter(bucket=free).delete()
    assert "the index by which the segment's rows are found" in told()


def test_a_mark_that_says_nothing_is_found(segments):
    indexed()
    newest = newest_stretch()
    assert newest is not None
    assert newest.reach.alone
    marks = SegmentIndex.objects.filter(bucket=MARK)
    marks.update(block=Reach(newest.reach.last - 1, alone=True).stored())
    assert not verify(deep=True).ok
    marks.update(block=b"")
    assert any("does not say how far" in str(one) for one in verify(deep=True).findings)
