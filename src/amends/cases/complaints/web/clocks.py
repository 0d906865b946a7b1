"""The clocks beside the story, and what their rules allow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from amends.cases.complaints.actions.start_clocks import from_receipt
from amends.cases.complaints.queries.casefile import CaseFile, Clock, ClockView, Complaint
from amends.cases.complaints.queries.movable_deadlines import movable
from amends.cases.complaints.web.words import step_words
from amends.engines.decisions.allowances import PAUSES
from amends.engines.decisions.clocks import Due, UnableToKnowLimits, rule_sets
from amends.people.access.web.signs import Words
from amends.people.access.web.words import chinese
from amends.platform.kit.packs import day_in


@dataclass(frozen=True, slots=True)
class Ticking:
    """A clock of the complaint: binding ones rule, the others are shown beside them."""

    step: Words
    due_at: datetime
    rule: str
    binding: bool
    verified: bool
    done: str
    done_at: datetime | None
    too_late: bool
    paused: str


@dataclass(frozen=True, slots=True)
class Moving:
    """A clock that may be moved, in words."""

    code: str
    step: Words
    rule: str
    days_left: int
    pauses: list[tuple[str, str]]
    is_paused: bool

    @property
    def dialog(self) -> str:
        """Name of the dialog that moves it."""
        return f"clock-{self.code}"


def is_missed(clock: ClockView | Clock) -> bool:
    """Whether what was due came after its deadline: late is never shown as met."""
    return clock.met_at is not None and clock.met_at > clock.due_at


def ticking(file: CaseFile) -> list[Ticking]:
    """The clocks that still run or that were met, binding ones first."""
    shown_clocks = [
        Ticking(
            step=step_words(clock.step),
            due_at=clock.due_at,
            rule=clock.rule,
            binding=clock.binding,
            verified=clock.verified,
            done=_how_done(clock),
            done_at=clock.met_at,
            too_late=is_missed(clock),
            paused=_("deadline paused") if clock.paused_at else "",
        )
        for clock in file.clocks
    ]
    return sorted(
        shown_clocks, key=lambda clock: (not clock.binding, bool(clock.done), clock.due_at)
    )


def _how_done(clock: ClockView) -> str:
    if clock.met_at is None:
        return ""
    return pgettext("deadline", "done late") if is_missed(clock) else pgettext("deadline", "met")


@dataclass(frozen=True, slots=True)
class OfTheDay:
    """The rules that applied on the day of receipt, and what they asked of a complaint like it."""

    rules: tuple[str, ...]
    dues: tuple[tuple[Words, Due], ...]


def of_the_day(complaint: Complaint) -> OfTheDay | None:
    """What applied on the day it was filed, of history too; None where nobody knows."""
    try:
        files = rule_sets(
            jurisdiction=complaint.jurisdiction,
            province=complaint.province,
            on=day_in(complaint.jurisdiction, complaint.received_at),
        )
        dues = from_receipt(complaint, received_at=complaint.received_at)
    except UnableToKnowLimits:
        return None
    return OfTheDay(
        tuple(file.version for file in files),
        tuple((step_words(due_step.step), due_step) for due_step in dues),
    )


def moving(file: CaseFile, *, now: datetime) -> list[Moving]:
    """The clocks a handler may extend, stop or let run on."""
    if not file.complaint.is_open:
        return []
    language_index = 0 if chinese() else 1
    return [
        Moving(
            code=clock_view.clock.step,
            step=step_words(clock_view.clock.step),
            rule=(clock_view.rule.zh, clock_view.rule.en)[language_index],
            days_left=clock_view.days_left,
            pauses=[(why, PAUSES[why][language_index]) for why in clock_view.pauses],
            is_paused=clock_view.is_paused,
        )
        for clock_view in (movable(clock, now=now) for clock in file.clocks)
        if clock_view.anyhow
    ]
