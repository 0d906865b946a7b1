"""The cause of refunds of unconfirmed services."""

from __future__ import annotations

from hashlib import sha256


def refund_cause(service: str) -> str:
    """The cause of its remedies: the service, so that the limit of an approver covers all that is
    owed for one service.

    >>> refund_cause("svc-12")
    'unconfirmed:svc-12'
    """
    ref = service if len(service) <= 50 else sha256(service.encode()).hexdigest()[:32]
    return f"unconfirmed:{ref}"
