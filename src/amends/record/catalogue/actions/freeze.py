"""Take an offer, a campaign or a launch from sale for a cause, and give it back."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from amends.platform.database.rows import insert_new
from amends.platform.kit.errors import BadInput
from amends.platform.vault.redaction import redact_person
from amends.record.catalogue.models import SaleFreeze


class UnableToFreeze(BadInput):
    """What is to be frozen is not named, no reason is given, or nothing is frozen."""

    code = "sale_not_frozen"


def freeze(kind: str, ref: str, *, cause: str, reason: str, by: str, now: datetime) -> bool:
    """Take something from sale; whether it was not frozen for this cause already.

    kind   offer, campaign or launch
    cause  what asks for it, e.g. "emergency:<id>": others may freeze the same thing, and it is on
           sale again only when every cause has lifted its freeze

    Whoever calls states it as a fact: this app stands below the ledger.
    """
    if kind not in SaleFreeze.Kind.values or not ref.strip():
        raise UnableToFreeze(
            _("Nothing is named to be taken from sale."),
            next_step=_("Name an offer, a campaign or a launch by its reference."),
        )
    if not reason.strip():
        raise UnableToFreeze(_("A freeze needs a reason."), next_step=_("Write why in a sentence."))
    return insert_new(
        SaleFreeze(
            kind=kind,
            ref=ref.strip()[:64],
            cause=cause,
            reason=redact_person(reason.strip())[:200],
            frozen_by=by,
            frozen_at=now,
        )
    )


def unfreeze(kind: str, ref: str, *, cause: str, reason: str, by: str, now: datetime) -> None:
    """Lift the freeze of one cause; those of others stand."""
    if not reason.strip():
        raise UnableToFreeze(
            _("Lifting a freeze needs a reason."), next_step=_("Write why it may be sold again.")
        )
    open_freezes = SaleFreeze.objects.filter(
        kind=kind, ref=ref, cause=cause, lifted_at__isnull=True
    )
    lifted = open_freezes.update(
        lifted_by=by, lifted_at=now, lifted_reason=redact_person(reason.strip())[:200]
    )
    if not lifted:
        raise UnableToFreeze(_("It is not frozen."), next_step=_("Load the page again."))
