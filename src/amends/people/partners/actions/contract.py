"""Sign and end contracts with partners."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from amends.people.partners.models import Contract, Partner
from amends.platform.kit.errors import BadInput
from amends.platform.kit.ids import random_id


class UnableToSignContract(BadInput):
    """The partner is unknown, no role is named, or the period ends before it begins."""

    code = "contract_not_signed"


class UnableToEndContract(BadInput):
    """There is no such contract, or it ended earlier."""

    code = "contract_not_ended"


@dataclass(frozen=True, slots=True)
class ContractCore:
    """What a contract says that never changes; its end may."""

    partner: str
    roles: tuple[str, ...]
    brand: str
    valid_from: datetime


def known_contract(ref: str) -> tuple[ContractCore, datetime | None] | None:
    """A contract and when it ends, None where none has that reference."""
    row = Contract.objects.filter(ref=ref).first()
    if row is None:
        return None
    return ContractCore(
        partner=row.partner_id,
        roles=tuple(sorted(row.roles)),
        brand=row.brand,
        valid_from=row.valid_from,
    ), row.valid_to


def sign_contract(
    partner: str,
    *,
    roles: tuple[str, ...],
    valid_from: datetime,
    valid_to: datetime | None = None,
    brand: str = "",
    ref: str = "",
) -> str:
    """Record a contract over `[valid_from, valid_to)` and return its reference."""
    if not roles:
        raise UnableToSignContract(_("A contract names at least one role."))
    if valid_to is not None and valid_to <= valid_from:
        raise UnableToSignContract(_("A contract cannot end before it begins."))
    if not Partner.objects.filter(ref=partner).exists():
        raise UnableToSignContract(
            _("There is no partner %(partner)s.") % {"partner": partner},
            next_step=_("Register it first."),
        )
    ref = ref or random_id("con", length=12)
    try:
        with transaction.atomic():
            Contract.objects.create(
                ref=ref,
                partner_id=partner,
                roles=list(roles),
                brand=brand,
                valid_from=valid_from,
                valid_to=valid_to,
            )
    except IntegrityError as error:
        raise UnableToSignContract(
            _("There is a contract %(ref)s already.") % {"ref": ref}
        ) from error
    return ref


def end_contract(ref: str, *, at: datetime) -> None:
    """End a contract at a moment after its beginning."""
    contract = Contract.objects.filter(ref=ref).first()
    if contract is None or contract.valid_from >= at:
        raise UnableToEndContract(
            _("Contract %(ref)s does not exist or had not begun by then.") % {"ref": ref}
        )
    if contract.valid_to is not None and contract.valid_to <= at:
        raise UnableToEndContract(_("Contract %(ref)s ended before then.") % {"ref": ref})
    contract.valid_to = at
    contract.save(update_fields=["valid_to"])
