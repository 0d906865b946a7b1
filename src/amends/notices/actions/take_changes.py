"""Take up what waits: top-ups, other plans, chosen marks, consents, as they were told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from amends.kit.periods import to_ms
from amends.notices.actions.engine_memory import Engine, claim, committed, write_lines
from amends.notices.actions.enrol import plan_row
from amends.notices.engine_models import LineChange
from amends.notices.models import Hold
from amends.notices.rules.engine.change import consent, set_plan, to_period, topped_up
from amends.notices.rules.engine.compile import Plan, with_plans


def take_changes(engine: Engine, *, now: datetime) -> int:
    """Apply every waiting change to its line, in one transaction; how many."""
    waiting = list(LineChange.objects.filter(taken=False).order_by("id"))
    if not waiting:
        return 0
    plans, before = list(engine.rules.plans), len(engine.rules.plans)
    places = _places(engine, [change.service for change in waiting])
    answered = _answered(waiting)
    for change in waiting:
        change.taken = True
        line = places.get(change.service)
        if line is None:
            continue
        change.line = line
        change.period = to_period(engine.memory.lines, line, change.at_ms, engine.rules)
        if change.kind == "consent":
            if not answered[change.reference].left:
                consent(engine.memory.lines, line)
            continue
        number = int(engine.memory.lines.terms["plan"][line])
        plan = _changed(plans, number, change)
        if plan not in plans:
            plans.append(plan)
            engine.rules = with_plans(engine.rules, plans)
        set_plan(engine.memory.lines, line, plans.index(plan), engine.rules)
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
    """The holds a consent answers, and whether others stand beside them."""

    ended: list[str]
    left: bool


def _answered(changes: list[LineChange]) -> dict[str, _Answered]:
    """Consent → what it ends.

    A consent given to one hold has ended that one already and answers no other. One that another
    system states, naming none, answers what was held when it was given, and nothing held later.
    """
    consents = {one.reference: one for one in changes if one.kind == "consent"}
    named = set(Hold.objects.filter(consent__in=list(consents)).values_list("consent", flat=True))
    standing: dict[str, dict[str, int]] = {}
    rows = Hold.objects.filter(
        service__in={one.service for one in consents.values()}, ended_at_ms=None
    )
    for service, key, held_at_ms in rows.values_list("service", "key", "held_at_ms"):
        standing.setdefault(service, {})[key] = held_at_ms
    found = {}
    for reference, one in consents.items():
        holds = standing.get(one.service, {})
        ended = [] if reference in named else [k for k, at in holds.items() if at <= one.at_ms]
        for key in ended:
            del holds[key]
        found[reference] = _Answered(ended, bool(holds))
    return found


def _places(engine: Engine, services: list[str]) -> dict[str, int]:
    wanted = list(dict.fromkeys(services))
    places: Any = pc.index_in(pa.array(wanted, pa.string()), value_set=engine.services)
    return {
        name: place for name, place in zip(wanted, places.to_pylist(), strict=True)
        if place is not None
    }  # fmt: skip


def _changed(plans: list[Plan], number: int, change: LineChange) -> Plan:
    plan = plans[number]
    if change.kind == "top_up":
        return topped_up(plan, number, change.counter, change.amount)
    if change.kind == "own_mark":
        return replace(plan, own_minor=change.amount, base=-1)
    if change.kind == "roaming_cap":
        return replace(plan, roaming=change.amount, base=-1)
    return next((one for one in plans if one.name == change.plan), plan)
