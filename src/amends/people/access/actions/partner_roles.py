"""Roles that only people of a partner can have, and the partner they work for."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext_noop as _

from amends.people.access.queries.rights import rules_on
from amends.people.access.rules.decide import lacks_partner
from amends.people.partners.queries import partner as partner_on_record
from amends.platform.kit.errors import BadInput


class UnableToSetPartner(BadInput):
    """The role needs a partner, or the partner is not on record."""

    code = "partner_missing"


def refuse_without_partner(roles: Sequence[str], partner: str) -> None:
    """Raise `UnableToSetPartner` where a role needs a partner, or the partner is not on record."""
    if lacks_partner(roles, partner, rules_on(timezone.localdate())):
        raise UnableToSetPartner(
            _("People with this role work for a partner, and no partner was chosen."),
            meaning=_("Nothing was changed."),
            next_step=_("Choose the partner they work for."),
        )
    if partner and partner_on_record(partner) is None:
        raise UnableToSetPartner(
            _("There is no partner “%(partner)s” on record."),
            meaning=_("Nothing was changed."),
            next_step=_("Register the partner first, or choose one on record."),
            values={"partner": partner[:64]},
        )
