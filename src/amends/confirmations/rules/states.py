"""The life of an order: which state may follow which."""

from __future__ import annotations

WAITING, CONFIRMED, EXECUTED = "waiting", "confirmed", "executed"
REFUSED, LAPSED, CANCELLED = "refused", "lapsed", "cancelled"
FINAL = frozenset((EXECUTED, REFUSED, LAPSED, CANCELLED))
MOVES: dict[str, frozenset[str]] = {
    WAITING: frozenset((CONFIRMED, EXECUTED, REFUSED, LAPSED, CANCELLED)),
    CONFIRMED: frozenset((EXECUTED, REFUSED, LAPSED, CANCELLED)),
}


def may_move(before: str, after: str) -> bool:
    """Whether an order may go from one state to another; what is final stays.

    >>> may_move("waiting", "refused"), may_move("refused", "executed")
    (True, False)
    """
    return after in MOVES.get(before, frozenset())
