"""Suspend the partner that uses a blocked number: decided by a person, for a time, appealable."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from amends.kit.actors import Actor
from amends.kit.errors import BadInput, Refused
from amends.partners.actions.sanction import impose, lift
from amends.partners.queries import of_brand, sanctions
from amends.protection.authority import check
from amends.protection.choices import Step
from amends.protection.models import ReportedNumber
from amends.protection.rules.consequences import suspension_rule


class UnableToSuspendPartner(Refused):
    """The reports of the number do not suffice, or the partner is suspended for it already."""

    code = "unable_to_suspend_partner"


class UnableToSuspendWithoutReason(BadInput):
    """A suspension needs a reason."""

    code = "unable_to_suspend_without_reason"


def suspend_partner(
    number: str, partner: str, *, reason: str, actor: Actor, now: datetime
) -> ReportedNumber:
    """Suspend a partner because of a blocked number that it uses; the sanction ends by itself.

    An appeal that is granted for the number ends it at once.
    """
    check(actor, "protection.decide")
    if not reason.strip():
        raise UnableToSuspendWithoutReason(
            _("The reason is missing."),
            meaning=_("Nothing was changed."),
            next_step=_("Write what the partner has done with the number."),
        )
    rule = suspension_rule(timezone.localdate(now))
    with transaction.atomic():
        row = ReportedNumber.objects.select_for_update().filter(ref=number).first()
        enough = (
            row is not None
            and row.step == Step.BLOCK
            and row.weight >= rule.weight
            and (row.frauds > 0 or not rule.needs_fraud)
        )
        if row is None or not enough or row.sanction or not of_brand(partner, actor.brand):
            raise UnableToSuspendPartner(
                _("This partner cannot be suspended because of this number."),
                meaning=_("Nothing was changed."),
                next_step=_(
                    "A partner can be suspended once, for a number that is blocked because of "
                    "reported fraud."
                ),
            )
        row.partner = partner
        row.sanction = impose(
            partner,
            kind="suspension",
            reason=f"{row.ref}: {reason.strip()}"[:300],
            now=now,
            until=now + timedelta(days=rule.days),
        )
        row.save(update_fields=["partner", "sanction"])
    return row


def end_suspension(row: ReportedNumber, *, now: datetime) -> None:
    """Lift the suspension for a number whose holder's appeal was granted; the caller saves it."""
    standing = [
        one for one in sanctions(row.partner) if one.ref == row.sanction and one.lifted_at is None
    ]
    if standing:
        lift(row.sanction, now=now)
    row.partner, row.sanction = "", ""
