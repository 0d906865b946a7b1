"""Permissions to send in apps and to decide on them, and the services they may belong to."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_noop as _

from amends.causes.vetting.queries.app_access import AppAccess, app_access_of
from amends.causes.vetting.queries.checks import (
    is_under_contract,
    owners_of_service,
    registered_services,
)
from amends.people.access.queries import lacks_partner, may
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused


class UnableToActOnApps(Refused):
    """The actor's role may not do this."""

    code = "unable_to_act_on_apps"


class UnableToUseStoppedPartner(UnableToActOnApps):
    """The actor's partner is suspended, excluded or out of contract."""

    code = "partner_stopped"


def check(actor: Actor, permission: str) -> None:
    """Refuse an actor whose roles lack a permission of `access@….toml`.

    An actor with a role for people of a partner who works for none is refused everything.
    """
    if lacks_partner(actor) or not may(actor.roles, permission):
        raise UnableToActOnApps(
            _("Your role may not do this."),
            meaning=_("Nothing was changed."),
            next_step=_("Ask the partner manager."),
        )


def check_whole_operator(actor: Actor, permission: str) -> None:
    """The same for something that applies to all brands: refuse an actor of one brand too."""
    check_operator(actor, permission)
    if actor.brand:
        raise UnableToActOnApps(
            _("Known hosts apply to all brands, and you work for one."),
            meaning=_("Nothing was changed."),
            next_step=_("Ask a colleague who decides for all brands."),
        )


def check_operator(actor: Actor, permission: str) -> None:
    """The same for decisions, which people of a partner never take."""
    check(actor, permission)
    if actor.partner:
        raise UnableToActOnApps(
            _("Only people of the operator decide."),
            meaning=_("Nothing was changed."),
            next_step=_("Ask the partner manager."),
        )


def check_not_stopped(actor: Actor, *, now: datetime) -> None:
    """Refuse people of a partner that is suspended, excluded or out of contract."""
    if app_access_of(actor, now=now) != AppAccess.ALL:
        raise UnableToUseStoppedPartner(
            _("Your company is suspended or excluded, or its contract has ended."),
            meaning=_("Nothing was stored."),
            next_step=_("Your own proceedings stay open to you. Ask the partner manager."),
        )


def check_service(service: str, partner: str, *, actor: Actor, now: datetime) -> None:
    """Refuse a service that is not under the partner's own contract.

    People of a partner choose only services on record that their partner provides, under a contract
    in force that covers the brand. The operator's people may choose any service of their brand that
    is not of another partner than the app.
    """
    if not service:
        return
    is_known, owners = owners_of_service(service)
    if actor.partner:
        is_theirs = is_under_contract(service, actor.partner, now=now)
    else:
        is_theirs = not is_known or not partner or not owners or partner in owners
    if not is_theirs or not _is_of_brand(service, actor.brand):
        raise BadInput(
            _("“%(service)s” is not a service of this partner."),
            meaning=_("Nothing was stored."),
            next_step=_("Choose one of the partner's services, or leave it empty."),
            values={"service": service[:64]},
            code="unable_to_choose_service",
        )


def _is_of_brand(service: str, brand: str) -> bool:
    return not brand or all(row.brand in ("", brand) for row in registered_services(service))
