"""Erase a person from every app at their request; what happened stays, to whom does not.

The privacy officer opens a case for it, and the contact on record is looked at once: a fact says
so. Then words, files, letters, drafts, index entries and keys go in one transaction. Facts name a
pseudonym only, so the ledger verifies before and after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from amends.cases.complaints.actions.forget import complaints_about, open_among
from amends.cases.complaints.actions.prove_identity import as_complainant
from amends.cases.complaints.actions.respond import withdraw
from amends.cases.complaints.actions.retention_due import lock
from amends.operations.actions.holds import held_complaints
from amends.operations.queries.erasure_register import register_erasure
from amends.people.access.actions.close_case import close_case
from amends.people.access.actions.open_case import open_case
from amends.people.access.actions.unmask import unmask_addresses
from amends.people.subscribers.queries import held
from amends.platform import registry
from amends.platform.database.secure_delete import clear_away, overwrite_what_is_deleted
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused

_EMPTIED_BY_ACCESS = ("subscribers", "vault")
"""Apps without an erasure of their own: `access` erases the subscriber and their keys there."""


class UnableToErasePerson(Refused):
    """A hold stands, or a complaint is still open."""

    code = "erasure_refused"


@dataclass(frozen=True, slots=True)
class Erased:
    """What was emptied, in numbers; the case it was done in."""

    case: str
    complaints: int
    messages: int
    drafts: int


def erase_person(
    pseudonym: str,
    actor: Actor,
    now: datetime,
    *,
    request: str = "",
    withdraw_open: bool = False,
) -> Erased:
    """Erase a subscriber everywhere; twice is the same as once.

    actor          a privacy officer; others are refused
    request        reference of the message in which the person asked for it
    withdraw_open  complaints still open are withdrawn first, because the person wishes it

    Raises UnableToErasePerson (a legal hold with its reason, an open complaint), UnableToAccess,
    UnableToRegisterErasure.
    """
    with transaction.atomic():
        case = _open_case(pseudonym, actor, request, now)
        _refuse_held(pseudonym)
        _refuse_open(complaints_about(pseudonym), withdraw_open)
    reason = gettext_noop("erasure at the person's own request")
    addresses = unmask_addresses(actor, case, reason=reason, now=now).addresses
    complaints = complaints_about(pseudonym, addresses=addresses)
    _refuse_open(complaints, withdraw_open)
    with transaction.atomic():
        overwrite_what_is_deleted()
        lock(complaints)
        _refuse_held_records(complaints)
        _withdraw(complaints, pseudonym, now)
        erased = registry.erase(
            registry.Erasure(
                pseudonym=pseudonym,
                actor=actor,
                case=case,
                addresses=addresses,
                complaints=complaints,
                now=now,
            )
        )
        close_case(actor, case, now=now)
        register_erasure(pseudonym, actor, now)
    clear_away(_tables())
    return Erased(
        case=case,
        complaints=erased["complaints"],
        messages=erased["channels"],
        drafts=erased["portals"],
    )


def carry_out_erasure(
    *, subscriber: str, actor: Actor, now: datetime, request: str, **_signal: Any
) -> Erased:
    """Erase a person at their request."""
    return erase_person(subscriber, actor, now, request=request)


def _open_case(pseudonym: str, actor: Actor, request: str, now: datetime) -> str:
    return open_case(
        actor,
        subscriber=pseudonym,
        purpose="privacy_request",
        reference=request or "erasure",
        contact=request,
        now=now,
    )


def _refuse_held(pseudonym: str) -> None:
    if reason := held(pseudonym):
        raise UnableToErasePerson(
            _("The data are held (%(reason)s).") % {"reason": reason},
            meaning=_("Nothing was erased."),
            next_step=_("Release the hold when its reason has ended, then erase again."),
        )


def _refuse_held_records(complaints: list[str]) -> None:
    for reason in held_complaints(complaints).values():
        raise UnableToErasePerson(
            _("One of this person's complaints is held: %(reason)s") % {"reason": reason},
            meaning=_("Nothing was erased."),
            next_step=_("Release the hold when its reason has ended, then erase again."),
        )


def _refuse_open(complaints: list[str], withdraw_open: bool) -> None:
    if withdraw_open or not (codes := open_among(complaints)):
        return
    raise UnableToErasePerson(
        _("%(count)s of this person's complaints are still open: %(codes)s.")
        % {"count": len(codes), "codes": ", ".join(codes[:5])},
        meaning=_("Nothing was erased; their answers need the person."),
        next_step=_("Answer them first, or withdraw them with the erasure if the person wishes."),
    )


def _withdraw(complaints: list[str], pseudonym: str, now: datetime) -> None:
    """Withdraw what is open; one that is being carried out cannot be, and refuses the erasure."""
    for ref in complaints:
        if open_among([ref]):
            withdraw(ref, actor=as_complainant(pseudonym), now=now, tell=False)


def _tables() -> list[str]:
    """The tables rows of the person were erased from."""
    declared = [app.label for app in registry.installed() if app.personal_data.erase]
    return [
        model._meta.db_table
        for app in dict.fromkeys((*declared, *_EMPTIED_BY_ACCESS))
        for model in apps.get_app_config(app).get_models()
    ]
