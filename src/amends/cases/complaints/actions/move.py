"""Workflow transitions: move complaints as the published table allows, end the clocks they meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from amends.cases.complaints.actions.open_to_role import end_soon
from amends.cases.complaints.actions.start_clocks import STARTED_BY, STARTED_BY_MOVE, start_clocks
from amends.cases.complaints.models import Clock, Complaint, Event
from amends.cases.complaints.rules.states import StateTable, table
from amends.cases.complaints.rules.states import UnableToMove as UnableToMove
from amends.platform.database.rows import create, update
from amends.platform.kit.actors import Actor
from amends.platform.vault.redaction import redact_person
from amends.work.casework.actions.follow_up import cases_closed
from amends.work.remedies.actions.approve import turn_away

_FIELDS = (
    "state",
    "state_since",
    "is_open",
    "next_step",
    "next_due_at",
    "reopened_count",
    "first_resolved_at",
    "resolved_at",
    "outcome_ask_at",
    "approval_role",
    "escalated_to",
)
STARTING = frozenset(STARTED_BY) | {"reopened"}
# Only what is solved, or was closed as solved, is asked about weeks later.
_SURVEYED = frozenset({"resolved", "closed_unconfirmed"})
# States in which an offer to the user is open; a transition to any other state ends it.
_OFFERED = frozenset({"proposed", "lapsed"})
_TAKEN = _OFFERED | {"accepted", "implementing"}
_WHY_ENDED = {
    "refuse": "The user did not accept the proposal.",
    "withdraw": "The complaint was taken back.",
    "close_unconfirmed": "The proposal was not answered.",
    "deadlock": "No agreement was reached.",
    "take_up": "The regulator has taken it up.",
}
_REPLACED = "Replaced by a new decision."
_PARTIES = {
    "user": "handler",
    "partner": "handler",
    "client": "handler",
    "system": "system",
    "subscriber": "subscriber",
}


def move_many(
    complaints: Sequence[Complaint],
    verb: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
    fields: Sequence[str] = (),
) -> None:
    """Move all of them or none; raises `UnableToMove`. `fields` are saved along.

    The complaints given are changed in place, so that a caller can move on with them.
    """
    if not complaints:
        return
    states = table()
    who = _PARTIES[actor.kind]
    with transaction.atomic():
        handed_up = [
            complaint
            for complaint in complaints
            if complaint.escalated_to or complaint.approval_role
        ]
        events = [
            _moved(complaint, verb, states, who, actor, now, reason, details or {})
            for complaint in complaints
        ]
        _end_offers(events, verb, actor, now)
        starting = [
            complaint
            for complaint in complaints
            if complaint.state in STARTING or verb in STARTED_BY_MOVE
        ]
        start_clocks(starting, verb=verb, now=now)
        _meet_clocks(complaints, states, now)
        end_soon(handed_up, now=now)
        update(complaints, [*_FIELDS, *fields])
        create(events)
        closed = [complaint.id for complaint in complaints if not complaint.is_open]
        if closed:
            cases_closed("complaint", closed, now=now)


def move(
    complaint: Complaint,
    verb: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Move one complaint; see `move_many`."""
    move_many([complaint], verb, actor=actor, now=now, reason=reason, details=details)


def _moved(
    complaint: Complaint,
    verb: str,
    states: StateTable,
    who: str,
    actor: Actor,
    now: datetime,
    reason: str,
    details: Mapping[str, Any],
) -> Event:
    before = complaint.state
    after = states.move(before, verb, who=who)
    complaint.state, complaint.state_since, complaint.approval_role = after, now, ""
    complaint.is_open = states.states[after].open
    if after not in _SURVEYED:
        complaint.outcome_ask_at = None
    if after == "resolved":
        complaint.first_resolved_at = complaint.first_resolved_at or now
        complaint.resolved_at = now
    if after == "reopened":
        complaint.reopened_count += 1
        complaint.resolved_at = None
    return Event(
        complaint=complaint,
        at=now,
        verb=verb,
        from_state=before,
        to_state=after,
        actor=actor.ref,
        reason=redact_person(reason),
        details=dict(details),
    )


def _end_offers(events: Sequence[Event], verb: str, actor: Actor, now: datetime) -> None:
    """What was offered and is not taken up frees its charges; none is left hanging."""
    ended = [
        f"complaint:{event.complaint_id}"
        for event in events
        if event.from_state in _OFFERED and event.to_state not in _TAKEN
    ]
    if ended:
        turn_away(ended, actor=actor, reason=_WHY_ENDED.get(verb, _REPLACED), now=now)


def _meet_clocks(complaints: Sequence[Complaint], states: StateTable, now: datetime) -> None:
    by_id = {complaint.id: complaint for complaint in complaints}
    running: dict[str, list[Clock]] = {}
    met: list[int] = []
    for clock in Clock.objects.filter(complaint__in=by_id, met_at__isnull=True).order_by("due_at"):
        owner = by_id[clock.complaint_id]
        if states.is_met(clock.step, owner.state, jurisdiction=owner.jurisdiction):
            met.append(clock.pk)
        elif clock.binding and clock.paused_at is None:
            running.setdefault(owner.id, []).append(clock)
    Clock.objects.filter(pk__in=met).update(met_at=now)
    for complaint in complaints:
        first = next(iter(running.get(complaint.id, [])), None)
        complaint.next_step = first.step if first and complaint.is_open else ""
        complaint.next_due_at = first.due_at if first and complaint.is_open else None
        if not any(clock.escalated_at for clock in running.get(complaint.id, [])):
            complaint.escalated_to = ""
