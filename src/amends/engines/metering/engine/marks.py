"""The marks of duties: at which value of which counter a step of a duty is due for a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from amends.engines.metering.engine.layout import (
    BALANCE,
    DATA,
    LARGEST,
    LEVELS,
    MONEY,
    ROAMING,
    SMS,
    VOICE,
    country_code,
)
from amends.platform.kit.errors import BadInput, gettext_noop

NEVER = LARGEST
BYTES_PER_MB = 1_048_576
SECONDS_PER_MIN = 60
_PER_UNIT = {"mb": BYTES_PER_MB, "min": SECONDS_PER_MIN, "count": 1, "minor": 1}
_COUNTER = {"data": DATA, "voice": VOICE, "sms": SMS, "money": MONEY}
_UNIT = {DATA: "mb", VOICE: "min", SMS: "count", MONEY: "minor", BALANCE: "minor"}

THRESHOLD, RECURRING, TIMES_MEAN, ENTRY, FIRST_DATA = range(5)
NOTICE, HOLD, STOP = range(3)
_ACTIONS = {"notice": NOTICE, "hold": HOLD, "stop": STOP}


class UnableToCompile(BadInput):
    """The duties cannot be counted as they are."""

    code = "duties_not_countable"


class StepLike(Protocol):
    """What the engine needs to know of a step of a duty."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def value(self) -> int: ...
    @property
    def unit(self) -> str: ...
    @property
    def months(self) -> int: ...
    @property
    def applies(self) -> str: ...
    @property
    def action(self) -> str: ...


