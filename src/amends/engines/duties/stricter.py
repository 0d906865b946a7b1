"""Of a provincial duty and the national one it replaces, the stricter figure holds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from amends.engines.duties.duty import Duty, DutyStep, LeadTime

_LOWER = frozenset({"percent", "absolute", "every", "times_mean"})
"""Kinds of step that speak earlier the lower their value; the others the higher it is."""
_HIGHER = frozenset({"remaining", "below"})
_HOURS = {
    "hours": 1,
    "calendar_days": 24,
    "working_days": 24,
    "weeks": 168,
    "months": 720,
    "years": 8760,
}


def stricter(own: Duty, national: Duty) -> Duty:
    """The provincial duty with every figure of the national one that binds the operator more.

    A step of the same kind and unit: the mark that is passed first. A time before an event: the
    longer one, and where both say from when, the later; a time after it: the shorter one. Each
    figure has the source it is from. Words, channels and elements are the province's.

    >>> from datetime import date
    >>> from amends.engines.duties.book import book
    >>> end = book("cn-33", date(2026, 11, 25)).find("cn-33.contract_end")
    >>> end.lead.latest.amount, end.lead.earliest.amount
    (10, 15)
    """
    steps = tuple(_step(step, national.steps) for step in own.steps)
    return replace(
        own,
        steps=steps,
        lead=_ahead(own.lead, national.lead),
        within=_after(own.within, national.within),
    )


def _step(own: DutyStep, other_steps: tuple[DutyStep, ...]) -> DutyStep:
    for other_step in other_steps:
        if (other_step.kind, other_step.unit, other_step.months) != (
            own.kind,
            own.unit,
            own.months,
        ):
            continue
        lower = own.kind in _LOWER and other_step.value < own.value
        if lower or (own.kind in _HIGHER and other_step.value > own.value):
            return replace(
                own, value=other_step.value, source=other_step.source, verified=other_step.verified
            )
    return own


def _ahead(own: LeadTime | None, national: LeadTime | None) -> LeadTime | None:
    if own is None or national is None:
        return own or national
    longer = _hours(national, "latest") > _hours(own, "latest")
    latest = national.latest if longer else own.latest
    earliest_leads = [lead.earliest for lead in (own, national) if lead.earliest is not None]
    earliest = min(earliest_leads, key=lambda term: term.amount * _HOURS[term.unit], default=None)
    if earliest is not None and earliest.amount * _HOURS[earliest.unit] < (
        latest.amount * _HOURS[latest.unit]
    ):
        return own  # the two windows do not meet: the province's rule is the later one
    source = national if longer else own
    return replace(source, latest=latest, earliest=earliest)


def _after(own: LeadTime | None, national: LeadTime | None) -> LeadTime | None:
    if own is None or national is None:
        return own or national
    return national if _hours(national, "latest") < _hours(own, "latest") else own


def _hours(lead: LeadTime, which: str) -> int:
    term = getattr(lead, which)
    return int(term.amount) * _HOURS[term.unit]
