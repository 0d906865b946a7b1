"""Apply waiting changes: top-ups, plans, chosen marks, consents, in the order reported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction
from django.db.models import QuerySet

from amends.causes.notices.actions.engine_memory import UsageEngine, claim, committed, write_lines
from amends.causes.notices.actions.enrol import plan_row
from amends.causes.notices.engine_models import LineChange
from amends.causes.notices.models import Hold
from amends.engines.metering.engine.change import (
    altered,
    consent,
    paid_in,
    set_balance,
    set_plan,
    switched,
    to_period,
    topped_up,
    withdrawn,
)
from amends.engines.metering.engine.compile import with_plans
from amends.engines.metering.engine.marks import MeteringPlan
from amends.platform.kit.periods import to_ms


def waiting_changes(now: datetime) -> QuerySet[LineChange]:
    """The changes that hold by now and were not taken up; what holds later waits for its time."""
    return LineChange.objects.filter(taken=False, at_ms__lte=to_ms(now))


def take_changes(engine: UsageEngine, *, now: datetime) -> int:
    """Apply every waiting change to its line, in one transaction; how many."""
    waiting = list(waiting_changes(now).order_by("id"))
    if not waiting:
        return 0
    plans, before = list(engine.rules.plans), len(engine.rules.plans)
    line_numbers = _places(engine, [change.service for change in waiting])
    answered = _answered(waiting)
    for change in waiting:
        change.taken = True
        line = line_numbers.get(change.service)
        if line is None:
            continue
        change.line = line
        change.period = to_period(engine.memory.lines, line, change.at_ms, engine.rules)
        if change.kind == "consent":
            if not answered[change.reference].left:
                consent(engine.memory.lines, line)
            continue
        if change.kind == "withdrawn":
            withdrawn(engine.memory.lines, line)
            continue
        _change(engine, line, plans, change)
    moved = np.zeros(len(engine.memory.lines), np.bool_)
    moved[[change.line for change in waiting if change.line is not None]] = True
    with transaction.atomic():
        claim(engine)
        for number, plan in enumerate(plans[before:], start=before):
            plan_row(number, plan).save(force_insert=True)
        write_lines(engine, moved)
        LineChange.objects.bulk_update(waiting, ["taken", "line", "period"], batch_size=300)
        for reference, holds in answered.items():
            Hold.objects.filter(key__in=holds.ended, ended_at_ms=None).update(
                ended_at_ms=to_ms(now), ended_by="consent", consent=reference
            )
    committed(engine)
    return len(waiting)


@dataclass(frozen=True, slots=True)
class _Answered:
    """The holds a consent ends, and whether others remain."""

    ended: list[str]
    left: bool


def _answered(changes: list[LineChange]) -> dict[str, _Answered]:
    """Consent → what it ends.

    A consent given to one hold has ended that one already and answers no other. One that another
    system states, naming none, answers what was held when it was given, and nothing held later.
    """
    consents = {change.reference: change for change in changes if change.kind == "consent"}
    named = set(Hold.objects.filter(consent__in=list(consents)).values_list("consent", flat=True))
    holds_by_service: dict[str, dict[str, int]] = {}
    rows = Hold.objects.filter(
        service__in={consent.service for consent in consents.values()}, ended_at_ms=None
    )
    for service, key, held_at_ms in rows.values_list("service", "key", "held_at_ms"):
        holds_by_service.setdefault(service, {})[key] = held_at_ms
    answered_consents = {}
    for reference, given_consent in consents.items():
        holds = holds_by_service.get(given_consent.service, {})
        ended = (
            []
            if reference in named
            else [k for k, at in holds.items() if at <= given_consent.at_ms]
        )
        for key in ended:
            del holds[key]
        answered_consents[reference] = _Answered(ended, bool(holds))
    return answered_consents


def _places(engine: UsageEngine, services: list[str]) -> dict[str, int]:
    wanted = list(dict.fromkeys(services))
    indexes: Any = pc.index_in(pa.array(wanted, pa.string()), value_set=engine.services)
    return {
        name: index
        for name, index in zip(wanted, indexes.to_pylist(), strict=True)
        if index is not None
    }


def _change(engine: UsageEngine, line: int, plans: list[MeteringPlan], change: LineChange) -> None:
    lines, number = engine.memory.lines, int(engine.memory.lines.terms["plan"][line])
    of_balance = change.kind == "balance" or change.counter == "money"
    begins = of_balance and not plans[number].balance_minor
    plan = _changed(plans, number, change, begins=begins)
    if plan not in plans:
        plans.append(plan)
    if len(plans) > len(engine.rules.plans):
        engine.rules = with_plans(engine.rules, plans)
    set_plan(lines, line, plans.index(plan), engine.rules)
    if begins or change.kind == "balance":
        set_balance(lines, line, change.amount, engine.rules)
    elif of_balance:
        paid_in(lines, line, change.amount, engine.rules)


def _changed(
    plans: list[MeteringPlan], number: int, change: LineChange, *, begins: bool
) -> MeteringPlan:
    """The limits after a change. A balance is a line's own, and no limit; `begins`: it had none."""
    plan = plans[number]
    if begins:
        return altered(plans, number, balance_minor=max(change.amount, 1))
    if change.kind == "balance" or change.counter == "money":
        return plan
    if change.kind == "top_up":
        return topped_up(plan, number, change.counter, change.amount)
    if change.kind == "own_mark":
        return altered(plans, number, own_minor=change.amount)
    if change.kind == "roaming_cap":
        return altered(plans, number, roaming=change.amount)
    return switched(plans, number, change.plan)
