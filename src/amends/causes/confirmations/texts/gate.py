"""The gate `confirmations` of a launch: will its users be asked before it is opened for them?"""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from amends.causes.confirmations.rules.requirements import UnableToDemand, demand
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.packs import day_in
from amends.record.catalogue.queries import offer


def asked_before_opening(subject: str) -> tuple[str, str]:
    """Green where the rules of today ask the user at least once; open where the kind is unknown."""
    now = timezone.now()
    terms = offer(subject, now)
    if terms is None:
        return "open", ""
    pack = settings.JURISDICTION
    try:
        opening_demand = demand(
            pack, order="open", kind=terms.kind, initiator="subscriber", on=day_in(pack, now)
        )
    except UnableToDemand:
        return "red", _("The pack has no rules of confirmation.")
    return (
        ("green", "")
        if opening_demand.times
        else ("red", _("No rule asks the user before it is opened."))
    )
