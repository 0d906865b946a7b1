"""What a partner may do at a moment: contracts in force, less what a sanction takes away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from amends.platform.kit.periods import Period

STOPPING = frozenset({"suspension", "exclusion"})


@dataclass(frozen=True, slots=True)
class ContractTerms:
    """Roles for a brand ("" for every brand) over a half-open period."""

    ref: str
    roles: tuple[str, ...]
    brand: str
    period: Period


@dataclass(frozen=True, slots=True)
class SanctionTerms:
    """A sanction of one kind over a half-open period."""

    ref: str
    kind: str
    period: Period


@dataclass(frozen=True, slots=True)
class PartnerStatus:
    """May the partner act, in which roles, for which brands ("" among them means every one)."""

    valid: bool
    roles: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    reason: str = ""

    def serves(self, brand: str) -> bool:
        """Whether the contracts cover a brand."""
        return self.valid and ("" in self.brands or brand in self.brands)


def status_at(
    contracts: Iterable[ContractTerms], sanctions: Iterable[SanctionTerms], *, at: datetime
) -> PartnerStatus:
    """The status of one partner at a moment; `reason` says why it may not act.

    >>> from datetime import UTC, datetime
    >>> year = Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    >>> terms = [ContractTerms("c1", ("sales",), "plum", year)]
    >>> status_at(terms, [], at=datetime(2026, 5, 1, tzinfo=UTC)).roles
    ('sales',)
    >>> status_at(terms, [], at=datetime(2027, 1, 1, tzinfo=UTC)).reason
    'no_contract'
    """
    stopped = next(
        (sanction for sanction in sanctions if sanction.kind in STOPPING and at in sanction.period),
        None,
    )
    if stopped is not None:
        return PartnerStatus(False, reason=stopped.kind)
    in_force = [terms for terms in contracts if at in terms.period]
    if not in_force:
        return PartnerStatus(False, reason="no_contract")
    return PartnerStatus(
        True,
        tuple(sorted({role for terms in in_force for role in terms.roles})),
        tuple(sorted({terms.brand for terms in in_force})),
    )
