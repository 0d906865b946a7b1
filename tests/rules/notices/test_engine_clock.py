"""Periods end at local midnight; clocks that jump make nothing twice and skip nothing."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rules.notices import engine_world as world

from amends.engines.metering.engine.calendar import Cycle, calendar_of, local_day
from amends.engines.metering.engine.layout import FUTURE, LATE, TREATMENTS

ZONES = (
    "Asia/Shanghai",
    "Europe/Berlin",
    "Africa/Cairo",
    "America/Santiago",
    "Asia/Beirut",
    "Pacific/Apia",
    "Asia/Kolkata",
    "America/St_Johns",
    "Pacific/Chatham",
    "UTC",
)
EARLIEST, LATEST = (datetime(year, 3, 1) for year in (2020, 2040))  # noqa: DTZ001


@given(
    zone=st.sampled_from(ZONES),
    day=st.integers(1, 31),
    at=st.datetimes(EARLIEST, LATEST),
)
def test_every_moment_lies_in_one_period_and_one_local_day(zone, day, at):
    calendar = calendar_of([Cycle(zone, day)])
    at_ms = round(at.replace(tzinfo=ZoneInfo("UTC")).timestamp() * 1000)
    period = calendar.period_of(0, at_ms)
    assert calendar.starts[0, period] <= at_ms < calendar.starts[0, period + 1]
    there = datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone)).date()
    assert local_day(calendar.day_of(0, at_ms)) == there
    first = calendar.first_day(0, period)
    assert first <= there < calendar.first_day(0, period + 1)


@pytest.mark.parametrize(
    ("day", "month", "first"),
    [
        (31, (2026, 2, 15), "2026-01-31"),
        (31, (2026, 2, 28), "2026-02-28"),
        (29, (2028, 2, 29), "2028-02-29"),
        (30, (2028, 2, 29), "2028-02-29"),
        (31, (2026, 4, 29), "2026-03-31"),
        (28, (2026, 2, 28), "2026-02-28"),
    ],
)
def test_months_of_28_29_and_31_days(day, month, first):
    calendar = calendar_of([Cycle("Asia/Shanghai", day)])
    noon = datetime(*month, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
    period = calendar.period_of(0, round(noon.timestamp() * 1000))
    assert str(calendar.first_day(0, period)) == first


def test_a_period_ends_at_midnight_of_the_line_s_zone():
    """The same second ends the month in Shanghai and not yet in Berlin."""
    rules, memory = world.rules(), world.memory(2)
    rules.calendar.starts.setflags(write=True)
    ends = round(datetime(2026, 5, 1, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1000)
    use = world.Columns()
    use.use(0, ends - 1, amount=85 * world.MB).use(0, ends, amount=85 * world.MB)
    use.use(1, ends - 1, amount=45 * world.MB).use(1, ends, amount=1)
    notices, _, _ = world.run(rules, memory, use.batch())
    assert [int(one) for one in notices["line"][notices["step"] == 0]] == [0, 0, 1]


def test_the_hour_that_comes_twice_is_counted_twice_as_used_and_told_once():
    """25 October 2026 in Berlin: 02:30 stands twice on the clock, an hour apart."""
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=0)
    second = datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=1)
    assert second.timestamp() - first.timestamp() == 3600
    use = world.Columns()
    for at in (first, second):
        use.use(1, round(at.timestamp() * 1000), amount=43 * world.MB)
    notices, treatment = run_at(use, second)
    assert treatment == ["counted", "counted"]
    assert len(set(notices["step"].tolist())) == len(notices)


def test_a_clock_set_back_an_hour_rejects_nothing_and_a_year_ahead_is_not_believed():
    now = world.START + timedelta(days=3)
    use = world.Columns()
    use.use(0, world.START_MS + 3 * world.DAY + 3_600_000, amount=1)
    use.use(0, world.START_MS + 368 * world.DAY, amount=1)
    use.use(0, world.START_MS + 3 * world.DAY, amount=1)
    _, treatment = run_at(use, now)
    assert treatment == ["counted", TREATMENTS[FUTURE], "counted"]


def test_a_machine_a_day_ahead_tells_nothing_twice():
    """What a wrong clock let through early is the same record when it comes again."""
    rules, memory = world.rules(), world.memory(3)
    use = world.Columns()
    for hour in range(48):
        use.use(0, world.START_MS + hour * 3_600_000, amount=3 * world.MB)
    once, _, memory = world.run(rules, memory, use.batch(), day=2)
    again, treatment, _ = world.run(rules, memory, use.batch(), day=3)
    assert len(once) > 0
    assert len(again) == 0
    assert {TREATMENTS[one] for one in treatment} == {"repeated"}


def test_a_late_record_moves_the_month_it_belongs_to_and_tells_nothing():
    rules, memory = world.rules(), world.memory(3)
    memory.lines.state["past"] = 100
    memory.lines.state["period"] = 76
    may, april = world.START_MS + 45 * world.DAY, world.START_MS + 20 * world.DAY
    use = world.Columns().use(0, may, amount=1).use(0, april, amount=500 * world.MB, charge=70)
    notices, treatment = world.run(rules, memory, use.batch(), day=46)[:2]
    assert treatment.tolist()[1] == LATE
    assert len(notices) == 0
    assert int(memory.lines.state["past"][0][0]) == 170


def run_at(use, now):
    from amends.engines.metering.engine.advance import advance, days_of
    from amends.engines.metering.engine.seen import empty

    memory, batch = world.memory(3), use.batch()
    memory.seen.update({day: empty() for day in days_of(batch)})
    answer = advance(memory, batch, world.rules(), received_ms=round(now.timestamp() * 1000))
    return answer.notices, [TREATMENTS[one] for one in answer.treatment]


def test_ten_million_records_of_one_line():
    """A line that never stops: each step once, and the counter is the sum."""
    n = 10_000_000
    rules, memory = world.rules(), world.memory(3)
    chance = np.random.default_rng(1)
    notified = []
    for first in range(0, n, 1_000_000):
        count = min(1_000_000, n - first)
        batch = world.UsageColumns(
            np.arange(first + 1, first + count + 1).astype(np.uint64),
            np.zeros(count, np.int64),
            world.START_MS + np.sort(chance.integers(0, 2 * world.DAY, count)),
            np.zeros(count, np.uint8),
            np.full(count, 1_000),
            np.zeros(count, np.int64),
            np.zeros(count, np.uint16),
        )
        notified += world.run(rules, memory, batch, day=3)[0]["step"].tolist()
    assert sorted(notified) == [0, 1, 2]
    assert int(memory.lines.state["used"][0][0]) == n * 1_000
