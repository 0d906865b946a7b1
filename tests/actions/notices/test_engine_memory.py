"""One engine at a time, memory that stays flat, and rules that change without telling twice."""

from datetime import timedelta

import numpy as np
import pytest
from django.db import transaction

from amends.causes.notices.actions import engine_memory, run
from amends.causes.notices.actions.engine_memory import UnableToAdvance, claim, load
from amends.causes.notices.actions.forget_ids import forget_ids
from amends.causes.notices.engine_models import EngineState, SeenRecords
from amends.causes.notices.models import Notice
from tests.actions.notices import engine_feed as feed
from tests.rules.notices import engine_world as world

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


@pytest.fixture(autouse=True)
def _lines(db):
    feed.enrol_lines()


def loaded():
    return load(jurisdiction="cn", now=feed.NOW, duties=world.DUTIES)


def test_of_two_engines_the_slower_commits_nothing():
    first, second = loaded(), loaded()
    with transaction.atomic():
        claim(first)
    with pytest.raises(UnableToAdvance, match="in the meantime"), transaction.atomic():
        claim(second)
    assert EngineState.objects.get().revision == first.revision + 1


def test_days_not_asked_for_leave_memory_and_come_back(tmp_path, monkeypatch):
    feed.count(feed.parquet(tmp_path / "a.parquet", feed.random_table(1, 2_000)))
    days = sorted(set(SeenRecords.objects.values_list("day", flat=True)))
    engine = loaded()
    monkeypatch.setattr(engine_memory, "SEEN_BYTES", 30_000)
    for day in days:
        engine.remember([day])
        assert sum(one.nbytes for one in engine.memory.seen.values()) <= 45_000
    engine.remember(days[:1])
    kept = sum(len(bytes(row.entries)) // 10 for row in SeenRecords.objects.filter(day=days[0]))
    assert engine.memory.seen[days[0]].entries == kept > 0


def test_the_day_that_follows_is_read_while_nothing_is_being_written(tmp_path, monkeypatch):
    """A new engine goes through days that are known: only the first batch waits for its day."""
    use = world.Columns()
    for n in range(601):
        use.use(n % 12, world.START_MS + n * world.DAY // 100 + 1, 1, 1)
        if n >= 599:
            feed.parquet(tmp_path / f"{'ab'[n - 599]}.parquet", feed.as_table(use.batch()))
    now = world.START + timedelta(days=7)
    feed.count(tmp_path / "a.parquet", now=now, rows=100)
    writing, asked = [], []
    monkeypatch.setattr(
        run.BackgroundCommit, "write", lambda self, work: (work(), writing.append(1))
    )
    remember = run.UsageEngine.remember

    def noted(self, days):
        asked.append((len(writing), [day - world.START_MS // world.DAY for day in days]))
        remember(self, days)

    monkeypatch.setattr(run.UsageEngine, "remember", noted)
    notified = feed.count(tmp_path / "b.parquet", now=now, rows=100).as_dict()
    assert notified["treatments"]["repeated"] == 600
    assert asked[:4] == [(0, [0]), (0, [0, 1]), (1, [1]), (1, [1, 2])]


def test_memory_is_flat_at_a_constant_daily_rate(tmp_path, monkeypatch):
    """Ten days of the same rate: the ids in memory stay under their bound every day."""
    monkeypatch.setattr(engine_memory, "SEEN_BYTES", 40_000)
    sizes = []
    remember = engine_memory.UsageEngine.remember

    def noted(self, days):
        remember(self, days)
        sizes.append(sum(one.nbytes for one in self.memory.seen.values()))

    monkeypatch.setattr(engine_memory.UsageEngine, "remember", noted)
    for day in range(10):
        use = world.Columns()
        for n in range(600):
            use.use(n % 12, world.START_MS + day * world.DAY + n, 1, 1, record=day * 600 + n + 1)
        path = feed.parquet(tmp_path / f"{day}.parquet", feed.as_table(use.batch()))
        feed.count(path, now=world.START + timedelta(days=day, hours=1))
    assert len(sizes) == 10
    assert max(sizes) <= 2 * sizes[0]


def test_ids_too_old_to_matter_are_forgotten(tmp_path):
    feed.count(feed.parquet(tmp_path / "a.parquet", feed.random_table(2, 500)))
    assert forget_ids(now=feed.NOW) == 0
    assert forget_ids(now=feed.NOW + timedelta(days=400)) > 0
    assert not SeenRecords.objects.exists()


def test_a_new_version_of_the_rules_does_not_tell_again_what_was_told(tmp_path):
    from dataclasses import replace

    use = world.Columns().use(0, world.START_MS + 6 * world.DAY, amount=85 * world.MB)
    now = world.START + timedelta(days=7)
    feed.count(feed.parquet(tmp_path / "a.parquet", feed.as_table(use.batch())), now=now)
    assert list(Notice.objects.values_list("duty", "step")) == [("near", "80%")]
    newer = (
        world.Duty("early", "allowance", (world.Step("50%", "percent", 50),), ("data",)),
        *(replace(duty, version="duties-test@2026-04-01") for duty in world.DUTIES),
    )
    more = world.Columns().use(0, world.START_MS + 7 * world.DAY, amount=1, record=9)
    path = feed.parquet(tmp_path / "b.parquet", feed.as_table(more.batch()))
    feed.count(path, now=now + timedelta(days=1), duties=newer)
    assert list(Notice.objects.order_by("id").values_list("duty", "step")) == [
        ("near", "80%"),
        ("early", "50%"),
    ]


def test_a_duty_that_is_switched_off_leaves_the_others_with_their_provinces():
    whole = run.loaded("cn", feed.NOW, None)
    less = run.loaded("cn", feed.NOW, None, without=("cn.roaming_cap",))
    assert {"cn.roaming_cap", "cn.abnormal", "cn-41.abnormal"} <= set(whole.duties)
    assert set(whole.duties) - set(less.duties) == {"cn.roaming_cap"}
    notified = {mark.duty for mark in less.rules.marks}
    assert notified == {mark.duty for mark in whole.rules.marks} - {"cn.roaming_cap"}


def test_lines_keep_their_number_and_their_state(tmp_path):
    use = world.Columns().use(11, world.START_MS + 6 * world.DAY, amount=7)
    path = feed.parquet(tmp_path / "a.parquet", feed.as_table(use.batch()))
    feed.count(path, now=world.START + timedelta(days=7))
    feed.enrol_lines(9_000)
    engine = loaded()
    assert len(engine.memory.lines) == 9_000
    assert engine.names(np.array([11, 8_999])) == (
        ["svc-11", "svc-8999"],
        ["person-11", "person-8999"],
    )
    assert int(engine.memory.lines.state["used"][11][0]) == 7
