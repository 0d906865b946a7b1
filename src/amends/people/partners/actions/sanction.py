"""Impose and lift sanctions on partners; leaking is severely punished.

`impose` is called by performers of approved decisions only (`perform_sanction` and those of other
apps).
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext as _

from amends.people.partners.models import Partner, Sanction
from amends.platform.kit.errors import BadInput
from amends.platform.kit.ids import random_id
from amends.platform.kit.periods import from_ms
from amends.platform.registry import DecisionAct


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


def perform_sanction(act: DecisionAct) -> str:
    """Impose what was approved: kind, reason and the end (`until_ms`) of the payload."""
    payload = act.payload
    return impose(
        act.subject,
        kind=payload["kind"],
        reason=payload["reason"],
        now=act.now,
        until=from_ms(payload["until_ms"]) if payload.get("until_ms") else act.until,
    )


def undo_sanction(act: DecisionAct) -> None:
    """Lift the sanction of an approved or lapsed request; one that is lifted already stays so."""
    Sanction.objects.filter(ref=act.outcome, lifted_at__isnull=True).update(lifted_at=act.now)


def sanction_preview(act: DecisionAct) -> list[tuple[str, str]]:
    """The kind of the sanction and its end."""
    kind = Sanction.Kind(act.payload["kind"]).label
    rows = [(gettext("Sanction"), str(kind))]
    if until := act.payload.get("until_ms"):
        rows.append((gettext("Until"), f"{from_ms(until):%Y-%m-%d}"))
    return rows
