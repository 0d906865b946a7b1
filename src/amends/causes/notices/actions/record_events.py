"""Record what other systems announce (ends, changes, stops, arrears, top-ups) or take back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.causes.notices.actions.record_changes import (
    LINE_EVENTS,
    StatedChange,
    check_change,
    record_changes,
)
from amends.causes.notices.models import LifeEvent
from amends.engines.duties.duty import EVENTS
from amends.people.subscribers.queries import subscriber
from amends.platform.database.rows import insert
from amends.platform.kit.batches import slices
from amends.platform.kit.errors import BadInput
from amends.platform.kit.periods import to_ms


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
            recorded_events = LifeEvent.objects.filter(ref__in=part)
            for known_ref in recorded_events.values_list("ref", flat=True):
                fresh.pop(known_ref, None)
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


def _change(event: NewEvent) -> StatedChange:
    return StatedChange(
        ref=event.ref,
        kind=event.kind,
        service=event.service,
        at=event.happens_at,
        offer=event.offer,
        figures=event.figures,
    )


def withdraw_event(ref: str, *, now: datetime, brand: str = "") -> bool:
    """The event will not happen: what it has not made due yet will not fall due.

    False where it was withdrawn already. `brand`: the brand of the sender.
    """
    with transaction.atomic():
        event = LifeEvent.objects.select_for_update().filter(ref=ref).first()
        if event is None or not _is_of(event.subscriber, brand):
            raise BadInput(
                _("No event with this reference is known."),
                meaning=_("Nothing was changed."),
                next_step=_(
                    "Give the reference under which it was announced; a top-up or a balance is "
                    "corrected by a newer one."
                ),
                code="event_unknown",
            )
        if event.withdrawn_at_ms is not None:
            return False
        event.withdrawn_at_ms, event.settled = to_ms(now), True
        event.save(update_fields=["withdrawn_at_ms", "settled"])
    return True


def _is_of(pseudonym: str, brand: str) -> bool:
    if not brand:
        return True
    person = subscriber(pseudonym)
    return person is not None and person.brand == brand


def check_event(event: NewEvent) -> None:
    """Refuse an event that cannot be used, with what is wrong."""
    if event.kind not in (*EVENTS, *LINE_EVENTS):
        raise BadInput(
            _("There is no event “%(kind)s”."),
            next_step=_("Choose one of %(known)s."),
            values={"kind": event.kind, "known": ", ".join((*EVENTS, *LINE_EVENTS))},
            code="event_malformed",
        )
    if not event.ref or not event.subscriber or not event.service:
        raise BadInput(
            _("An event needs its reference, a subscriber and a service."),
            next_step=_("Fill in ref, subscriber and service."),
            code="event_malformed",
        )
    if event.happens_at.tzinfo is None:
        raise BadInput(
            _("The time of event %(ref)s has no zone."),
            next_step=_("Write it like 2026-05-01T09:00+08:00."),
            values={"ref": event.ref},
            code="event_malformed",
        )
    if event.kind in LINE_EVENTS:
        check_change(_change(event))
