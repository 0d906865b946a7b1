"""Break the glass: look without a case, when one person asks and another agrees.

Three steps by two people: ask, approve, look. Each look is in the ledger with both people and the
reason, and the subscriber always sees it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from amends.people.access.actions.disclosure import disclose, disclosure, shown_only_if_recorded
from amends.people.access.actions.look import checked_fields
from amends.people.access.actions.unmask import check_reason
from amends.people.access.models import BreakGlass, User
from amends.people.access.queries.authority import authorise
from amends.people.access.queries.rights import rules_on
from amends.people.subscribers.queries import subscriber as subscriber_view
from amends.people.subscribers.queries.personal import open_personal
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.platform.kit.ids import random_id
from amends.platform.vault.redaction import redact_person

PURPOSE = "break_glass"


class UnableToBreakGlass(Refused):
    """Nobody else has agreed, the time is over, or it was done already."""

    code = "break_glass_refused"


def ask_break_glass(
    actor: Actor, *, subscriber: str, fields: Collection[str], reason: str, now: datetime
) -> str:
    """Ask to see a person's data without a case; returns the reference of the request."""
    wanted = checked_fields(fields)
    check_reason(reason)
    authorise(
        actor, "ask_break_glass", now=now, purpose=PURPOSE, fields=wanted, brand=_brand(subscriber)
    )
    request = BreakGlass.objects.create(
        ref=random_id("glass"),
        subscriber=subscriber,
        fields=list(wanted),
        reason=redact_person(reason),
        asked_by=actor.ref,
        asked_at=now,
    )
    return request.ref


def approve_break_glass(actor: Actor, request: str, *, now: datetime) -> None:
    """Agree to another's request; the one who asked can never be the one who agrees."""
    with transaction.atomic():
        emergency_access = _find(request)
        authorise(
            actor,
            "approve_break_glass",
            now=now,
            purpose=PURPOSE,
            fields=emergency_access.fields,
            brand=_brand(emergency_access.subscriber),
        )
        at_work = User.objects.filter(ref=actor.ref, is_active=True).exists()
        if actor.kind != "user" or not at_work or actor.ref == emergency_access.asked_by:
            raise UnableToBreakGlass(
                _("A second person must agree."),
                meaning=_("Nobody can agree to their own request."),
                next_step=_("Ask a colleague who may agree to it."),
            )
        if emergency_access.approved_at is not None or _too_late(emergency_access.asked_at, now):
            raise UnableToBreakGlass(
                _("This request is answered or out of time."),
                next_step=_("Ask again, if it is still needed."),
            )
        emergency_access.approved_by, emergency_access.approved_at = actor.ref, now
        emergency_access.save(update_fields=["approved_by", "approved_at"])


def break_glass(actor: Actor, request: str, *, now: datetime) -> dict[str, str]:
    """The full values of an approved request, once, to the one who asked."""
    with shown_only_if_recorded(actor):
        emergency_access = _find(request)
        ruling = authorise(
            actor,
            "break_glass",
            now=now,
            purpose=PURPOSE,
            fields=emergency_access.fields,
            brand=_brand(emergency_access.subscriber),
        )
        if emergency_access.asked_by != actor.ref or emergency_access.approved_at is None:
            raise UnableToBreakGlass(
                _("A second person must agree."),
                meaning=_("Nothing was shown."),
                next_step=_("Ask a colleague who may agree to it."),
            )
        if emergency_access.used_at is not None or _too_late(emergency_access.approved_at, now):
            raise UnableToBreakGlass(
                _("This request is answered or out of time."),
                next_step=_("Ask again, if it is still needed."),
            )
        values = open_personal([emergency_access.subscriber], emergency_access.fields).get(
            emergency_access.subscriber, {}
        )
        disclosed = disclosure(
            actor,
            ruling,
            subscriber=emergency_access.subscriber,
            purpose=PURPOSE,
            fields=emergency_access.fields,
        )
        disclose(
            [
                replace(
                    disclosed,
                    reason=emergency_access.reason,
                    second_person=emergency_access.approved_by,
                    unmasked=True,
                )
            ],
            now=now,
        )
        emergency_access.used_at = now
        emergency_access.save(update_fields=["used_at"])
    return {field: values.get(field, "") for field in emergency_access.fields}


def _find(request: str) -> BreakGlass:
    emergency_access = BreakGlass.objects.select_for_update().filter(ref=request).first()
    if emergency_access is None:
        raise UnableToBreakGlass(
            _("There is no such request."), next_step=_("Check its reference, or ask anew.")
        )
    return emergency_access


def _brand(subscriber: str) -> str:
    view = subscriber_view(subscriber)
    if view is None:
        raise UnableToBreakGlass(
            _("There is no such subscriber."), next_step=_("Check the pseudonym.")
        )
    return view.brand


def _too_late(since: datetime, now: datetime) -> bool:
    return now - since > timedelta(minutes=rules_on(timezone.localdate(now)).break_glass_minutes)
