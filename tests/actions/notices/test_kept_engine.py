"""A worker's engine stays in memory between turns, and never counts from memory others moved past."""

from datetime import timedelta

import pytest

from amends.causes.notices.actions.cached_engine import CachedEngine
from amends.causes.notices.actions.change_line import change_line
from amends.causes.notices.actions.run import UnitsJumped
from tests.actions.notices import engine_feed as feed
from tests.rules.notices import engine_world as world

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


@pytest.fixture(autouse=True)
def _lines(db):
    feed.enrol_lines()


def files(place, count, rows=400):
    return [
        feed.parquet(place / f"{number}.parquet", feed.random_table(number, rows))
        for number in range(count)
    ]


def counted(paths, kept):
    """Count some files; what stands, whoever counted them."""
    for path in paths:
        feed.count(path, cached_engine=kept())
    return feed.kept()


def test_turns_of_one_engine_leave_what_fresh_engines_leave(tmp_path):
    from django.db import transaction

    paths = files(tmp_path, 5)
    point = transaction.savepoint()
    expected = counted(paths, lambda: None)
    transaction.savepoint_rollback(point)
    kept = CachedEngine()
    assert counted(paths, lambda: kept) == expected
    assert kept.take("cn", feed.NOW.date()) is not None


def test_what_others_commit_in_between_is_not_missed(tmp_path):
    paths = files(tmp_path, 3)
    kept = CachedEngine()
    feed.count(paths[0], cached_engine=kept)
    feed.count(paths[1])
    assert kept.take("cn", feed.NOW.date()) is None
    feed.count(paths[1], cached_engine=kept)
    feed.enrol_lines(14)
    change_line("svc-13", "top_up", reference="top-1", counter="data", amount=world.MB, at=feed.NOW)
    feed.count(paths[2], cached_engine=kept)
    held = kept.take("cn", feed.NOW.date())
    assert held is not None
    assert len(held[0].memory.lines) == 14


def test_another_day_may_have_other_rules(tmp_path):
    kept = CachedEngine()
    feed.count(files(tmp_path, 1)[0], cached_engine=kept)
    assert kept.take("cn", feed.NOW.date() + timedelta(days=1)) is None


def test_a_run_that_fails_keeps_nothing(tmp_path):
    def use(first, amount):
        records = world.Columns()
        for n in range(2_000):
            records.use(0, world.START_MS + n, amount=amount, record=first + n)
        return feed.as_table(records.batch())

    kept = CachedEngine()
    feed.count(feed.parquet(tmp_path / "a.parquet", use(1, 3)), now=world.START, cached_engine=kept)
    jumped = feed.parquet(tmp_path / "b.parquet", use(9_000, 3 * 2**20))
    with pytest.raises(UnitsJumped):
        feed.count(jumped, now=world.START, cached_engine=kept)
    assert kept.take("cn", world.START.date()) is None
