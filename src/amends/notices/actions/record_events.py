"""Record what other systems announce: ends of contracts, changes, stops, arrears, top-ups."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from amends.database.rows import insert
from amends.kit.errors import BadInput
from amends.kit.periods import to_ms
from amends.kit.slices import slices
from amends.notices.actions.record_changes import (
    LINE_EVENTS,
    ToldChange,
    check_change,
    record_changes,
)
from amends.notices.models import LifeEvent
from amends.notices.rules.duty import EVENTS


class UnableToRecordEvent(BadInput):
    """The event cannot be used as it is."""

    code = "event_malformed"


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to record. `ref` is unique: the same event given twice is recorded once."""

    ref: str
    kind: str
    subscriber: str
    service: str
    happens_at: datetime
    offer: str = ""
    figures: dict[str, str | int] = field(default_factory=dict)


def record_events(events: Sequence[NewEvent], *, now: datetime) -> int:
    """Record events in one transaction; how many were new.

    Those of a line's limits (`LINE_EVENTS`) go to the engine, the others to the life cycle.
    """
    for event in events:
        check_event(event)
    of_lines = {event.ref: _change(event) for event in events if event.kind in LINE_EVENTS}
    with transaction.atomic():
        changed = record_changes(list(of_lines.values()))
        fresh = {event.ref: event for event in events if event.kind not in LINE_EVENTS}
        wanted = list(fresh)
        for part in slices(wanted):
            some = LifeEvent.objects.filter(ref__in=part)
            for known in some.values_list("ref", flat=True):
                fresh.pop(known, None)
        rows = list(fresh.values())
        insert(
            LifeEvent,
            {
                "ref": [event.ref for event in rows],
                "kind": [event.kind for event in rows],
                "subscriber": [event.subscriber for event in rows],
                "service": [event.service for event in rows],
                "offer": [event.offer for event in rows],
                "happens_at_ms": [to_ms(event.happens_at) for event in rows],
                "figures": [json.dumps(event.figures, ensure_ascii=False) for event in rows],
                "recorded_at_ms": [to_ms(now)] * len(rows),
            },
            or_leave=True,
        )
    return len(rows) + changed


def _change(event: NewEvent) -> ToldChange:
    return ToldChange(
        event.ref, event.kind, event.service, event.happens_at, event.offer, event.figures
    )


def withdraw_event(ref: str, *, now: datetime) -> bool:
    """The event will not happen: what it has not made due yet will not fall due."""
    withdrawn = LifeEvent.objects.filter(ref=ref, withdrawn_at_ms=None).update(
        withdrawn_at_ms=to_ms(now), settled=True
    )
    return bool(withdrawn)


def check_event(event: NewEvent) -> None:
    """Refuse an event that cannot be used, with what is wrong."""
    if event.kind not in (*EVENTS, *LINE_EVENTS):
        raise UnableToRecordEvent(
            f"There is no event {event.kind!r}.",
            next_step=f"Choose one of {', '.join((*EVENTS, *LINE_EVENTS))}.",
        )
    if not event.ref or not event.subscriber or not event.service:
        raise UnableToRecordEvent(
            "An event needs its reference, a subscriber and a service.",
            next_step="Fill in ref, subscriber and service.",
        )
    if event.happens_at.tzinfo is None:
        raise UnableToRecordEvent(
            f"The time of event {event.ref} has no zone.",
            next_step="Write it like 2026-05-01T09:00+08:00.",
        )
    if event.kind in LINE_EVENTS:
        check_change(_change(event))
