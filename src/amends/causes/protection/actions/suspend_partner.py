"""Propose to suspend the partner that holds a blocked number: heard, decided by a second person."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from amends.causes.protection.authority import check
from amends.causes.protection.choices import Step
from amends.causes.protection.models import ReportedNumber
from amends.causes.protection.numbers import entry_of
from amends.causes.protection.rules.consequences import suspension_rule
from amends.causes.vetting.actions import proceedings
from amends.people.partners.queries import assigned_numbers, of_brand, partners
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.vault.recognisers import mask_text


class UnableToSuspendPartner(Refused):
    """The number is another's, the reports do not suffice, or it was proposed before."""

    code = "unable_to_suspend_partner"


def propose_suspension(
    number: str, partner: str, *, reason: str, actor: Actor, now: datetime
) -> ReportedNumber:
    """Propose to suspend a partner because of a blocked number that the register assigns to it.

    The partner is heard, and a second person decides (`vetting`). An appeal that is granted for the
    number ends the proceeding.
    """
    check(actor, "protection.decide")
    if not reason.strip():
        raise BadInput(
            _("The reason is missing."),
            meaning=_("Nothing was changed."),
            next_step=_("Write what the partner has done with the number."),
            code="unable_to_suspend_without_reason",
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
        if not holds(partner, row, now=now):
            raise UnableToSuspendPartner(
                _("The register does not assign this number to this partner."),
                meaning=_("Nothing was changed."),
                next_step=_("Import the partner's numbers from the register, then propose again."),
            )
        text = mask_text(f"{row.ref}: {reason.strip()}"[:300]).text
        reasons = [{"component": "reported_number", "zh": text, "en": text}]
        row.partner = partner
        row.sanction = proceedings.propose_stop(partner, reasons, actor, now)
        row.save(update_fields=["partner", "sanction"])
    return row


def holds(partner: str, row: ReportedNumber, *, now: datetime) -> bool:
    """Whether the register assigns a reported number to a partner."""
    return row.entry in {
        entry_of(assigned_number) for assigned_number in assigned_numbers(partner, at=now).values()
    }


def holders_of(row: ReportedNumber, *, now: datetime) -> list[str]:
    """References of the partners that the register assigns a reported number to."""
    return [partner.ref for partner in partners() if holds(partner.ref, row, now=now)]


def end_suspension(row: ReportedNumber, *, now: datetime) -> None:
    """End the proceeding for a number whose holder's appeal was granted; the caller saves it."""
    reason = _("The appeal of the number's holder was granted.")
    proceedings.withdraw(row.sanction, reason, system("protection"), now)
    row.partner, row.sanction = "", ""
