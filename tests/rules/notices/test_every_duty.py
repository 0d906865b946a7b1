"""Every duty of every pack falls due: by usage that passes each of its steps, or by its event."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from tests.rules.notices import engine_world as world

from amends.causes.notices.rules.life_cycle import LifeCycleEvent, due, window
from amends.engines.duties.book import DutyBook, book
from amends.engines.duties.duty import Duty
from amends.engines.metering.engine.advance import Memory
from amends.engines.metering.engine.calendar import Cycle
from amends.engines.metering.engine.compile import compile_rules
from amends.engines.metering.engine.layout import country_code, new_lines
from amends.engines.metering.engine.limits import limits_in_force
from amends.engines.metering.engine.marks import MeteringPlan
from amends.platform.kit.packs import jurisdictions
from amends.platform.kit.periods import from_ms, to_ms

TODAY = date(2026, 11, 20)
COUNTED = frozenset(
    {
        "allowance",
        "spend",
        "balance",
        "abnormal_spend",
        "roaming_entry",
        "roaming_use",
        "roaming_first_data",
    }
)
COUNTRIES = ("TH", "FR", "GB", "HK", "NO", "CH")
PLANS = (
    MeteringPlan(
        "own",
        data_bytes=100 * world.MB,
        voice_s=600,
        messages=10,
        balance_minor=80_000,
        own_minor=2_500,
        roaming=7_000,
    ),
    MeteringPlan("none", data_bytes=100 * world.MB, voice_s=600, messages=10),
    MeteringPlan("nothing included"),
)
MONTH = 30 * world.DAY
BOOKS = {place: book(place, TODAY) for place in jurisdictions()}
EVENTS = [
    (place, duty)
    for place, rules in BOOKS.items()
    for duty in rules.duties
    if duty.trigger not in COUNTED and duty.met_by == "notice"
]


def usage() -> list[tuple[int, world.Columns]]:
    """Three quiet months, and one in which everything is used up, by day of receipt."""
    months = []
    number = iter(range(1, 1 << 20))
    for month in range(3):
        quiet = world.Columns()
        for line in range(len(PLANS)):
            quiet.use(
                line,
                world.START_MS + month * MONTH + 9 * world.DAY,
                kind=3,
                charge=10,
                record=next(number),
            )
        months.append((month * 30 + 10, quiet))
    last, at = world.Columns(), world.START_MS + 3 * MONTH + 6 * world.DAY
    for line in range(len(PLANS)):
        for step in range(150):
            now = at + step * 60_000
            last.use(line, now, kind=0, amount=world.MB, record=next(number))
            last.use(line, now + 1, kind=1, amount=10, record=next(number))
            last.use(line, now + 2, kind=2, amount=1, record=next(number))
        for day, country in enumerate(COUNTRIES, 1):
            for step in range(120):
                now = at + day * world.DAY + step * 60_000
                last.use(
                    line,
                    now,
                    kind=0,
                    amount=20 * world.MB,
                    charge=100,
                    country=country_code(country),
                    record=next(number),
                )
        for step in range(400):
            last.use(line, at + 9 * world.DAY + step, kind=3, charge=1_000, record=next(number))
    months.append((3 * 30 + 17, last))
    return months


@pytest.mark.parametrize("place", BOOKS)
def test_every_step_that_is_counted_falls_due(place: str) -> None:
    duties = [duty for duty in BOOKS[place].duties if duty.trigger in COUNTED]
    rules = compile_rules(duties, plans=PLANS, cycles=[Cycle("UTC")], limits=limits_in_force(TODAY))
    memory = Memory(new_lines(np.arange(len(PLANS)), np.zeros(len(PLANS), np.int64)), {})
    found = set()
    for day, some in usage():
        notices, _, memory = world.run(rules, memory, some.batch(), "numpy", day=day)
        found |= {(rules.marks[step].duty, rules.marks[step].step) for step in notices["step"]}
    assert found == {(mark.duty, mark.step) for mark in rules.marks}
    silent = {duty.id for duty in duties} - {mark.duty for mark in rules.marks}
    assert silent <= {duty for duty, _ in rules.unmetered}, "what is not counted says so"


@pytest.mark.parametrize(("place", "duty"), EVENTS, ids=lambda one: getattr(one, "id", one))
def test_every_duty_on_an_event_falls_due_with_it(place: str, duty: Duty) -> None:
    happens = to_ms(datetime(2026, 12, 1, 12, tzinfo=UTC))
    event = LifeCycleEvent(
        "e-1",
        duty.trigger,
        "p-1",
        "s-1",
        happens,
        happens - 90 * world.DAY,
        "UTC",
        duty.offers[0] if duty.offers else "",
        {"country": _where(duty), "charge_kind": "premium_sms"},
    )
    opens, latest = window(duty, event)
    assert opens <= latest
    rules: DutyBook = BOOKS[place]
    notified = list(due([event], rules, from_ms(opens)))
    assert {one.step for one in notified if one.duty == duty.id} == {step.id for step in duty.steps}
    assert duty.steps
    early = due([event], rules, from_ms(opens) - timedelta(minutes=1))
    assert duty.id not in {one.duty for one in early}


def _where(duty: Duty) -> str:
    return next(one for one in COUNTRIES if not duty.region or duty.holds_in(one))
