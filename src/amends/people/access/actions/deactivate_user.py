"""Put a person out of service, and back: whoever left opens nothing from the next request on."""

from __future__ import annotations

import json
from datetime import datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from amends.people.access.actions.end_sessions import end_sessions_of
from amends.people.access.models import User
from amends.people.access.queries.rights import rules_on
from amends.people.access.refusals import UnableToFindPerson
from amends.people.access.rules.decide import may_open_page
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused


def put_out_of_service(name: str, *, actor: Actor, now: datetime) -> bool:
    """Close everything to a person, in sessions that are open too; False if it was closed."""
    return _set(name, active=False, actor=actor, now=now)


def put_back(name: str, *, actor: Actor, now: datetime) -> bool:
    """Let a person work again with the roles they had; False if they could."""
    return _set(name, active=True, actor=actor, now=now)


def suspend(ref: str, *, actor: Actor, now: datetime) -> bool:
    """Close everything to the person with a reference, for misuse of personal data.

    False where the account is closed already, is unknown, or is the last of an administrator.
    """
    if not may_open_page(actor.roles, "privacy.decide", rules_on(timezone.localdate(now))):
        raise Refused(
            _("Your role suspends nobody."),
            meaning=_("Nothing was changed."),
            next_step=_("Ask the privacy officer."),
            code="unable_to_put_out_of_service",
        )
    with transaction.atomic():
        person = User.objects.select_for_update().filter(ref=ref, is_active=True).first()
        if person is None or person.is_superuser:
            return False
        person.is_active = False
        person.save(update_fields=["is_active"])
        end_sessions_of(person)
        note_change(person, actor, ["is_active"])
    return True


def reinstate(ref: str, *, actor: Actor, now: datetime) -> bool:
    """Open the account again that a decision on misuse closed; False if it is open or unknown."""
    may_decide = may_open_page(actor.roles, "privacy.appeal", rules_on(timezone.localdate(now)))
    if actor.kind != "system" and not may_decide:
        raise Refused(
            _("Your role suspends nobody."),
            meaning=_("Nothing was changed."),
            next_step=_("Ask the privacy officer."),
            code="unable_to_put_out_of_service",
        )
    with transaction.atomic():
        person = User.objects.select_for_update().filter(ref=ref, is_active=False).first()
        if person is None:
            return False
        person.is_active = True
        person.save(update_fields=["is_active"])
        note_change(person, actor, ["is_active"])
    return True


def _set(name: str, *, active: bool, actor: Actor, now: datetime) -> bool:
    if not may_open_page(actor.roles, "admin", rules_on(timezone.localdate(now))):
        raise Refused(
            _("Your role keeps no people."),
            meaning=_("Nothing was changed."),
            next_step=_("Ask an administrator."),
            code="unable_to_put_out_of_service",
        )
    with transaction.atomic():
        keepers = User.objects.select_for_update().filter(is_active=True, is_superuser=True)
        left = set(keepers.values_list("username", flat=True)) - {name}
        person = User.objects.select_for_update().filter(username=name).first()
        if person is None:
            raise UnableToFindPerson(
                _("Nobody signs in under that name."),
                next_step=_("Check the name, or add the person."),
            )
        if person.is_active == active:
            return False
        if not active and not left:
            raise Refused(
                _("Nobody would be left who keeps people and roles."),
                meaning=_("Nothing was changed."),
                next_step=_("Make another administrator first."),
                code="unable_to_put_out_of_service",
            )
        person.is_active = active
        person.save(update_fields=["is_active"])
        if not active:
            end_sessions_of(person)
        note_change(person, actor, ["is_active"])
    return True


def note_change(person: User, actor: Actor, fields: list[str]) -> None:
    """Record a change in the history that `/admin` shows."""
    by = User.objects.filter(ref=actor.ref).values_list("pk", flat=True).first()
    if by is not None:
        LogEntry.objects.create(
            user_id=by,
            content_type=ContentType.objects.get_for_model(User),
            object_id=str(person.pk),
            object_repr=person.username,
            action_flag=CHANGE,
            change_message=json.dumps([{"changed": {"fields": fields}}]),
        )
