"""Colleagues for whom a client may act in case work: bind, release, and the actor of a call."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.entrances.portals.actions.clients import Client, UnableToUseScope
from amends.entrances.portals.models import ApiClient, ClientColleague
from amends.people.access.queries import actor_called, may
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused

_OWN_ROLES = ("handler",)
"""What a client may do as itself, within its brand: what a handler may."""


class UnableToActForColleague(UnableToUseScope):
    """The client is not bound to the colleague in `by`."""

    code = "colleague_not_bound"


def bind_colleague(name: str, username: str, *, actor: Actor, now: datetime) -> bool:
    """Let a client act for a colleague; False if it may already."""
    _require_administrator(actor)
    colleague = actor_called(username)
    with transaction.atomic():
        client = _locked(name)
        if client.brand and colleague.brand not in ("", client.brand):
            raise Refused(
                _("The client works for the brand %(brand)s, and the colleague for another."),
                meaning=_("Nothing was changed."),
                next_step=_("Choose a colleague of this brand."),
                values={"brand": client.brand},
                code="colleague_not_bound",
            )
        _row, is_new = ClientColleague.objects.get_or_create(
            client=client,
            colleague=colleague.ref,
            released_at=None,
            defaults={"bound_by": actor.ref, "bound_at": now},
        )
    return is_new


def release_colleague(name: str, ref: str, *, actor: Actor, now: datetime) -> bool:
    """End that a client may act for a colleague, from the next call; False if it could not."""
    _require_administrator(actor)
    with transaction.atomic():
        rows = ClientColleague.objects.filter(client=_locked(name), colleague=ref, released_at=None)
        return bool(rows.update(released_by=actor.ref, released_at=now))


def acting(client: Client, by: str) -> Actor:
    """The actor of a call: the colleague in `by`, or the client itself where `by` is empty.

    Raises `UnableToActForColleague` for a colleague the client is not bound to, and the same for a
    name that nobody signs in with. The record of the act has the client in both cases.
    """
    if not by:
        ref = f"client-{client.id}"
        return Actor("client", ref, _OWN_ROLES, brand=client.brand, client=client.name)
    try:
        colleague = actor_called(by)
    except BadInput:
        colleague = None
    rows = ClientColleague.objects.filter(client=client.id, released_at=None)
    if colleague is None or not rows.filter(colleague=colleague.ref).exists():
        raise UnableToActForColleague(
            _("This client may not act for the colleague in “by”."),
            meaning=_("Nothing was changed."),
            next_step=_(
                "Leave “by” out to act as the client itself, or have an administrator bind the "
                "colleague: amends client NAME --bind COLLEAGUE --by ADMINISTRATOR."
            ),
        )
    return replace(colleague, client=client.name, brand=colleague.brand or client.brand)


def _locked(name: str) -> ApiClient:
    row = ApiClient.objects.select_for_update().filter(name=name, revoked_at=None).first()
    if row is None:
        raise BadInput(
            _("There is no client “%(name)s”."),
            next_step=_("Check how it is written."),
            values={"name": name[:80]},
            code="client_unknown",
        )
    return row


def _require_administrator(actor: Actor) -> None:
    if not may(actor.roles, "admin") or actor.brand:
        raise Refused(
            _("Your role does not administer clients of the interface."),
            meaning=_("Nothing was changed."),
            next_step=_("Ask an administrator."),
            code="colleague_not_bound",
        )
