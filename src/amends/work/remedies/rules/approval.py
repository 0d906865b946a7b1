"""Who may approve a remedy of which amount."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from amends.platform.kit.packs import load_rules

_PACKAGE = "amends.work.remedies"


@dataclass(frozen=True, slots=True)
class ApprovalLimits:
    """The operator's limits: role → largest amount in minor units, and where two must agree."""

    rules: str
    limit_minor: dict[str, int]
    two_people_above_minor: int


def approval_limits(currency: str, on: date) -> ApprovalLimits:
    """The limits in force on a day; a currency without limits lets nobody approve money.

    >>> from datetime import date
    >>> approval_limits("CNY", date(2026, 11, 24)).limit_minor["handler"]
    20000
    """
    file = load_rules(_PACKAGE, "approval", on)
    own = file.data["limits"].get(currency, {})
    return ApprovalLimits(
        rules=file.version,
        limit_minor={role: amount for role, amount in own.items() if role != "two_people_above"},
        two_people_above_minor=own.get("two_people_above", 0),
    )


def currencies(on: date) -> tuple[str, ...]:
    """The currencies that have limits on a day."""
    return tuple(load_rules(_PACKAGE, "approval", on).data["limits"])


def payment_days(on: date) -> int:
    """Calendar days in which the operator promises to pay what was approved."""
    return int(load_rules(_PACKAGE, "approval", on).data["payment"]["within_days"])


def may_approve(
    *, amount_minor: int, role: str, proposed_by: str, approver: str, limits: ApprovalLimits
) -> str:
    """An empty string if `approver` may approve, else the reason in the words of a refusal.

    >>> limits = ApprovalLimits("x@2026-01-01", {"handler": 5000}, 0)
    >>> may_approve(amount_minor=6000, role="handler", proposed_by="a", approver="b",
    ...             limits=limits)
    'above_limit'
    """
    if role not in limits.limit_minor:
        return "no_role"
    if amount_minor > limits.limit_minor[role]:
        return "above_limit"
    two = limits.two_people_above_minor
    if two and amount_minor > two and proposed_by == approver:
        return "second_person"
    return ""
