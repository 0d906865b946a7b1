"""Keep one complaint or one hot issue from being forgotten, and let it go again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from amends.people.access.models import RecordHold
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.platform.vault.redaction import redact_person
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append

KINDS = ("complaint", "hotissue")


class UnableToHoldRecord(Refused):
    """Not for this role, no reason given, or no hold stands."""

    code = "record_not_held"


def hold_record(actor: Actor, kind: str, record: str, *, reason: str, now: datetime) -> None:
    """Place a hold with its fact; whether there is such a record is for the caller to know.

    actor   a privacy officer
    kind    one of KINDS
    """
    _refuse_others(actor)
    if not reason.strip():
        raise UnableToHoldRecord(_("A hold needs a reason."), next_step=_("Say why it must stay."))
    with transaction.atomic():
        RecordHold.objects.create(
            kind=kind,
            record=record,
            reason=redact_person(reason)[:200],
            placed_by=actor.ref,
            placed_at=now,
        )
        append([hold_fact("HoldPlaced", kind, record, actor, now)], now=now)


def release_record(actor: Actor, kind: str, record: str, *, now: datetime) -> int:
    """Release the standing holds of a record; how many."""
    _refuse_others(actor)
    with transaction.atomic():
        open_holds = RecordHold.objects.filter(kind=kind, record=record, released_at__isnull=True)
        released = open_holds.update(released_by=actor.ref, released_at=now)
        if not released:
            raise UnableToHoldRecord(
                _("No hold stands for this record."),
                next_step=_("Check the tracking code or the number."),
            )
        append([hold_fact("HoldLifted", kind, record, actor, now)], now=now)
    return released


def hold_fact(
    what: str, kind: str, record: str, actor: Actor, now: datetime, *, subscriber: str = ""
) -> Fact:
    """That a hold was placed or lifted: on what and by whom; the reason is no fact, it may name."""
    subject = record or subscriber
    return Fact(
        kind=what,
        subscriber=subscriber,
        subject=subject,
        happened_at=now,
        source="access",
        payload={"of": kind, "by": actor.ref},
    )


def _refuse_others(actor: Actor) -> None:
    if "privacy_officer" not in actor.roles:
        raise UnableToHoldRecord(
            _("Only a privacy officer places and releases holds."),
            meaning=_("Nothing was changed."),
            next_step=_("Ask the privacy officer."),
        )
