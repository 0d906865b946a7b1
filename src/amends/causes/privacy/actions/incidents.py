"""Incidents of personal data: opened, scoped, contained, told, reported, closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl
from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.causes.privacy.actions.authority import check
from amends.causes.privacy.models import (
    AffectedPerson,
    AuthorityClock,
    DataExport,
    Incident,
    IncidentStep,
)
from amends.causes.privacy.queries import due_reports
from amends.causes.privacy.queries.clocks import incident_clocks, incident_levels
from amends.causes.privacy.queries.looks import looks_as_columns
from amends.causes.privacy.rules.incident_clocks import level_for
from amends.causes.privacy.rules.scope import Scope, scope_of
from amends.people.access.queries.colleagues import brands_of_people
from amends.people.subscribers.queries import subscribers
from amends.platform.database.rows import create
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.ids import random_id
from amends.platform.kit.periods import from_ms
from amends.platform.vault.recognisers import mask_text
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append

PERMISSION = "privacy.incidents"


class UnableToOpenIncident(BadInput):
    """No title, no period, or a period that ends before it begins."""

    code = "unable_to_open_incident"


class UnableToHandleIncident(Refused):
    """It is closed, about the actor, or something is still owed."""

    code = "unable_to_handle_incident"


def open_incident(
    title: str,
    *,
    origin: str,
    users: Sequence[str],
    since: datetime,
    until: datetime,
    found_at: datetime,
    actor: Actor,
    now: datetime,
    reference: str = "",
    drill: bool = False,
) -> Incident:
    """Open an incident, start the clocks of the authorities, and count its scope.

    found_at  when it became known, by which the clocks run; never after `now`

    Somebody confined to a brand names no user of another, and the scope counts that brand's people.
    """
    check(actor, PERMISSION)
    if not title.strip() or origin not in Incident.Origin.values or not since < until <= now:
        raise UnableToOpenIncident(
            _("An incident needs a title and a period that has passed."),
            meaning=_("Nothing was opened."),
            next_step=_("Write what happened, and from when to when."),
        )
    _refuse_about_oneself(users, actor)
    _refuse_other_brands(users, actor)
    found_at = min(found_at, now)
    with transaction.atomic():
        row = Incident.objects.create(
            ref=random_id("inc", length=12),
            title=mask_text(title).text[:160],
            origin=origin,
            reference=reference,
            drill=drill,
            brand=actor.brand,
            users=sorted(set(users)),
            level=incident_levels(found_at)[0].id,
            since=since,
            until=until,
            found_at=found_at,
            opened_by=actor.ref,
            opened_at=now,
        )
        _state("DataIncidentOpened", row, {"origin": str(origin), "by": actor.ref}, now)
        rescope(row, now=now)
    return row


def rescope(row: Incident, *, now: datetime) -> Scope:
    """Count who is concerned from the looks and exports on record; the level follows the count."""
    looks = looks_as_columns(row.since, row.until, "subscriber", "fields", users=row.users)
    exporters = row.users
    if row.brand:
        people = subscribers(looks["subscriber"].unique().to_list())
        own = [person.pseudonym for person in people.values() if person.brand == row.brand]
        looks = looks.filter(pl.col("subscriber").is_in(own))
        brands = brands_of_people(row.users)
        exporters = [user for user in row.users if brands.get(user) == row.brand]
    scope = scope_of(looks, row.users)
    exports = DataExport.objects.filter(by__in=exporters, at__gte=row.since, at__lt=row.until)
    with transaction.atomic():
        row.affected.filter(message="").delete()
        recorded_people = set(row.affected.values_list("subscriber", flat=True))
        create(
            [
                AffectedPerson(
                    incident=row,
                    subscriber=person_row["subscriber"],
                    looks=person_row["looks"],
                    fields=person_row["fields"][:200],
                    first_at=from_ms(person_row["first_ms"]),
                    last_at=from_ms(person_row["last_ms"]),
                )
                for person_row in scope.people.to_dicts()
                if person_row["subscriber"] not in recorded_people
            ]
        )
        row.scope = {
            "persons": row.affected.count(),
            "looks": scope.looks,
            "fields": list(scope.fields),
            "exports": [
                {
                    "export": export.ref,
                    "rows": export.rows,
                    "columns": export.columns,
                    "recipient": export.handed_to,
                }
                for export in exports
            ],
        }
        levels = incident_levels(row.found_at)
        ids = [level.id for level in levels]
        counted = level_for(int(row.scope["persons"]), levels)
        # A level is raised by the count, never lowered by it: a person may have raised it.
        row.level = max(row.level, counted, key=ids.index)
        row.save(update_fields=["scope", "level"])
        _start_clocks(row)
        scoped: dict[str, str | int] = {"persons": int(row.scope["persons"]), "looks": scope.looks}
        _state("DataIncidentScoped", row, scoped, now, drill=False)
    return scope


def raise_level(ref: str, level: str, *, actor: Actor, now: datetime) -> None:
    """Give an incident another level; further clocks start where its rules ask for them."""
    check(actor, PERMISSION)
    with transaction.atomic():
        row = open_one(ref, actor)
        notes_by_level = {
            incident_level.id: f"{incident_level.zh} / {incident_level.en}"
            for incident_level in incident_levels(row.found_at)
        }
        if level not in notes_by_level:
            raise UnableToHandleIncident(_("There is no such level."))
        row.level = level
        row.save(update_fields=["level"])
        _start_clocks(row)
        _note(row, IncidentStep.Kind.NOTE, notes_by_level[level], actor, now)


def _start_clocks(row: Incident) -> None:
    for rule in incident_clocks(row.found_at):
        if row.level in rule.levels:
            AuthorityClock.objects.get_or_create(
                incident=row, rule=rule.rule, defaults={"due_at": rule.due(row.found_at)}
            )


def report(ref: str, clock: int, *, reference: str, actor: Actor, now: datetime) -> None:
    """Note that an authority was told, with its reference."""
    check(actor, PERMISSION)
    with transaction.atomic():
        row = open_one(ref, actor)
        waiting = row.clocks.filter(pk=clock, told_at=None)
        stated = mask_text(reference).text[:120]
        if not waiting.update(told_at=now, told_by=actor.ref, reference=stated):
            raise UnableToHandleIncident(
                _("This report is noted already."), meaning=_("Nothing was changed.")
            )
        rule = row.clocks.get(pk=clock).rule
        _state("AuthorityTold", row, {"rule": rule, "by": actor.ref}, now)


def add_step(ref: str, kind: str, text: str, *, actor: Actor, now: datetime) -> None:
    """Note a containment step or a measure."""
    check(actor, PERMISSION)
    row = open_one(ref, actor)
    if kind not in IncidentStep.Kind.values or not text.strip():
        raise UnableToHandleIncident(_("Write what was done."), meaning=_("Nothing was stored."))
    _note(row, kind, text, actor, now)


def judge_step(ref: str, step: int, verdict: str, *, actor: Actor) -> None:
    """Say whether a measure worked."""
    check(actor, PERMISSION)
    row = open_one(ref, actor)
    if verdict not in IncidentStep.Verdict.values:
        raise UnableToHandleIncident(_("A measure worked, or it did not."))
    row.steps.filter(pk=step).update(verdict=verdict)


def close_incident(
    ref: str, *, review: str, no_harm: bool, actor: Actor, now: datetime
) -> Incident:
    """Close an incident once everybody concerned is told, or harm was effectively avoided."""
    check(actor, PERMISSION)
    with transaction.atomic():
        row = open_one(ref, actor)
        untold = row.affected.filter(message="").count()
        waiting = len(due_reports(row, untold=untold))
        if not review.strip() or ((untold or waiting) and not no_harm and not row.drill):
            raise UnableToHandleIncident(
                _("%(untold)s people and %(waiting)s reports wait, or the review is missing."),
                meaning=_("The incident stays open."),
                next_step=_("Tell them, or state that harm was effectively avoided and why."),
                values={"untold": untold, "waiting": waiting},
            )
        row.review, row.no_harm = mask_text(review).text[:2000], no_harm
        row.closed_by, row.closed_at = actor.ref, now
        row.save()
        informed_count = row.affected.exclude(message="").count()
        _state("DataIncidentClosed", row, {"persons": informed_count, "by": actor.ref}, now)
    return row


def open_one(ref: str, actor: Actor) -> Incident:
    """An open incident, locked; refuses whoever it is about."""
    rows = Incident.objects.filter(brand=actor.brand) if actor.brand else Incident.objects.all()
    row = rows.filter(ref=ref, closed_at=None).first()
    if row is None:
        raise UnableToHandleIncident(
            _("There is no open incident of that reference."),
            next_step=_("Load the page again: a colleague may have closed it."),
        )
    _refuse_about_oneself(row.users, actor)
    return row


def _refuse_about_oneself(users: Sequence[str], actor: Actor) -> None:
    if actor.ref in users:
        raise UnableToHandleIncident(
            _("This incident is about you."),
            meaning=_("Nothing was changed."),
            next_step=_("Another privacy officer must handle it."),
        )


def _refuse_other_brands(users: Sequence[str], actor: Actor) -> None:
    brands = brands_of_people(users) if actor.brand else {}
    if foreign := sorted(ref for ref, brand in brands.items() if brand not in ("", actor.brand)):
        raise UnableToOpenIncident(
            _("%(users)s work for another brand."),
            meaning=_("Nothing was opened."),
            next_step=_("The privacy officer of that brand opens it, or one for every brand."),
            values={"users": ", ".join(foreign[:5])},
        )


def _note(row: Incident, kind: str, text: str, actor: Actor, now: datetime) -> None:
    IncidentStep.objects.create(
        incident=row, kind=kind, words=mask_text(text).text[:500], by=actor.ref, at=now
    )


def _state(
    kind: str,
    row: Incident,
    payload_extra: dict[str, str | int],
    now: datetime,
    *,
    drill: bool = True,
) -> None:
    payload = {"incident": row.ref, **payload_extra}
    if drill and row.drill:
        payload["drill"] = 1
    append(
        [
            Fact(
                kind=kind,
                subscriber="",
                subject=row.ref,
                happened_at=now,
                source="privacy",
                payload=payload,
            )
        ],
        now=now,
    )
