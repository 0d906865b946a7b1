"""Legal deadlines (SLA): when a complaint is acknowledged, answered, repaired, referred."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import repeat

from amends.engines.decisions.clocks import (
    EVENTS,
    KINDS,
    STEPS,
    ClockPlan,
    Due,
    Question,
    RuleStatement,
    UnableToCountDeadlines,
    UnableToKnowLimits,
    dues,
    kind_of,
    named_zone,
    pack_zone,
    placed,
    plan_of,
    rule_sets,
    term_of,
)
from amends.platform.kit.errors import Refused, gettext_noop
from amends.platform.kit.packs import Verified

__all__ = [
    "EVENTS",
    "KINDS",
    "STEPS",
    "Due",
    "Pause",
    "PendingClock",
    "RuleStatement",
    "UnableToCountDeadlines",
    "UnableToExtend",
    "UnableToKnowLimits",
    "deadlines",
    "due_for_many",
    "extend",
    "kind_of",
    "later",
    "paused",
    "rule_sets",
    "statements",
    "urgent_classes",
]


class UnableToExtend(Refused):
    """The rule knows no extension, or a shorter one."""


@dataclass(frozen=True, slots=True)
class PendingClock:
    """A clock that has not started: it starts with `starts` (see EVENTS)."""

    step: str
    starts: str
    counting: str
    counting_zh: str
    source: str
    rule: str
    verified: Verified
    zh: str
    en: str
    who: str


@dataclass(frozen=True, slots=True)
class Pause:
    """From `start` to `end` the clock stood still for `reason`."""

    reason: str
    start: datetime
    end: datetime


def deadlines(
    *,
    jurisdiction: str,
    received_at: datetime,
    urgent: bool = False,
    kind: str = "",
    province: str = "",
    zone: str | tzinfo | None = None,
    on: date | None = None,
    rural: bool | None = None,
    events: Mapping[str, datetime] | None = None,
) -> list[Due]:
    """Every clock that runs, soonest first; `binding` marks the one that holds for its step.

    `jurisdiction` is a pack (`cn`, `cn-41`, `uk`, `us`, `au`, `in`, `eu`); `province` the first
    two digits of a Chinese code, a State or a member state. `kind` is one of KINDS or a code of
    the taxonomy. `on` asks what the rules of another day would say; without it the rules of the
    day of receipt apply. `rural` None shows both repair limits and lets the shorter hold.
    `events` starts further clocks (see EVENTS). Raises UnableToCountDeadlines.

    >>> from datetime import UTC
    >>> received = datetime(2026, 4, 9, 9, 0, tzinfo=UTC)
    >>> [(due.step, due.due_at.isoformat()) for due in
    ...  deadlines(jurisdiction="uk", received_at=received)]
    [('adr_letter', '2026-05-21T23:59:59+01:00')]
    >>> [(due.counting, due.binding) for due in
    ...  deadlines(jurisdiction="cn", province="41", received_at=received)]
    [('5 working days', True), ('15 calendar days', False)]
    """
    pack_code, region = placed(jurisdiction, province)
    moments = _moments(received_at, events or {})
    local_zone = _zone(zone, pack_code, received_at)
    day = on or received_at.astimezone(local_zone).date()
    plan = plan_of(
        Question(
            jurisdiction=pack_code,
            region=region,
            urgent=urgent,
            kind=kind_of(kind),
            rural=rural,
            on=day,
        )
    )
    return dues(plan, moments, local_zone)


def due_for_many(
    *,
    jurisdiction: str,
    received: Sequence[datetime],
    kinds: Iterable[str] | None = None,
    urgents: Iterable[bool] | None = None,
    provinces: Iterable[str] | None = None,
    zone: str | tzinfo | None = None,
) -> list[list[Due]]:
    """`deadlines` for many complaints at once; equal to it, and fast because days repeat.

    A complaint of a day whose rules are not known gets an empty list, so that one old row does
    not stop an import. The lists of one day may be shared between complaints: read, do not change.
    """
    due_lists: list[list[Due]] = []
    columns = zip(
        received,
        kinds or repeat(""),
        urgents or repeat(False),
        provinces or repeat(""),
        strict=False,
    )
    for received_at, kind, urgent, province in columns:
        pack_code, region = placed(jurisdiction, province)
        local_zone = _zone(zone, pack_code, received_at)
        day = received_at.astimezone(local_zone).date()
        question = Question(
            jurisdiction=pack_code,
            region=region,
            urgent=urgent,
            kind=kind_of(kind),
            rural=None,
            on=day,
        )
        plan = _plan(question)
        if plan is None:
            due_lists.append([])
        elif plan.daily:
            due_lists.append(_dues_of_day(question, local_zone))
        else:
            due_lists.append(dues(plan, {"received": received_at}, local_zone))
    if len(due_lists) != len(received):
        raise UnableToCountDeadlines(gettext_noop("The columns are not equally long."))
    return due_lists


def later(
    *,
    jurisdiction: str,
    on: date,
    kind: str = "",
    province: str = "",
    urgent: bool = False,
    started: Iterable[str] = (),
) -> list[PendingClock]:
    """The clocks that will start with an event that has not happened yet.

    >>> [(c.step, c.starts, c.counting) for c in later(jurisdiction="au", on=date(2026, 1, 5))]
    [('implement', 'accepted', '5 working days')]
    """
    pack_code, region = placed(jurisdiction, province)
    plan = plan_of(
        Question(
            jurisdiction=pack_code,
            region=region,
            urgent=urgent,
            kind=kind_of(kind),
            rural=None,
            on=on,
        )
    )
    running = {"received", *started}
    return [
        PendingClock(
            step=row["step"],
            starts=row["starts"],
            counting=term_of(row).en,
            counting_zh=term_of(row).zh,
            source=row["source"],
            rule=file.version,
            verified=row["verified"],
            zh=row["zh"],
            en=row["en"],
            who=row.get("who", "operator"),
        )
        for file, row in plan.rows
        if row.get("starts", "received") not in running
    ]


def statements(
    *, jurisdiction: str, on: date, kind: str = "", province: str = ""
) -> list[RuleStatement]:
    """What the rules say without a number of days.

    >>> [s.id for s in statements(jurisdiction="eu", on=date(2026, 1, 5))]
    ['eu.complaint']
    """
    return _said("statements", placed(jurisdiction, province)[0], on, kind_of(kind))


def urgent_classes(*, jurisdiction: str, on: date) -> list[RuleStatement]:
    """Which complaints the rules call urgent; empty where no such class was found.

    >>> [u.id for u in urgent_classes(jurisdiction="au", on=date(2026, 1, 5))]
    ['au.dfsv']
    """
    return _said("urgent", placed(jurisdiction, "")[0], on, None)


def paused(due_step: Due, pauses: Iterable[Pause]) -> Due:
    """The clock after the pauses its rule allows; others change nothing, and the note says so.

    The limit moves by the time that stood still before it ran out, rounded up to whole days.
    """
    pauses = sorted(pauses, key=lambda pause: pause.start)
    stood = timedelta(0)
    counted_to = datetime.min.replace(tzinfo=due_step.due_at.tzinfo)
    for pause in pauses:
        start = max(pause.start, counted_to)
        if (
            pause.reason in due_step.pauses
            and start < due_step.due_at + stood
            and start < pause.end
        ):
            stood += pause.end - start
            counted_to = pause.end
    whole_days = timedelta(days=-(-stood // timedelta(days=1)))
    moved = replace(due_step, due_at=due_step.due_at + whole_days)
    if refused := sorted({pause.reason for pause in pauses} - set(due_step.pauses)):
        reasons = ", ".join(refused)
        return replace(
            moved,
            note_zh=f"{due_step.note_zh}本条规则没有因“{reasons}”暂停计时的规定，时限不变。",
            note_en=(
                f"{due_step.note_en} The rule does not stop for {reasons}; the limit stays."
            ).strip(),
        )
    return moved


def extend(due_step: Due, *, days: int, reason: str) -> Due:
    """A limit longer by `days`, only as far as the rule allows; otherwise UnableToExtend."""
    if not 0 <= days <= due_step.extension_days:
        raise UnableToExtend(
            gettext_noop("%(rule)s allows an extension of %(allowed)s days, not %(days)s."),
            meaning=gettext_noop("The limit stays as the rule sets it."),
            next_step=gettext_noop(
                "Answer within the limit, or tell the user how to go to the regulator."
            ),
            values={"rule": due_step.rule_id, "allowed": due_step.extension_days, "days": days},
        )
    return replace(
        due_step,
        due_at=due_step.due_at + timedelta(days=days),
        note_zh=f"{due_step.note_zh}已延长{days}日：{reason}。",
        note_en=f"{due_step.note_en} Extended by {days} days: {reason}.".strip(),
    )


@lru_cache(maxsize=8192)
def _plan(question: Question) -> ClockPlan | None:
    try:
        return plan_of(question)
    except UnableToKnowLimits:
        return None


@lru_cache(maxsize=8192)
def _dues_of_day(question: Question, zone: tzinfo) -> list[Due]:
    """The clocks of everything received on a day, where the hour does not matter."""
    noon = datetime.combine(question.on, time(12), zone)
    return dues(plan_of(question), {"received": noon}, zone)


def _moments(received_at: datetime, events: Mapping[str, datetime]) -> dict[str, datetime]:
    moments = {"received": received_at, **events}
    for name, moment in moments.items():
        if name not in EVENTS:
            raise UnableToCountDeadlines(
                gettext_noop("No clock starts with “%(name)s”."),
                next_step=gettext_noop("Choose one of %(known)s."),
                values={"name": name, "known": ", ".join(EVENTS)},
            )
        if moment.tzinfo is None:
            raise UnableToCountDeadlines(
                gettext_noop("The time of “%(name)s” needs a time zone."), values={"name": name}
            )
    return moments


def _zone(zone: str | tzinfo | None, pack_code: str, received_at: datetime) -> tzinfo:
    if received_at.tzinfo is None:
        raise UnableToCountDeadlines(gettext_noop("The time of receipt needs a time zone."))
    if isinstance(zone, tzinfo):
        return zone
    return named_zone(zone or pack_zone(pack_code))


def _said(table: str, pack_code: str, on: date, kind: str | None) -> list[RuleStatement]:
    return [
        RuleStatement(
            id=row["id"],
            zh=row["zh"],
            en=row["en"],
            source=row["source"],
            verified=row["verified"],
            rule=file.version,
            excepts=tuple(row.get("excepts", ())),
        )
        for file in rule_sets(jurisdiction=pack_code, on=on)
        for row in file.data.get(table, [])
        if kind is None or not row.get("kinds") or kind in row["kinds"]
    ]