class DutyLike(Protocol):
    """What the engine needs to know of a duty."""

    @property
    def id(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def trigger(self) -> str: ...
    @property
    def counters(self) -> tuple[str, ...]: ...
    @property
    def over(self) -> str: ...
    @property
    def steps(self) -> Sequence[Any]: ...


@dataclass(frozen=True, slots=True)
class MeteringPlan:
    """The limits of a plan, of or of one line that has its own; 0 where there is none.

    data_bytes … messages  what is included in a period
    balance_minor  the prepaid balance a line begins with; it is not included again each period
    roaming      the roaming limit the user has chosen, in the unit roaming is counted in
    own_minor    the mark of charges at which the user wants to be notified
    place        the overlay whose duties hold for its lines, e.g. "cn-41"; "" for the pack's own
    user         what its lines are for, where a duty leaves that out: "m2m", "b2b"
    base         the row of the plan that holds again in the next billing period
    """

    name: str
    data_bytes: int = 0
    voice_s: int = 0
    messages: int = 0
    roaming: int = 0
    balance_minor: int = 0
    own_minor: int = 0
    base: int = -1
    place: str = ""
    user: str = ""

    def limit(self, counter: int) -> int:
        """The limit of a counter."""
        limits = (self.data_bytes, self.voice_s, self.messages, self.roaming, 0, self.balance_minor)
        return limits[counter]


@dataclass(frozen=True, slots=True)
class CompiledMark:
    """One step of one duty on one counter; `mask` has a bit for each counter that is added up.

    form    how it is found: `THRESHOLD`, `RECURRING`, `TIMES_MEAN`, `ENTRY` or `FIRST_DATA`
    places  where its duty holds: overlays, "" for the pack itself; none of them for everywhere
    exempt  users it does not concern
    countries  codes of those where its duty holds, of a visit; none of them for everywhere
    """

    duty: str
    version: str
    step: str
    counter: str
    kind: str
    value: int
    unit: str
    default_only: bool
    trigger: str
    mask: int
    form: int
    action: int
    places: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()
    countries: tuple[int, ...] = ()

    def concerns(self, plan: MeteringPlan) -> bool:
        """Whether the duty holds for the lines of a plan."""
        return (not self.places or plan.place in self.places) and plan.user not in self.exempt

    def pack_of(self, pack: str) -> str:
        """The pack its duty is read in, where lines come under `pack` and its overlays."""
        return self.places[0] if self.places and "" not in self.places else pack

    @property
    def name(self) -> tuple[str, str, str]:
        """What stays the same from one version of the rules to the next."""
        return self.duty, self.counter, self.step


def marks_of(duty: DutyLike, by_volume: bool) -> tuple[list[CompiledMark], list[tuple[str, str]]]:
    """The marks of one duty, and what of it cannot be seen in usage."""
    if duty.trigger in ("roaming_entry", "roaming_first_data"):
        form = ENTRY if duty.trigger == "roaming_entry" else FIRST_DATA
        return [_mark(duty, step, "", 0, form) for step in duty.steps], []
    if duty.trigger in ("allowance", "spend", "balance", "abnormal_spend", "roaming_use"):
        return _counted(duty, by_volume)
    return [], []


def _counted(duty: DutyLike, by_volume: bool) -> tuple[list[CompiledMark], list[tuple[str, str]]]:
    counters: list[tuple[str, int]] = []
    missing: list[tuple[str, str]] = []
    for name in duty.counters:
        if duty.trigger == "roaming_use":
            if name in ("roaming_data", "money") and not any(
                counter_number == ROAMING for _, counter_number in counters
            ):
                counters.append((name, ROAMING))
            elif name not in ("roaming_data", "money"):
                missing.append((duty.id, name))
        elif name == "money" and duty.trigger == "balance":
            counters.append((name, BALANCE))
        elif name in _COUNTER:
            counters.append((name, _COUNTER[name]))
        else:
            missing.append((duty.id, name))
    if duty.over == "sum" and len(counters) > 1:
        units = {unit_of(counter_number, by_volume) for _, counter_number in counters}
        if len(units) > 1:
            raise UnableToCompile(
                gettext_noop("%(duty)s adds up counters of different units (%(units)s)."),
                next_step=gettext_noop(
                    "Add up what is counted in one unit, or give each its own steps."
                ),
                values={"duty": duty.id, "units": ", ".join(sorted(units))},
            )
        mask = sum(1 << counter_number for _, counter_number in counters)
        name = "+".join(name for name, _ in counters)
        return [_mark(duty, step, name, mask, _form(step)) for step in duty.steps], missing
    return [
        _mark(duty, step, name, 1 << counter_number, _form(step))
        for name, counter_number in counters
        for step in duty.steps
    ], missing


def _form(step: StepLike) -> int:
    return {"every": RECURRING, "times_mean": TIMES_MEAN}.get(step.kind, THRESHOLD)


def unit_of(counter: int, by_volume: bool) -> str:
    if counter == ROAMING:
        return "mb" if by_volume else "minor"
    return _UNIT[counter]


def _mark(duty: DutyLike, step: StepLike, counter: str, mask: int, form: int) -> CompiledMark:
    if step.kind == "times_mean" and (step.months != 3 or mask != 1 << MONEY):
        raise UnableToCompile(
            gettext_noop("%(duty)s compares with %(months)s months of %(counter)s."),
            next_step=gettext_noop("A line remembers the charges of three closed periods."),
            values={"duty": duty.id, "months": step.months, "counter": counter},
        )
    return CompiledMark(
        duty=duty.id,
        version=duty.version,
        step=step.id,
        counter=counter,
        kind=step.kind,
        value=step.value,
        unit=step.unit,
        default_only=step.applies == "default",
        trigger=duty.trigger,
        mask=mask,
        form=form,
        action=_ACTIONS[step.action],
        exempt=tuple(getattr(duty, "exempt", ())),
        countries=tuple(country_code(iso) for iso in getattr(duty, "countries", ())),
    )


def check_units(mark: CompiledMark, by_volume: bool) -> None:
    if not mark.mask or not mark.unit:
        return
    counter = (mark.mask & -mark.mask).bit_length() - 1
    if mark.unit != unit_of(counter, by_volume):
        raise UnableToCompile(
            gettext_noop("%(duty)s, step %(step)s: %(counter)s is not counted in %(unit)s."),
            next_step=gettext_noop("State it in %(right)s."),
            values={
                "duty": mark.duty,
                "step": mark.step,
                "counter": mark.counter,
                "unit": mark.unit,
                "right": unit_of(counter, by_volume),
            },
        )


def scaled(mark: CompiledMark) -> int:
    return mark.value * _PER_UNIT.get(mark.unit, 1)


def threshold(mark: CompiledMark, plan: MeteringPlan, default_roaming: int = 0) -> int:
    """The value of its counter at which a mark is due for a plan; `NEVER` for none.

    default_roaming  the roaming limit that holds where the user has chosen none

    Marks of entries, multiples and means have no fixed value: theirs is 0, or `NEVER` where the
    mark does not concern the plan.

    >>> near = CompiledMark("d", "v", "80%", "data", "percent", 80, "", False, "allowance", 1,
    ...                     THRESHOLD, NOTICE)
    >>> threshold(near, MeteringPlan("p", data_bytes=1001))
    801
    >>> threshold(near, MeteringPlan("without an allowance")) == NEVER
    True
    """
    if not mark.concerns(plan) or (mark.default_only and plan.roaming):
        return NEVER
    if mark.form == RECURRING and mark.trigger == "allowance" and _limit(mark, plan, 0):
        return NEVER  # each so many MB is for those without an allowance
    if mark.form != THRESHOLD:
        return 0
    amount = scaled(mark)
    if mark.kind == "absolute":
        return amount
    if mark.kind == "own":
        own = plan.own_minor if mark.mask == 1 << MONEY else plan.roaming
        return own or amount or NEVER
    limit = _limit(mark, plan, default_roaming)
    if limit <= 0:
        return NEVER
    if mark.kind == "percent":
        return -(-limit * mark.value // 100)
    if mark.kind == "remaining":
        return max(limit - amount, 1)
    # `below` an amount, or `negative`: more is used than leaves that much. What is used of a
    # balance may lie below zero: as much as was topped up.
    return limit - amount + 1 if mark.kind == "below" else limit + 1


def _limit(mark: CompiledMark, plan: MeteringPlan, default_roaming: int) -> int:
    """The whole of which a mark is a share; 0 for none."""
    if mark.mask == 1 << ROAMING:
        return plan.roaming or default_roaming
    if mark.mask == 1 << MONEY and mark.trigger == "spend":
        return plan.own_minor
    limits = [plan.limit(c) for c in range(LEVELS) if mark.mask >> c & 1]
    return sum(limits) if all(limits) else 0


def default_roaming_limit(marks: Sequence[CompiledMark]) -> int:
    """The roaming limit that holds for users who have chosen none: the lowest amount a step
    states."""
    amounts = [
        scaled(mark)
        for mark in marks
        if mark.mask == 1 << ROAMING and mark.kind in ("own", "absolute") and mark.value
    ]
    return min(amounts, default=0)
