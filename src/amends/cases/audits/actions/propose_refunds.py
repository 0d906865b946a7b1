"""Give back what was charged although a notice was missing: one action, seen before it is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar

from django.utils import timezone

from amends.cases.audits.models import ChargeWithoutNotice
from amends.people.access.queries import may
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.packs import load_rules
from amends.work.remedies.actions.propose import Proposal, propose
from amends.work.remedies.queries import given_back, remedies_of

_AT_ONCE = 500
_Row = TypeVar("_Row")


class UnableToProposeRefunds(Refused):
    """The role does not propose refunds for missing notices."""

    code = "unable_to_give_back"


@dataclass(frozen=True, slots=True)
class RefundPreview:
    """What would be proposed, and what would not and why.

    proposals  in order of the charges
    proposed   charges with a remedy for this notice already
    nothing    charges of which nothing is left to refund
    """

    proposals: tuple[Proposal, ...]
    proposed: int
    nothing: int

    @property
    def sums(self) -> dict[str, int]:
        """Currency → minor units."""
        sums_by_currency: dict[str, int] = {}
        for proposal in self.proposals:
            sums_by_currency[proposal.currency] = (
                sums_by_currency.get(proposal.currency, 0) + proposal.amount_minor
            )
        return sums_by_currency

    @property
    def people(self) -> int:
        """How many persons would get money."""
        return len({proposal.subscriber for proposal in self.proposals})


def preview(
    *, periods: Iterable[str], duty: str = "", brand: str = "", now: datetime
) -> RefundPreview:
    """The refunds that the months' missing notices ask for; nothing is written."""
    rows = ChargeWithoutNotice.objects.select_related("owed").filter(owed__period__in=list(periods))
    if duty:
        rows = rows.filter(owed__duty=duty)
    if brand:
        rows = rows.filter(owed__brand=brand)
    rule_texts = {
        rule["id"]: rule
        for rule in load_rules("amends.engines.duties", "audit", timezone.localdate(now)).data[
            "untold"
        ]
    }
    version = load_rules("amends.engines.duties", "audit", timezone.localdate(now)).version
    proposals: list[Proposal] = []
    proposed = nothing = 0
    for batch in _batches(rows.order_by("charged_at_ms", "charge").iterator(chunk_size=2_000)):
        existing = remedies_of(f"notice:{row.owed_id}" for row in batch)
        refunded = given_back([row.charge for row in batch])
        for row in batch:
            earlier_remedies = existing.get(f"notice:{row.owed_id}", [])
            if any(remedy.charge == row.charge for remedy in earlier_remedies):
                proposed += 1
                continue
            left = row.amount_minor - refunded.get(row.charge, row.elsewhere_minor)
            amount = min(row.excess_minor, left)
            if amount <= 0:
                nothing += 1
                continue
            proposals.append(_proposal(row, amount, rule_texts[row.rule], version))
    return RefundPreview(tuple(proposals), proposed, nothing)


def _proposal(
    row: ChargeWithoutNotice, amount: int, rule: dict[str, str], version: str
) -> Proposal:
    return Proposal(
        cause=f"notice:{row.owed_id}",
        kind="refund",
        subscriber=row.owed.subscriber,
        service=row.owed.service[:64],
        charge=row.charge,
        charge_minor=row.amount_minor,
        refunded_elsewhere_minor=row.elsewhere_minor,
        amount_minor=amount,
        currency=row.currency,
        reason_zh=rule["zh"],
        reason_en=rule["en"],
        rule=f"{version}#{rule['id']}"[:80],
        brand=row.owed.brand,
    )


def propose_refunds(
    *, periods: Sequence[str], actor: Actor, now: datetime, duty: str = ""
) -> RefundPreview:
    """Propose what `preview` shows, each charge once; somebody else's limit approves it."""
    if actor.kind == "user" and not may(actor.roles, "notices.remedy", at=now):
        raise UnableToProposeRefunds(
            _("Your role does not propose refunds for missing notices."),
            meaning=_("Nothing was proposed."),
            next_step=_("Ask a service-quality manager."),
        )
    seen = preview(periods=periods, duty=duty, brand=actor.brand, now=now)
    for batch in _batches(seen.proposals):
        propose(batch, by=actor.ref, now=now)
    return seen


def _batches(rows: Iterable[_Row]) -> Iterator[list[_Row]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, _AT_ONCE)):
        yield batch
