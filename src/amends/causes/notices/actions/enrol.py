"""Enrol lines: number them, give them a plan and the days their billing periods begin."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from amends.causes.notices.actions.engine_memory import arrow_file, names_packed
from amends.causes.notices.actions.enrolled_lines import already_enrolled
from amends.causes.notices.engine_models import (
    LINES_A_BUCKET,
    EngineState,
    LineBucket,
    LineNames,
    LineTerms,
    UsagePlan,
)
from amends.engines.metering.engine.layout import Lines, new_lines
from amends.engines.metering.engine.marks import MeteringPlan
from amends.engines.metering.engine.portable import packed, unpacked
from amends.platform.kit.errors import BadInput, gettext_noop


class UnableToEnrol(BadInput):
    """The lines cannot be enrolled as they are."""

    code = "lines_malformed"


@dataclass(frozen=True, slots=True)
class NewLines:
    """Lines as columns of one length.

    service, subscriber  reference of the service, pseudonym of whose it is
    plan                 index in `plans`
    cycle                index in `cycles`, pairs of time zone and day of the month
    """

    service: Sequence[str] | Any
    subscriber: Sequence[str] | Any
    plan: Sequence[int] | Any
    cycle: Sequence[int] | Any
    plans: Sequence[MeteringPlan]
    cycles: Sequence[tuple[str, int]]


@transaction.atomic
def enrol(new: NewLines, *, now: datetime) -> tuple[int, int]:
    """Number the lines that are not enrolled yet; the first number, and how many were added.

    Lines keep their number for ever; one that is known already is left as it is.
    """
    state, _ = EngineState.objects.select_for_update().get_or_create(pk=1)
    services = pa.array(new.service, pa.string())
    if len(pc.unique(services)) != len(services):
        raise UnableToEnrol(
            gettext_noop("A service is listed twice."),
            next_step=gettext_noop("List every service once."),
        )
    _register(services, new, now)
    keep = np.flatnonzero(~already_enrolled(services))
    if not len(keep):
        return state.lines, 0
    plans = _plan_numbers(new.plans)[np.asarray(new.plan)[keep]]
    cycles = _cycle_numbers(state, new.cycles)[np.asarray(new.cycle)[keep]]
    chosen = pa.array(keep)
    first = int(state.lines)
    _append(
        first,
        services.take(chosen),
        pa.array(new.subscriber, pa.string()).take(chosen),
        new_lines(plans, cycles),
    )
    state.lines = first + len(keep)
    state.revision += 1
    state.save()
    return first, len(keep)


def _register(services: Any, new: NewLines, now: datetime) -> None:
    """Keep what was said of the lines for the auditor, who computes without the engine's rows."""
    plan, cycle = np.asarray(new.plan, np.int64), np.asarray(new.cycle, np.int64)
    limits = {
        name: np.array([getattr(metering_plan, name) for metering_plan in new.plans], np.int64)[
            plan
        ]
        for name in ("balance_minor", "own_minor", "roaming")
    }
    zones, days = (list(column) for column in zip(*new.cycles, strict=True))
    zone = pa.array(zones, pa.string()).take(pa.array(cycle))
    table = pa.table(
        {"service": services, "zone": zone, "day": np.array(days, np.int64)[cycle], **limits}
    )
    body = arrow_file(table)
    LineTerms.objects.get_or_create(
        sha256=sha256(body).hexdigest(),
        defaults={"rows": len(services), "columns": body, "enrolled_at": now},
    )


def _plan_numbers(plans: Sequence[MeteringPlan]) -> Any:
    """The numbers of plans, new ones written."""
    numbers_by_limits = {_limits(row): row.number for row in UsagePlan.objects.all()}
    following = max(numbers_by_limits.values(), default=-1) + 1
    numbers, rows = [], []
    for plan in plans:
        key = _limits(plan)
        if key not in numbers_by_limits:
            numbers_by_limits[key] = following
            rows.append(plan_row(following, plan))
            following += 1
        numbers.append(numbers_by_limits[key])
    UsagePlan.objects.bulk_create(rows)
    return np.array(numbers, np.int64)


def plan_row(number: int, plan: MeteringPlan) -> UsagePlan:
    """A plan as a row of the table."""
    return UsagePlan(
        number=number,
        name=plan.name,
        data_bytes=plan.data_bytes,
        voice_s=plan.voice_s,
        messages=plan.messages,
        roaming=plan.roaming,
        balance_minor=plan.balance_minor,
        own_minor=plan.own_minor,
        base=plan.base,
        place=plan.place,
        user=plan.user,
    )


def _limits(plan: MeteringPlan | UsagePlan) -> tuple[object, ...]:
    return (
        plan.name,
        plan.data_bytes,
        plan.voice_s,
        plan.messages,
        plan.roaming,
        plan.balance_minor,
        plan.own_minor,
        plan.base,
        plan.place,
        plan.user,
    )


def _cycle_numbers(state: EngineState, cycles: Sequence[tuple[str, int]]) -> Any:
    known_cycles = [tuple(load) for load in json.loads(state.cycles)]
    known_cycles += [
        fromkey for fromkey in dict.fromkeys(map(tuple, cycles)) if fromkey not in known_cycles
    ]
    state.cycles = json.dumps(known_cycles)
    return np.array([known_cycles.index(tuple(cycle)) for cycle in cycles], np.int64)


def _append(first: int, services: Any, subscribers: Any, lines: Lines) -> None:
    """Fill the last bucket, then make new ones."""
    at = 0
    while at < len(lines):
        number, within = divmod(first + at, LINES_A_BUCKET)
        count = min(LINES_A_BUCKET - within, len(lines) - at)
        part = slice(at, at + count)
        of_bucket = Lines(lines.state[part], lines.terms[part])
        named, owned = services[part], subscribers[part]
        if within:
            old = unpacked(bytes(LineBucket.objects.get(pk=number).memory))
            stored_names = bytes(LineNames.objects.get(pk=number).names)
            names = pa.ipc.open_file(pa.BufferReader(stored_names)).read_all()
            of_bucket = Lines(
                np.concatenate([old.state, of_bucket.state]),
                np.concatenate([old.terms, of_bucket.terms]),
            )
            named = pa.concat_arrays([names["service"].combine_chunks(), named])
            owned = pa.concat_arrays([names["subscriber"].combine_chunks(), owned])
        LineBucket.objects.update_or_create(pk=number, defaults={"memory": packed(of_bucket)})
        LineNames.objects.update_or_create(
            pk=number, defaults={"names": names_packed(named, owned)}
        )
        at += count
