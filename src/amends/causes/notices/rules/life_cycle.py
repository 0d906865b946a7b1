"""When the notices of the life cycle fall due: orders, changes, ends, arrears, yearly advice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from amends.engines.duties.book import DutyBook
from amends.engines.duties.duty import Duty, DutyStep
from amends.engines.metering.keys import notice_key
from amends.platform.kit.periods import from_ms, to_ms
from amends.platform.kit.terms import Term, shifted

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
_EPOCH_YEAR = 1970
_BY_REFERENCE = frozenset({"order_done", "order_asked", "interruption_planned", "repair_late"})
_LATEST_ONLY_OPENS_BEFORE = timedelta(days=3)
"""A term that only names a latest day is opened this much earlier, so that a night, a failed try
and another channel fit in before it."""


@dataclass(frozen=True, slots=True)
class LifeCycleEvent:
    """Something in the life of a service.

    ref         its reference at its origin: the order, the change, the planned work
    kind        a trigger (`duties.EVENTS`)
    happens_at_ms  when it happened or takes effect
    known_at_ms    when we came to know of it
    zone        in which the subscriber's days begin and end
    user        what the service is for, where a duty leaves that out: `m2m`, `b2b`
    figures     what a text about it is filled with
    """

    ref: str
    kind: str
    subscriber: str
    service: str
    happens_at_ms: int
    known_at_ms: int
    zone: str
    offer_kind: str = ""
    figures: Mapping[str, str | int] = field(default_factory=dict)
    user: str = ""


@dataclass(frozen=True, slots=True)
class DueNotice:
    """One notice that has fallen due. `due_by_ms` is the last moment at which it is in time."""

    key: str
    subscriber: str
    service: str
    duty: str
    version: str
    period: str
    step: str
    action: str
    figures: Mapping[str, str | int]
    due_at_ms: int
    due_by_ms: int


def due(events: Iterable[LifeCycleEvent], rules: DutyBook, now: datetime) -> Iterator[DueNotice]:
    """The notices that `events` have made due by `now`, each under its one key.

    A notice ahead of an event falls due when its window opens, and no more once the event is past:
    a missed notice is for the auditor to find, not to be sent after the end.
    """
    for event in events:
        for duty in rules.on_trigger((event.kind,)):
            if _concerns(duty, event):
                opens, latest = window(duty, event)
                if opens <= to_ms(now) and (duty.lead is None or to_ms(now) < event.happens_at_ms):
                    yield from (_due(event, duty, step, opens, latest) for step in duty.steps)


def _concerns(duty: Duty, event: LifeCycleEvent) -> bool:
    return (
        duty.met_by == "notice"
        and (not duty.offers or event.offer_kind in duty.offers)
        and event.user not in duty.exempt
        and event.offer_kind not in duty.exempt
        and (not duty.region or duty.holds_in(str(event.figures.get("country", ""))))
    )


def window(duty: Duty, event: LifeCycleEvent) -> tuple[int, int]:
    """From when and until when a duty is to be met, in milliseconds.

    >>> from datetime import date
    >>> from amends.engines.duties.book import book
    >>> told = book("uk", date(2026, 1, 1)).find("uk.c1.end")
    >>> end = LifeCycleEvent("c1", "contract_ends", "p1", "s1", to_ms(datetime(2026, 6, 30,
    ...                      tzinfo=UTC)), 0, "Europe/London")
    >>> [from_ms(ms).date().isoformat() for ms in window(told, end)]
    ['2026-05-21', '2026-06-20']
    """
    zone = ZoneInfo(event.zone)
    if duty.lead is None:
        last = event.happens_at_ms + duty.wait_h * _HOUR_MS
        if duty.within is not None:
            last = _moved(event.happens_at_ms, duty.within.latest, 1, zone)
        return max(event.happens_at_ms, 0), last
    latest = _moved(event.happens_at_ms, duty.lead.latest, -1, zone)
    if duty.lead.earliest is not None:
        opens = _moved(event.happens_at_ms, duty.lead.earliest, -1, zone)
    else:
        opens = latest - to_ms(datetime(1970, 1, 1, tzinfo=UTC) + _LATEST_ONLY_OPENS_BEFORE)
    return max(opens, min(event.known_at_ms, event.happens_at_ms)), latest


def period_of(event: LifeCycleEvent) -> str:
    """What a notice about an event belongs to: its reference, its local day, month or year.

    Near a border it is the country and the local day; for a new kind of charge, the month and kind.
    """
    if event.kind in _BY_REFERENCE:
        return event.ref
    local_moment = from_ms(event.happens_at_ms).astimezone(ZoneInfo(event.zone))
    if event.kind == "yearly":
        return str(local_moment.year)
    if event.kind == "border":
        return f"{event.figures['country']}@{local_moment.date().isoformat()}"
    if event.kind == "new_charge_kind":
        return f"{local_moment.date().replace(day=1).isoformat()}/{event.figures['charge_kind']}"
    if event.kind == "month_closed":
        return (local_moment.date() - timedelta(days=1)).replace(day=1).isoformat()
    return local_moment.date().isoformat()


def _due(event: LifeCycleEvent, duty: Duty, step: DutyStep, opens: int, latest: int) -> DueNotice:
    period = period_of(event)
    key = notice_key(
        subscriber=event.subscriber,
        service=event.service,
        duty=duty.id,
        version=duty.version,
        period=period,
        step=step.id,
    )
    return DueNotice(
        key=key,
        subscriber=event.subscriber,
        service=event.service,
        duty=duty.id,
        version=duty.version,
        period=period,
        step=step.id,
        action=step.action,
        figures=event.figures,
        due_at_ms=opens,
        due_by_ms=latest,
    )


def _moved(moment_ms: int, term: Term, sign: int, zone: tzinfo) -> int:
    """A moment so much later or earlier: hours by the clock, days and months by the local date."""
    moment = from_ms(moment_ms)
    if term.unit == "hours":
        return to_ms(moment + sign * timedelta(hours=term.amount))
    local_moment = moment.astimezone(zone)
    months = {"months": 1, "years": 12}.get(term.unit)
    if months is not None:
        day = shifted(local_moment.date(), sign * term.amount * months)
    else:
        day = local_moment.date() + sign * timedelta(
            days=term.amount * (7 if term.unit == "weeks" else 1)
        )
    return to_ms(datetime.combine(day, local_moment.time(), tzinfo=zone))


def near(began_ms: Any, months: Any, *, now_ms: int, late: int, ahead: int) -> tuple[Any, Any, Any]:
    """The services whose term ends within `ahead` days, or whose anniversary came in the last
    `late`: their places in order, the moment, and whether it is the end of the term.

    began_ms  when each began
    months    of its minimum term, 0 for none; within it no anniversary counts

    >>> start = to_ms(datetime(2024, 2, 29, 8, tzinfo=UTC))
    >>> now_ms = to_ms(datetime(2026, 3, 1, tzinfo=UTC))
    >>> found = near(np.array([start] * 3), np.array([0, 12, 25]), now_ms=now_ms, late=31, ahead=62)
    >>> [from_ms(at_ms).date().isoformat() for at_ms in found[1]]
    ['2026-02-28', '2026-02-28', '2026-03-29']
    >>> found[2].tolist()
    [False, False, True]
    """
    ends_ms = later(began_ms, months)
    of_term = (months > 0) & (ends_ms > now_ms) & (ends_ms <= now_ms + ahead * _DAY_MS)
    free, begun, at_ms = (months == 0) | (ends_ms <= now_ms), _year(began_ms), ends_ms
    came = np.zeros(len(began_ms), dtype=bool)
    for year in range(_year(now_ms - late * _DAY_MS), _year(now_ms) + 1):
        there_ms = later(began_ms, 12 * np.maximum(year - begun, 0))
        now = free & (begun < year) & (there_ms > now_ms - late * _DAY_MS) & (there_ms <= now_ms)
        at_ms, came = np.where(now, there_ms, at_ms), came | now
    indexes = np.flatnonzero(of_term | came)
    return indexes, at_ms[indexes], of_term[indexes]


def later(at_ms: Any, months: Any) -> Any:
    """[service] The moment so many months later at the same time in UTC; on the last day of a month
    that lacks the day, so a leap day's anniversary is on 28 February."""
    at = np.asarray(at_ms, dtype=np.int64).astype("datetime64[ms]")
    day, month = at.astype("datetime64[D]"), at.astype("datetime64[M]")
    first = (month + np.asarray(months, dtype="timedelta64[M]")).astype("datetime64[M]")
    begins, next_begins = (
        month_start.astype("datetime64[D]")
        for month_start in (first, first + np.timedelta64(1, "M"))
    )
    last = next_begins - np.timedelta64(1, "D")
    moved = np.minimum(begins + (day - month.astype("datetime64[D]")), last)
    return (moved.astype("datetime64[ms]") + (at - day)).astype(np.int64)


def _year(at_ms: Any) -> Any:
    years = np.asarray(at_ms, dtype=np.int64).astype("datetime64[ms]").astype("datetime64[Y]")
    return years.astype(np.int64) + _EPOCH_YEAR
