"""Take up what waits: top-ups, other plans, chosen marks, consents, as they were told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from amends.kit.periods import to_ms
from amends.notices.actions.engine_memory import Engine, claim, write_lines
from amends.notices.actions.enrol import plan_row
from amends.notices.engine_models import LINES_A_BUCKET, LineChange
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
    consents: list[LineChange] = []
    for change in waiting:
        change.taken = True
        line = places.get(change.service)
        if line is None:
            continue
        change.line = line
        change.period = to_period(engine.memory.lines, line, change.at_ms, engine.rules)
        if change.kind == "consent":
            consent(engine.memory.lines, line)
            consents.append(change)
            continue
        number = int(engine.memory.lines.terms["plan"][line])
        plan = _changed(plans, number, change)
        if plan not in plans:
            plans.append(plan)
            engine.rules = with_plans(engine.rules, plans)
        set_plan(engine.memory.lines, line, plans.index(plan), engine.rules)
    touched = {change.line // LINES_A_BUCKET for change in waiting if change.line is not None}
    with transaction.atomic():
        claim(engine)
        for number, plan in enumerate(plans[before:], start=before):
            plan_row(number, plan).save(force_insert=True)
        write_lines(engine, sorted(touched))
        LineChange.objects.bulk_update(waiting, ["taken", "line", "period"], batch_size=300)
        for change in consents:
            Hold.objects.filter(service=change.service, ended_at_ms=None).update(
                ended_at_ms=to_ms(now), ended_by="consent", consent=change.reference
            )
    engine.revision += 1
    return len(waiting)


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
