"""Change what a person may do: their roles, partner, brand and email address."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from amends.people.access.actions.deactivate_user import note_change
from amends.people.access.actions.initial_passwords import mark_initial
from amends.people.access.actions.partner_roles import refuse_without_partner
from amends.people.access.models import User
from amends.people.access.queries.rights import rules_on
from amends.people.access.refusals import UnableToFindPerson
from amends.people.access.rules.decide import may_open_page
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused


def set_first_password(name: str, *, actor: Actor, now: datetime) -> str:
    """Give a person a new first password, which they change at the next sign-in; returns it.

    The people who administer people cannot read it again, and it is valid for three days.
    """
    rules = rules_on(timezone.localdate(now))
    if not may_open_page(actor.roles, "admin", rules) or actor.brand:
        raise Refused(
            _("Your role does not change what people may do."),
            meaning=_("Nothing was changed."),
            next_step=_("Ask an administrator."),
            code="user_not_changed",
        )
    password = secrets.token_urlsafe(12)
    with transaction.atomic():
        person = _locked(name)
        person.set_password(password)
        mark_initial(person)
        person.save(update_fields=["password", "initial_password_until"])
        note_change(person, actor, ["password"])
    return password


def change_user(
    name: str,
    *,
    roles: Sequence[str],
    email: str,
    brand: str,
    partner: str,
    actor: Actor,
    now: datetime,
) -> list[str]:
    """Change a person; the names of the fields that changed. It applies from their next page on."""
    rules = rules_on(timezone.localdate(now))
    if not may_open_page(actor.roles, "admin", rules) or actor.brand:
        raise Refused(
            _("Your role does not change what people may do."),
            meaning=_("Nothing was changed."),
            next_step=_("Ask an administrator."),
            code="user_not_changed",
        )
    if unknown := [role for role in roles if role not in rules.people]:
        raise BadInput(
            _("There is no role %(role)s."),
            next_step=_("Choose one of the list."),
            values={"role": ", ".join(unknown)},
            code="role_unknown",
        )
    refuse_without_partner(roles, partner)
    with transaction.atomic():
        administrators = User.objects.select_for_update().filter(is_active=True, is_superuser=True)
        left = set(administrators.values_list("username", flat=True)) - {name}
        person = _locked(name)
        administers = "administrator" in roles
        if person.is_superuser and not administers and not left:
            raise Refused(
                _("Nobody would be left who administers people and roles."),
                meaning=_("Nothing was changed."),
                next_step=_("Make another administrator first."),
                code="user_not_changed",
            )
        wanted = {
            "roles": list(dict.fromkeys(roles)),
            "email": email,
            "brand": brand,
            "partner": partner,
            "is_staff": administers,
            "is_superuser": administers,
        }
        changed = [field for field, value in wanted.items() if getattr(person, field) != value]
        for field in changed:
            setattr(person, field, wanted[field])
        if changed:
            person.save(update_fields=changed)
            note_change(person, actor, changed)
    return changed


def set_partner(name: str, partner: str, *, actor: Actor, now: datetime) -> list[str]:
    """Change only the partner a person works for ("" for none); the names of changed fields."""
    with transaction.atomic():
        person = _locked(name)
        return change_user(
            name,
            roles=person.roles,
            email=person.email,
            brand=person.brand,
            partner=partner,
            actor=actor,
            now=now,
        )


def _locked(name: str) -> User:
    person = User.objects.select_for_update().filter(username=name).first()
    if person is None:
        raise UnableToFindPerson(
            _("Nobody signs in under that name."),
            next_step=_("Check the name, or add the person."),
        )
    return person
