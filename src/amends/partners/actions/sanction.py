"""Impose and lift sanctions on partners; leaking is severely punished."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from amends.kit.errors import BadInput
from amends.kit.ids import random_id
from amends.partners.models import Partner, Sanction


class UnableToSanction(BadInput):
    """The partner is unknown, the kind is, or no reason is given."""

    code = "sanction_not_imposed"


def impose(
    partner: str,
    *,
    kind: str,
    reason: str,
    now: datetime,
    until: datetime | None = None,
    amount_minor: int = 0,
    currency: str = "",
) -> str:
    """Impose a sanction from now on (until a moment, if given) and return its reference.

    A suspension or an exclusion ends every right of the partner while it stands.
    """
    if kind not in Sanction.Kind.values:
        raise UnableToSanction(_("%(kind)s is no kind of sanction.") % {"kind": kind})
    if not reason.strip():
        raise UnableToSanction(_("A sanction needs a reason."))
    if not Partner.objects.filter(ref=partner).exists():
        raise UnableToSanction(_("There is no partner %(partner)s.") % {"partner": partner})
    ref = random_id("san", length=12)
    Sanction.objects.create(
        ref=ref,
        partner_id=partner,
        kind=kind,
        reason=reason,
        amount_minor=amount_minor,
        currency=currency,
        imposed_at=now,
        until=until,
    )
    return ref


def lift(ref: str, *, now: datetime) -> None:
    """Lift a standing sanction."""
    if not Sanction.objects.filter(ref=ref, lifted_at__isnull=True).update(lifted_at=now):
        raise UnableToSanction(_("No sanction %(ref)s stands.") % {"ref": ref})
