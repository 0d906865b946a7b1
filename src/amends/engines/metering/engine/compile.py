"""Compile the duties of a place into arrays: the one place where a duty becomes something to count.

What usage records cannot show (a counter without a meter) is not left out silently:
`Rules.unmetered` lists it, and the auditor counts it as not met by the engine. Borders and new
kinds of charge are no counters: `rules/watching.py` sees them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from amends.engines.metering.engine.calendar import Calendar, Cycle, calendar_of
from amends.engines.metering.engine.layout import (
    BALANCE,
    COUNTRIES,
    LEVELS,
    Array,
)
from amends.engines.metering.engine.limits import PlausibilityLimits
from amends.engines.metering.engine.marks import (
    NEVER,
    RECURRING,
    THRESHOLD,
    CompiledMark,
    DutyLike,
    MeteringPlan,
    UnableToCompile,
    check_units,
    default_roaming_limit,
    marks_of,
    scaled,
    threshold,
)
from amends.platform.kit.errors import gettext_noop

MAX_STEPS = 32


@dataclass(frozen=True, slots=True)
class Rules:
    """Duties, plans and calendar as arrays.

    marks       the steps, in the order of their bits in `notified`
    thresholds  [plan, mark]: the counter's value at which it is due; `NEVER` for none
    masks, forms, actions, values  of the marks
    lowest      [plan, counter]: below it the counter passes no mark
    open_marks  [plan, counter]: a bit for each mark on the counter that may become due
    base_of     plan → plan of the next period
    like_home   [country]: use there counts against the allowances at home
    roaming_by_volume  whether the roaming counter counts bytes; otherwise charges
    roaming_of_all  whether it counts the charges of everything used abroad; otherwise data alone
    prepaid     plan → whether it has a balance
    lasting     bits of the marks that stay notified when a period ends: those on a balance
    unmetered   duty and counter (or trigger) that usage records do not show
    """

    marks: tuple[CompiledMark, ...]
    plans: tuple[MeteringPlan, ...]
    calendar: Calendar
    limits: PlausibilityLimits
    thresholds: Array
    masks: Array
    forms: Array
    actions: Array
    values: Array
    lowest: Array
    open_marks: Array
    base_of: Array
    like_home: Array
    roaming_by_volume: bool
    roaming_of_all: bool
    prepaid: Array
    lasting: int
    unmetered: tuple[tuple[str, str], ...] = field(default=())


def compile_rules(
    duties: Iterable[DutyLike],
    *,
    plans: Sequence[MeteringPlan],
    cycles: Sequence[Cycle],
    limits: PlausibilityLimits,
    like_home: Iterable[int] = (),
    overlays: Mapping[str, Iterable[DutyLike]] = MappingProxyType({}),
) -> Rules:
    """Everything `advance` needs to know. Raises `UnableToCompile` for what cannot be counted.

    overlays  the duties that hold for lines of `Plan.place`, in place of `duties`
    """
    held_duties = held_in({"": list(duties), **{name: list(own) for name, own in overlays.items()}})
    listed = [duty for duty, _ in held_duties]
    by_volume, of_all = _roaming_by_volume(listed), _roaming_of_all(listed)
    marks: list[CompiledMark] = []
    unmetered: list[tuple[str, str]] = []
    for duty, jurisdictions in held_duties:
        duty_marks, missing = marks_of(duty, by_volume)
        marks += [replace(mark, places=jurisdictions) for mark in duty_marks]
        unmetered += missing
    if len(marks) > MAX_STEPS:
        raise UnableToCompile(
            gettext_noop("The duties have %(count)s steps on usage; the engine holds %(most)s."),
            next_step=gettext_noop("Split the pack: a line has one bit for each step."),
            values={"count": len(marks), "most": MAX_STEPS},
        )
    recurring = [mark for mark in marks if mark.form == RECURRING]
    if len(recurring) > 1:
        raise UnableToCompile(
            gettext_noop("%(one)s and %(other)s both have a recurring step."),
            next_step=gettext_noop(
                "A line remembers the multiples of one: state the other as single steps."
            ),
            values={"one": recurring[0].duty, "other": recurring[1].duty},
        )
    at_home = np.zeros(COUNTRIES, np.bool_)
    at_home[list(like_home)] = True
    return _arrays(
        marks, plans, calendar_of(cycles), limits, at_home, by_volume, of_all, tuple(unmetered)
    )


def held_in(books: Mapping[str, Sequence[DutyLike]]) -> list[tuple[DutyLike, tuple[str, ...]]]:
    """Every duty once, with the places where it holds; none of them where it holds in all.

    books  place → its duties

    >>> from datetime import date
    >>> from amends.engines.duties.book import book
    >>> day = date(2026, 11, 25)
    >>> held = held_in({"": book("cn", day).duties, "cn-41": book("cn-41", day).duties})
    >>> [(duty.id, places) for duty, places in held if places]
    [('cn.abnormal', ('',)), ('cn-41.abnormal', ('cn-41',))]
    """
    duties_by_id: dict[str, tuple[DutyLike, list[str]]] = {}
    for jurisdiction, duties in books.items():
        for duty in duties:
            known_duty, jurisdictions = duties_by_id.setdefault(duty.id, (duty, []))
            if known_duty != duty:
                raise UnableToCompile(
                    gettext_noop("%(duty)s says in %(place)s what it does not say in %(other)s."),
                    meaning=gettext_noop(
                        "Notices are named by their duty: one name cannot mean both."
                    ),
                    next_step=gettext_noop(
                        "Give the overlay's duty an id of its own, and say what it replaces."
                    ),
                    values={
                        "duty": duty.id,
                        "place": jurisdiction,
                        "other": jurisdictions[0] or "its pack",
                    },
                )
            jurisdictions.append(jurisdiction)
    return [
        (duty, () if len(jurisdictions) == len(books) else tuple(jurisdictions))
        for duty, jurisdictions in duties_by_id.values()
    ]


def not_counted(duties: Iterable[DutyLike]) -> dict[str, tuple[str, ...]]:
    """Duty → the counters of it that usage records do not show, for which the engine makes nothing
    due.

    >>> from datetime import date
    >>> from amends.engines.duties.book import book
    >>> not_counted(book("cn", date(2026, 11, 25)).duties)["cn.allowance_near"]
    ('mms',)
    """
    listed = list(duties)
    by_volume = _roaming_by_volume(listed)
    missing_by_duty: dict[str, tuple[str, ...]] = {}
    for duty in listed:
        missing = tuple(counter for _, counter in marks_of(duty, by_volume)[1])
        if missing:
            missing_by_duty[duty.id] = missing
    return missing_by_duty


def with_plans(rules: Rules, plans: Sequence[MeteringPlan]) -> Rules:
    """The same rules for other plans."""
    return _arrays(
        list(rules.marks),
        plans,
        rules.calendar,
        rules.limits,
        rules.like_home,
        rules.roaming_by_volume,
        rules.roaming_of_all,
        rules.unmetered,
    )


def _roaming_by_volume(duties: Sequence[DutyLike]) -> bool:
    """Roaming is counted in money unless every amount a roaming duty states is a volume."""
    units = {
        step.unit
        for duty in duties
        if duty.trigger == "roaming_use"
        for step in duty.steps
        if step.unit
    }
    return bool(units) and units <= {"mb"}


def _roaming_of_all(duties: Sequence[DutyLike]) -> bool:
    """Whether the cap abroad is on every charge (a duty that counts `money`) or on data alone."""
    of_money = {"money" in duty.counters: duty for duty in duties if duty.trigger == "roaming_use"}
    if len(of_money) > 1:
        raise UnableToCompile(
            gettext_noop("%(one)s counts every charge abroad, %(other)s those of data."),
            meaning=gettext_noop(
                "A line has one counter for use abroad, so that it stays within 64 bytes; one "
                "cap would be measured by the other's sum. Nothing was counted."
            ),
            next_step=gettext_noop(
                'State both of all charges (counters = ["money"]) or both of data alone '
                "(docs/duties.md, Caps abroad)."
            ),
            values={"one": of_money[True].id, "other": of_money[False].id},
        )
    return True in of_money


def _arrays(
    marks: list[CompiledMark],
    plans: Sequence[MeteringPlan],
    calendar: Calendar,
    limits: PlausibilityLimits,
    at_home: Array,
    by_volume: bool,
    of_all: bool,
    unmetered: tuple[tuple[str, str], ...],
) -> Rules:
    for mark in marks:
        check_units(mark, by_volume)
    default = default_roaming_limit(marks)
    thresholds = np.full((max(len(plans), 1), max(len(marks), 1)), NEVER, np.int64)
    for row, plan in enumerate(plans):
        for column, mark in enumerate(marks):
            thresholds[row, column] = threshold(mark, plan, default)
    lowest, open_marks = _first_looks(marks, thresholds)
    bases = [plan.base if plan.base >= 0 else row for row, plan in enumerate(plans)]
    return Rules(
        marks=tuple(marks),
        plans=tuple(plans),
        calendar=calendar,
        limits=limits,
        thresholds=thresholds,
        masks=np.array([mark.mask for mark in marks], np.int64),
        forms=np.array([mark.form for mark in marks], np.int64),
        actions=np.array([mark.action for mark in marks], np.int64),
        values=np.array([scaled(mark) for mark in marks], np.int64),
        lowest=lowest,
        open_marks=open_marks,
        base_of=np.array(bases, np.int64),
        like_home=at_home,
        roaming_by_volume=by_volume,
        roaming_of_all=of_all,
        prepaid=np.array([plan.balance_minor > 0 for plan in plans] or [False], np.bool_),
        lasting=sum(1 << column for column, mark in enumerate(marks) if mark.mask == 1 << BALANCE),
        unmetered=unmetered,
    )


def _first_looks(marks: list[CompiledMark], thresholds: Array) -> tuple[Array, Array]:
    """What counting asks before it looks at any mark: `Rules.lowest`, `Rules.open_marks`."""
    lowest = np.full((len(thresholds), LEVELS), NEVER, np.int64)
    open_marks = np.zeros((len(thresholds), LEVELS), np.int64)
    for column, mark in enumerate(marks):
        concerns = thresholds[:, column] != NEVER
        alone = mark.form == THRESHOLD and mark.mask & (mark.mask - 1) == 0
        lowest_thresholds = np.where(concerns, thresholds[:, column] if alone else -NEVER, NEVER)
        for counter in range(LEVELS):
            if mark.mask >> counter & 1:
                lowest[:, counter] = np.minimum(lowest[:, counter], lowest_thresholds)
                open_marks[concerns, counter] |= 1 << column
    return lowest, open_marks
