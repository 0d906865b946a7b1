"""Write the notices of the life cycle that have fallen due, each once, with its fact."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from amends.causes.notices.actions.hold import hold_rows
from amends.causes.notices.actions.sources import (
    localised,
    ordered,
    running,
    stated_events,
    with_advice,
)
from amends.causes.notices.models import LifeEvent, Notice, StreamPosition
from amends.causes.notices.queries.places import place_of
from amends.causes.notices.rules.life_cycle import DueNotice, LifeCycleEvent, due
from amends.engines.duties.book import book
from amends.platform.database.rows import insert
from amends.platform.kit.batches import slices
from amends.platform.kit.packs import day_in
from amends.platform.kit.periods import to_ms
from amends.record.ledger.actions.append_segment import append_rows

_WRITER = "write_due"
Found = tuple[str, DueNotice]


def write_due(*, now: datetime) -> int:
    """Write what recorded events and recent orders have made due; how many notices are new."""
    stated = stated_events(now)
    written = _write([*stated, *ordered(now)], now=now)
    _settle(stated, now=now)
    return written


def write_due_of_running(*, now: datetime) -> int:
    """Write what running services make due: the end of a term, the yearly advice. Once a day."""
    return _write(running(now), now=now)


def write_due_of(events: Iterable[LifeCycleEvent], *, now: datetime) -> int:
    """Write what the given events have made due by `now`; how many notices are new."""
    return _write(events, now=now)


def _write(events: Iterable[LifeCycleEvent], *, now: datetime) -> int:
    advised = _advised(_due_by_pack(events, now), now)
    if not advised:
        return 0
    with transaction.atomic():
        _one_writer()
        fresh = _not_there(advised)
        _insert(fresh, now=now)
        _state([due_notice for _, due_notice in fresh], now=now)
    return len(fresh)


def _due_by_pack(
    events: Iterable[LifeCycleEvent], now: datetime
) -> Iterator[tuple[LifeCycleEvent, Found]]:
    for event, person in localised(events):
        jurisdiction = place_of(person)
        rules = book(jurisdiction, day_in(jurisdiction, now))
        yield from (
            (event, (rules.jurisdiction, due_notice)) for due_notice in due((event,), rules, now)
        )


def _advised(due_by_event: Iterable[tuple[LifeCycleEvent, Found]], now: datetime) -> list[Found]:
    """What is not written yet, with the advice its event takes: it reads months of a user's use."""
    events: dict[str, LifeCycleEvent] = {}
    rows = []
    for event, due_row in due_by_event:
        events.setdefault(due_row[1].key, event)
        rows.append(due_row)
    fresh = _not_there(rows)
    of_fresh = [events[due_notice.key] for _, due_notice in fresh]
    return [
        (pack, replace(due_notice, figures=event.figures))
        for (pack, due_notice), event in zip(fresh, with_advice(of_fresh, now), strict=True)
    ]


def _one_writer() -> None:
    """Let writers pass one after the other, so that a key found absent stays so to the commit."""
    StreamPosition.objects.get_or_create(name=_WRITER)
    StreamPosition.objects.select_for_update().get(name=_WRITER)


def _not_there(founds: Sequence[Found]) -> list[Found]:
    by_key: dict[str, Found] = {}
    for pack, due_notice in founds:
        by_key.setdefault(due_notice.key, (pack, due_notice))
    wanted = list(by_key)
    for part in slices(wanted):
        notices = Notice.objects.filter(key__in=part)
        for stored_key in notices.values_list("key", flat=True):
            by_key.pop(stored_key, None)
    return list(by_key.values())


def _insert(fresh: Sequence[Found], *, now: datetime) -> None:
    rows = [due_notice for _, due_notice in fresh]
    insert(
        Notice,
        {
            "key": [row.key for row in rows],
            "subscriber": [row.subscriber for row in rows],
            "service": [row.service for row in rows],
            "pack": [pack for pack, _ in fresh],
            "duty": [row.duty for row in rows],
            "version": [row.version for row in rows],
            "period": [row.period for row in rows],
            "step": [row.step for row in rows],
            "action": [row.action for row in rows],
            "figures": [json.dumps(dict(row.figures), ensure_ascii=False) for row in rows],
            "due_at_ms": [row.due_at_ms for row in rows],
            "due_by_ms": [row.due_by_ms for row in rows],
            "detected_at_ms": [to_ms(now)] * len(rows),
            "next_at_ms": [row.due_at_ms for row in rows],
        },
        or_leave=True,
    )
    hold_rows(
        [
            (row.key, row.subscriber, row.service, row.duty, "", row.period, row.action)
            for row in rows
            if row.action != "notice"
        ],
        now=now,
    )


def _state(fresh: Sequence[DueNotice], *, now: datetime) -> None:
    columns = {
        "subscriber": [due_notice.subscriber for due_notice in fresh],
        "subject": [due_notice.service for due_notice in fresh],
        "happened_at_ms": [due_notice.due_at_ms for due_notice in fresh],
        "duty": [due_notice.duty for due_notice in fresh],
        "duty_version": [due_notice.version for due_notice in fresh],
        "key": [due_notice.key for due_notice in fresh],
        "due_at_ms": [due_notice.due_by_ms for due_notice in fresh],
        "step": [due_notice.step for due_notice in fresh],
    }
    append_rows("NoticeDue", columns, source="notices", now=now)


def _settle(life_cycle_events: Sequence[LifeCycleEvent], *, now: datetime) -> None:
    """An event that has happened makes nothing more due."""
    past = [event.ref for event in life_cycle_events if event.happens_at_ms <= to_ms(now)]
    for part in slices(past):
        LifeEvent.objects.filter(ref__in=part).update(settled=True)
