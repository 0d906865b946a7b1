"""What other apps may ask about partners."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from amends.people.partners.models import Contract, NumberAssignment, Partner, Sanction
from amends.people.partners.rules.status import (
    STOPPING,
    ContractTerms,
    PartnerStatus,
    SanctionTerms,
    status_at,
)
from amends.platform.database.once_per_request import once_per_request
from amends.platform.kit.formats import is_chinese
from amends.platform.kit.periods import Period
from amends.platform.vault.sealing import open_many

SanctionKind = Sanction.Kind
"""Kinds of sanctions, mildest first."""

PartnerKind = Partner.Kind
"""Kinds of partners."""

NUMBERS = "partners_number"

__all__ = [
    "NUMBERS",
    "PartnerKind",
    "PartnerStatus",
    "PartnerView",
    "SanctionKind",
    "SanctionView",
    "assigned_numbers",
    "contract_valid",
    "contracts_in_force",
    "of_brand",
    "out_of_contract",
    "partner",
    "partner_names",
    "partner_status",
    "partners",
    "roles",
    "sanctions",
    "sanctions_in_force",
    "stopped_partners",
]


@dataclass(frozen=True, slots=True)
class PartnerView:
    """A firm that works for or with the operator."""

    ref: str
    kind: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class SanctionView:
    """What was held against a partner; `until` and `lifted_at` None while it stands."""

    ref: str
    partner: str
    kind: str
    reason: str
    amount_minor: int
    currency: str
    imposed_at: datetime
    until: datetime | None
    lifted_at: datetime | None


def partner(ref: str) -> PartnerView | None:
    """One partner by reference."""
    row = Partner.objects.filter(ref=ref).values_list("ref", "kind", "name_zh", "name_en").first()
    return PartnerView(*row) if row else None


@once_per_request
def partners(kind: str = "") -> list[PartnerView]:
    """All partners, or those of one kind, by reference."""
    rows = Partner.objects.order_by("ref")
    if kind:
        rows = rows.filter(kind=kind)
    return [PartnerView(*row) for row in rows.values_list("ref", "kind", "name_zh", "name_en")]


def partner_names(refs: Iterable[str], language: str) -> dict[str, str]:
    """What partners are called in a language; one that is not on record keeps its reference."""
    wanted = {ref for ref in refs if ref}
    column = "name_zh" if is_chinese(language) else "name_en"
    named = Partner.objects.filter(ref__in=wanted).values_list("ref", column) if wanted else ()
    return {ref: ref for ref in wanted} | {ref: name for ref, name in named if name}


def partner_status(ref: str, at: datetime) -> PartnerStatus:
    """What a partner may do at a moment, and why not if nothing."""
    contracts = [
        ContractTerms(
            ref=contract.ref,
            roles=tuple(contract.roles),
            brand=contract.brand,
            period=Period(contract.valid_from, contract.valid_to),
        )
        for contract in Contract.objects.filter(partner=ref)
    ]
    return status_at(contracts, _sanction_terms(ref), at=at)


def of_brand(ref: str, brand: str) -> bool:
    """Whether a partner is known to somebody confined to a brand ("" for every brand): a contract
    of it, in force or ended, covers the brand."""
    rows = Contract.objects.filter(partner=ref, brand__in=("", brand))
    return not brand or rows.exists()


def brands_of(ref: str) -> list[str]:
    """The brands that a partner's contracts cover; empty where one covers every brand, or none."""
    brands = set(Contract.objects.filter(partner=ref).values_list("brand", flat=True))
    return [] if "" in brands else sorted(brands)


def contracts_in_force(ref: str, at: datetime) -> list[str]:
    """The references of a partner's contracts that began before a time and have not ended."""
    rows = Contract.objects.filter(partner=ref, valid_from__lt=at)
    rows = rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=at))
    return list(rows.order_by("ref").values_list("ref", flat=True))


def contract_valid(ref: str, at: datetime) -> bool:
    """Whether a partner has a contract in force and no sanction that stops it."""
    return partner_status(ref, at).valid


def roles(ref: str, at: datetime) -> tuple[str, ...]:
    """The roles a partner may act in at a moment; none without a contract in force."""
    return partner_status(ref, at).roles


def stopped_partners(at: datetime) -> frozenset[str]:
    """Partners a sanction stops at a moment: suspended or excluded."""
    in_force = Sanction.objects.filter(
        Q(until__isnull=True) | Q(until__gt=at),
        Q(lifted_at__isnull=True) | Q(lifted_at__gt=at),
        kind__in=STOPPING,
        imposed_at__lte=at,
    )
    return frozenset(in_force.values_list("partner", flat=True))


def out_of_contract(
    at: datetime, *, refs: Iterable[str] | None = None, brand: str | None = None
) -> frozenset[str]:
    """Partners whose contracts on record have ended or not begun, or cover other brands than
    `brand`; one with no contract on record is not among them.

    refs   of these partners; all if left out
    brand  of the person who orders; any if left out
    """
    rows = Contract.objects.order_by()
    rows = rows if refs is None else rows.filter(partner__in=list(refs))
    begun = rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=at), valid_from__lte=at)
    in_force = begun if brand is None else begun.filter(brand__in=("", brand))
    partners_of = [
        set(contract_rows.values_list("partner", flat=True)) for contract_rows in (rows, in_force)
    ]
    return frozenset(partners_of[0] - partners_of[1])


def assigned_numbers(partner: str, *, at: datetime) -> dict[str, str]:
    """Reference of the assignment → number, of those in force for a partner at a time."""
    rows = NumberAssignment.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=at), partner=partner, valid_from__lte=at
    )
    sealed = {row.id: bytes(row.number) for row in rows}
    opened = open_many(NUMBERS, "number", list(sealed), list(sealed.values())) if sealed else []
    return dict(zip(sealed, opened, strict=True))


def sanctions(ref: str) -> list[SanctionView]:
    """Everything held against a partner, oldest first."""
    rows = Sanction.objects.filter(partner=ref).order_by("imposed_at", "ref")
    return [
        SanctionView(*row)
        for row in rows.values_list(
            "ref",
            "partner_id",
            "kind",
            "reason",
            "amount_minor",
            "currency",
            "imposed_at",
            "until",
            "lifted_at",
        )
    ]


def sanctions_in_force(ref: str, at: datetime) -> list[SanctionView]:
    """The suspensions and exclusions of a partner at a time, oldest first."""
    return [
        sanction
        for sanction in sanctions(ref)
        if sanction.kind in STOPPING
        and sanction.imposed_at <= at
        and (sanction.until is None or at < sanction.until)
        and (sanction.lifted_at is None or at < sanction.lifted_at)
    ]


def _sanction_terms(ref: str) -> list[SanctionTerms]:
    terms = []
    for sanction in Sanction.objects.filter(partner=ref):
        ends = [moment for moment in (sanction.until, sanction.lifted_at) if moment is not None]
        end = max(min(ends), sanction.imposed_at) if ends else None
        terms.append(SanctionTerms(sanction.ref, sanction.kind, Period(sanction.imposed_at, end)))
    return terms
