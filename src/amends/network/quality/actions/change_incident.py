"""Changes of an incident by colleagues: confirm, dismiss, end, reopen, merge, split.

An incident that touches several brands takes authority for all of them.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from amends.network.quality.actions.end_incidents import leave_later_complaints
from amends.network.quality.actions.incident_records import (
    LASTING,
    LOCK,
    brands_of_incident,
    demand,
    demand_every_brand,
    incident_numbered,
    next_number,
    record_event,
    reported_by,
)
from amends.network.quality.actions.state_incidents import (
    state_areas_left,
    state_ends,
    state_incidents,
)
from amends.network.quality.incident_choices import (
    FoundBy,
    IncidentEndReason,
    IncidentKind,
    IncidentState,
)
from amends.network.quality.models import IncidentPerson, NetworkIncident
from amends.network.quality.rules.incidents import graver
from amends.platform.database.locks import advisory_lock
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.periods import from_ms, to_ms
from amends.platform.registry import DecisionAct
from amends.platform.vault.redaction import redact_person
from amends.work.approvals.actions.request_approval import request_approval
from amends.work.approvals.actions.subject import Subject
from amends.work.approvals.queries import WaitingItem

MAY = "quality.incidents"
DISMISS = "quality.dismiss_incident"
END = "quality.end_incident"
REOPEN = "quality.reopen_incident"
_SAID = 400


def confirm_incident(number: int, *, actor: Actor, now: datetime) -> None:
    """Say that a suspected incident is one: from now on it is evidence, and users are notified.

    Its reporter cannot confirm it.
    """
    with transaction.atomic():
        row = _locked(number, actor, now, IncidentState.SUSPECTED)
        if reported_by(row, actor):
            raise Refused(
                _("You reported this fault."),
                meaning=_("It is not evidence, and no user is notified of it."),
                next_step=_("Ask a colleague to confirm it."),
                code="network_incident_unchanged",
            )
        row.state = IncidentState.OPEN
        row.save(update_fields=["state"])
        record_event(row, "confirmed", by=actor.ref, at=now)
        state_incidents([row], now=now)


def dismiss_incident(number: int, *, reason: str, actor: Actor, now: datetime) -> WaitingItem:
    """Request its dismissal; once approved, its alarms and complaints are free again.

    Refused once users were notified: it is ended then, so that they hear of it.
    """
    reason_text = _reason(reason)
    with transaction.atomic():
        row = incident_numbered(number, lock=True)
        demand(actor, MAY, now)
        _refuse_dismissal(row)
        return _request(DISMISS, row, reason=reason_text, actor=actor, now=now)


def perform_dismissal(act: DecisionAct) -> None:
    """Dismiss an incident whose dismissal was approved."""
    row = _locked(int(act.subject), act.actor, act.now, *LASTING)
    _refuse_dismissal(row)
    row.state, row.ended_at = IncidentState.DISMISSED, act.now
    row.ended_because = IncidentEndReason.PERSON
    row.save(update_fields=["state", "ended_at", "ended_because"])
    row.complaints.all().delete()
    record_event(row, "dismissed", by=act.actor.ref, at=act.now, reason=act.reason)
    state_ends([row], now=act.now)


def _refuse_dismissal(row: NetworkIncident) -> None:
    _refuse_state(row, *LASTING)
    if row.people.filter(told_at__isnull=False).exists():
        raise Refused(
            _("Users were notified of this incident already."),
            meaning=_("Nothing was changed."),
            next_step=_("End it instead; users are then notified that it is over."),
            code="network_incident_unchanged",
        )


def end_incident(
    number: int, *, at: datetime, reason: str, actor: Actor, now: datetime
) -> WaitingItem:
    """Request the end of an incident; once approved, the users who were notified hear of it."""
    reason_text = _reason(reason)
    with transaction.atomic():
        row = incident_numbered(number, lock=True)
        demand(actor, MAY, now)
        _refuse_state(row, *LASTING)
        if not row.started_at <= at <= now:
            raise Refused(
                _("The end is before the start of the incident, or in the future."),
                meaning=_("Nothing was changed."),
                next_step=_("Enter a time between its start and now."),
                code="network_incident_unchanged",
            )
        payload = {"at_ms": to_ms(at)}
        return _request(
            END, row, reason=reason_text, actor=actor, now=now, payload=payload, title=_ended(at)
        )


def perform_end(act: DecisionAct) -> None:
    """End an incident at the time that was approved."""
    row = _locked(int(act.subject), act.actor, act.now, *LASTING)
    row.state, row.ended_at = IncidentState.ENDED, from_ms(act.payload["at_ms"])
    row.ended_because = IncidentEndReason.PERSON
    row.save(update_fields=["state", "ended_at", "ended_because"])
    leave_later_complaints(row)
    record_event(row, "ended", by=act.actor.ref, at=act.now, because="person", reason=act.reason)
    state_ends([row], now=act.now)


def reopen_incident(number: int, *, reason: str, actor: Actor, now: datetime) -> WaitingItem:
    """Request that an ended incident lasts again."""
    reason_text = _reason(reason)
    with transaction.atomic():
        row = incident_numbered(number, lock=True)
        demand(actor, MAY, now)
        _refuse_state(row, IncidentState.ENDED)
        return _request(REOPEN, row, reason=reason_text, actor=actor, now=now)


def perform_reopening(act: DecisionAct) -> None:
    """Reopen an incident; also what undoes an end or a dismissal."""
    states = (IncidentState.ENDED, IncidentState.DISMISSED)
    row = _locked(int(act.subject), act.actor, act.now, *states)
    row.state = IncidentState.ENDED
    row.reopen(at=act.now)
    row.last_sign_at = act.now
    row.save()
    record_event(row, "reopened", by=act.actor.ref, at=act.now, reason=act.reason)
    state_incidents([row], now=act.now)


def undo_reopening(act: DecisionAct) -> None:
    """End an incident again whose reopening is undone."""
    row = _locked(int(act.subject), act.actor, act.now, *LASTING)
    row.state, row.ended_at = IncidentState.ENDED, act.now
    row.ended_because = IncidentEndReason.PERSON
    row.save(update_fields=["state", "ended_at", "ended_because"])
    record_event(row, "ended", by=act.actor.ref, at=act.now, because="person", reason=act.reason)
    state_ends([row], now=act.now)


def _request(
    decision: str,
    row: NetworkIncident,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    payload: dict[str, int] | None = None,
    title: str = "",
) -> WaitingItem:
    return request_approval(
        decision,
        subject=Subject(
            kind="network_incident",
            key=str(row.number),
            title=f"{row.number}: {IncidentKind(row.kind).label}{title}",
            path=f"/desk/network/incidents/{row.number}/",
        ),
        reason=reason,
        actor=actor,
        now=now,
        payload=payload,
        brands=brands_of_incident(row),
    )


def _ended(at: datetime) -> str:
    """The end for the title of the request: it decides on the credits, so its approver reads it."""
    return f", {IncidentState.ENDED.label} {timezone.localtime(at):%Y-%m-%d %H:%M}"


def merge_incidents(number: int, into: int, *, actor: Actor, now: datetime) -> None:
    """Let one incident go on in another: its signs, complaints and affected users move there.

    Who was notified of either is not notified again.
    """
    with transaction.atomic():
        advisory_lock(LOCK, ["alarms"])
        row = _locked(number, actor, now, *LASTING, IncidentState.ENDED)
        target = _locked(into, actor, now, *LASTING, IncidentState.ENDED)
        if row.pk == target.pk:
            raise Refused(
                _("An incident cannot be merged with itself."),
                next_step=_("Choose another incident."),
                code="network_incident_unchanged",
            )
        _refuse_unconfirmed_report(row)
        _refuse_unconfirmed_report(target)
        row.alarms.update(incident=target)
        row.stretches.update(incident=target)
        row.complaints.update(incident=target)
        _move_people(row, target)
        target.areas = sorted({*target.areas, *row.areas})
        target.cells = sorted({*target.cells, *row.cells})
        target.started_at = min(target.started_at, row.started_at)
        target.last_sign_at = max(target.last_sign_at, row.last_sign_at)
        target.severity = graver(target.severity, row.severity)
        if row.lasts and not target.lasts:
            target.reopen(at=now)
        if target.cause == "unknown":
            target.cause = row.cause
        target.save()
        row.state, row.merged_into = IncidentState.MERGED, target
        row.ended_at = row.ended_at or now
        row.save(update_fields=["state", "merged_into", "ended_at"])
        record_event(row, "merged_into", by=actor.ref, at=now, other=target.number)
        record_event(target, "merged", by=actor.ref, at=now, other=row.number)
        state_ends([row], now=now)
        state_incidents([target], now=now)


def split_incident(number: int, *, areas: Collection[str], actor: Actor, now: datetime) -> int:
    """Make an incident of its own of some areas of another; the number of the new one."""
    with transaction.atomic():
        advisory_lock(LOCK, ["alarms"])
        row = _locked(number, actor, now, *LASTING)
        parted = set(areas) & set(row.areas)
        if not parted or parted == set(row.areas):
            raise Refused(
                _("Some of its areas can be split off, not none and not all."),
                meaning=_("Nothing was changed."),
                next_step=_("Choose the areas that have another cause."),
                code="network_incident_unchanged",
            )
        alarms = row.alarms.filter(area__in=parted)
        stretches = row.stretches.filter(area__in=parted)
        cells = {*alarms.values_list("cell", flat=True), *stretches.values_list("cell", flat=True)}
        started = min(
            [
                *alarms.values_list("raised_at", flat=True),
                *stretches.values_list("from_at", flat=True),
            ],
            default=row.started_at,
        )
        fresh = NetworkIncident.objects.create(
            number=next_number(),
            kind=row.kind,
            cause=row.cause,
            technology=row.technology,
            severity=row.severity,
            state=row.state,
            areas=sorted(parted),
            cells=sorted(cells - {""}),
            started_at=started,
            found_at=row.found_at,
            found_by=row.found_by,
            last_sign_at=row.last_sign_at,
            split_from=row,
        )
        alarms.update(incident=fresh)
        stretches.update(incident=fresh)
        row.complaints.filter(area__in=parted).update(incident=fresh)
        row.areas = sorted(set(row.areas) - parted)
        row.cells = sorted(set(row.cells) - cells)
        row.save(update_fields=["areas", "cells"])
        state_areas_left(row, parted, at=now, now=now)
        where = sorted(parted)
        record_event(row, "split", by=actor.ref, at=now, other=fresh.number, areas=where)
        record_event(fresh, "split_from", by=actor.ref, at=now, other=row.number, areas=where)
        state_incidents([fresh], now=now)
    return fresh.number


def _locked(number: int, actor: Actor, now: datetime, *states: str) -> NetworkIncident:
    demand(actor, MAY, now)
    row = incident_numbered(number, lock=True)
    demand_every_brand(actor, row)
    _refuse_state(row, *states)
    return row


def _refuse_state(row: NetworkIncident, *states: str) -> None:
    if row.state not in states:
        raise Refused(
            _("The incident has changed meanwhile."),
            meaning=_("Nothing was changed."),
            next_step=_("Load it again."),
            code="network_incident_unchanged",
        )


def _refuse_unconfirmed_report(row: NetworkIncident) -> None:
    """A report that no second person confirmed must not change the start of another incident."""
    if row.state == IncidentState.SUSPECTED and row.found_by == FoundBy.PERSON:
        raise Refused(
            _("Incident %(number)s rests on the report of one colleague."),
            meaning=_("Nothing was changed."),
            next_step=_("Let another colleague confirm it before you merge."),
            values={"number": row.number},
            code="network_incident_unchanged",
        )


def _reason(reason: str) -> str:
    redacted = redact_person(reason.strip())[:_SAID]
    if not redacted:
        raise Refused(
            _("A reason is missing."),
            meaning=_("Nothing was changed."),
            next_step=_("Describe what you know in one sentence."),
            code="network_incident_unchanged",
        )
    return redacted


def _move_people(row: NetworkIncident, target: NetworkIncident) -> None:
    people_by_subscriber = {
        target_person.subscriber: target_person for target_person in target.people.all()
    }
    for person in IncidentPerson.objects.filter(incident=row):
        if (existing_person := people_by_subscriber.get(person.subscriber)) is None:
            person.incident = target
            person.save(update_fields=["incident"])
            continue
        if existing_person.told_at is None:
            existing_person.told_at, existing_person.told_on = person.told_at, person.told_on
            existing_person.save(update_fields=["told_at", "told_on"])
        person.delete()
