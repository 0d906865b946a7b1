"""When the notices of the life cycle fall due, in any zone and over every kind of month."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from amends.causes.notices.rules.best_offer import MonthUse, OfferTerms, best_offer, cost_minor
from amends.causes.notices.rules.channels import next_channel
from amends.causes.notices.rules.life_cycle import LifeCycleEvent, due, near, window
from amends.engines.duties.book import book
from amends.engines.duties.duty import EVENTS
from amends.platform.kit.packs import jurisdictions
from amends.platform.kit.periods import from_ms, to_ms
from amends.platform.kit.terms import shifted

TODAY = date(2026, 11, 24)
CHANNELS = ("sms", "mail", "app", "phone", "letter", "web", "contract", "bill")
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 3 * 366 * 86_400).map(lambda passed: EPOCH + timedelta(seconds=passed))
ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Pacific/Chatham"])
PLACES = st.sampled_from(jurisdictions())


def event(
    kind: str, at: datetime, *, zone: str = "Asia/Shanghai", known: int = 0
) -> LifeCycleEvent:
    return LifeCycleEvent("e1", kind, "p1", "s1", to_ms(at), known, zone)


@given(PLACES, st.sampled_from(EVENTS), MOMENTS, MOMENTS, ZONES)
def test_told_once_in_its_window_whenever_one_looks(
    place: str, kind: str, happens: datetime, now: datetime, zone: str
) -> None:
    rules, one = book(place, TODAY), event(kind, happens, zone=zone)
    first = list(due([one], rules, now))
    again = list(due([one, one], rules, now + timedelta(seconds=1)))
    assert {notice.key for notice in again} >= {
        notice.key
        for notice in first
        if notice.due_by_ms >= to_ms(happens) or now + timedelta(seconds=1) < happens
    }
    assert len({notice.key for notice in first}) == len(first)
    for notice in first:
        duty = rules.find(notice.duty)
        assert duty is not None
        assert duty.trigger == kind
        assert notice.due_at_ms <= min(notice.due_by_ms, to_ms(now))
        if duty.lead is not None:
            assert notice.due_by_ms <= to_ms(happens)
            assert now < happens


def test_the_window_of_an_end_is_counted_in_local_days() -> None:
    duty = book("uk", TODAY).find("uk.c1.end")
    assert duty is not None
    # The clocks go forward on 29 March: 10 days before are 10 dates, not 240 hours.
    end = datetime(2026, 4, 2, 12, tzinfo=ZoneInfo("Europe/London"))
    opens, latest = window(duty, event("contract_ends", end, zone="Europe/London"))
    assert from_ms(latest) == datetime(2026, 3, 23, 12, tzinfo=ZoneInfo("Europe/London"))
    assert from_ms(opens) == datetime(2026, 2, 21, 12, tzinfo=ZoneInfo("Europe/London"))


def test_a_month_ahead_of_the_31st_is_the_last_of_the_shorter_month() -> None:
    duty = book("eu", TODAY).find("eu.con.change")
    assert duty is not None
    change = datetime(2026, 3, 31, 9, tzinfo=ZoneInfo("Europe/Brussels"))
    _, latest = window(duty, event("change_planned", change, zone="Europe/Brussels"))
    assert from_ms(latest) == datetime(2026, 2, 28, 9, tzinfo=ZoneInfo("Europe/Brussels"))


def test_an_end_gone_by_is_not_told_any_more() -> None:
    end = datetime(2026, 5, 1, tzinfo=UTC)
    rules = book("cn", TODAY)
    assert not list(due([event("contract_ends", end)], rules, end))
    assert not list(due([event("contract_ends", end)], rules, end - timedelta(days=31)))
    (notice,) = due([event("contract_ends", end)], rules, end - timedelta(days=29))
    assert (notice.duty, notice.period) == ("cn.contract_end", "2026-05-01")


def test_what_is_known_late_is_due_at_once_and_late() -> None:
    end = datetime(2026, 5, 1, tzinfo=UTC)
    known = end - timedelta(days=2)
    (notice,) = due([event("contract_ends", end, known=to_ms(known))], book("cn", TODAY), known)
    assert notice.due_at_ms == to_ms(known)
    assert notice.due_by_ms < notice.due_at_ms


USE = st.lists(st.builds(MonthUse, data_mb=st.integers(0, 50_000)), min_size=1, max_size=6)
AMOUNT = st.one_of(st.none(), st.integers(0, 60_000))
OFFERS = st.lists(
    st.builds(
        OfferTerms,
        st.sampled_from("abcdef"),
        st.integers(0, 50_000),
        AMOUNT,
        st.none(),
        st.none(),
        st.one_of(st.none(), st.integers(0, 500)),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda terms: terms.ref,
)


@given(USE, OFFERS)
def test_no_offer_would_have_cost_less(months: list[MonthUse], offers: list[OfferTerms]) -> None:
    advice = best_offer(months, offers[0], offers[1:])
    if advice is None:
        assert any(cost_minor(offers[0], use) is None for use in months)
        return
    for terms in offers:
        costs = [cost_minor(terms, use) for use in months]
        if None not in costs:
            assert sum(cost or 0 for cost in costs) // len(months) >= advice.best_minor
    assert advice.saving_minor >= 0


@given(
    st.lists(st.sampled_from(CHANNELS), unique=True, min_size=1),
    st.sampled_from(["", *CHANNELS]),
    st.sets(st.sampled_from(CHANNELS)),
    st.sets(st.sampled_from(CHANNELS)),
)
def test_the_next_channel_is_new_reachable_and_listed(
    listed: list[str], chosen: str, tried: set[str], reachable: set[str]
) -> None:
    found = next_channel(listed, chosen=chosen, tried=tried, reachable=reachable)
    open_ones = [one for one in listed if one in reachable and one not in tried]
    assert (found in open_ones) if open_ones else not found
    assert found == chosen or chosen not in open_ones


@given(
    st.lists(
        st.tuples(st.datetimes(datetime(1990, 1, 1), datetime(2027, 1, 1)), st.integers(0, 120)),  # noqa: DTZ001
        max_size=20,
    ),
    MOMENTS,
    st.integers(0, 400),
    st.integers(0, 400),
)
def test_what_is_near_is_what_the_calendar_says(
    services: list[tuple[datetime, int]], now: datetime, late: int, ahead: int
) -> None:
    began = [begun.replace(tzinfo=UTC, microsecond=0) for begun, _ in services]
    found = near(
        np.array([to_ms(one) for one in began], np.int64),
        np.array([months for _, months in services], np.int64),
        now_ms=to_ms(now),
        late=late % 366,
        ahead=ahead,
    )
    by_calendar = []
    for place, (start, (_, months)) in enumerate(zip(began, services, strict=True)):
        end = months_later(start, months)
        if months and now < end <= now + timedelta(days=ahead):
            by_calendar.append((place, to_ms(end), True))
        if not months or end <= now:
            days = [months_later(start, 12 * years) for years in range(1, 60)]
            by_calendar += [
                (place, to_ms(day), False)
                for day in days
                if now - timedelta(days=late % 366) < day <= now
            ]
    assert list(zip(*(column.tolist() for column in found), strict=True)) == by_calendar


def months_later(moment: datetime, months: int) -> datetime:
    return datetime.combine(shifted(moment.date(), months), moment.time(), tzinfo=UTC)
