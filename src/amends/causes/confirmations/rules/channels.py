"""Who may take down a confirmation: nobody who earns by it."""

from __future__ import annotations


def is_independent(*, taker_partner: str, provider: str, agent: str) -> bool:
    """Whether an answer taken by the people of `taker_partner` counts for an order.

    taker_partner  the partner whose shop or system took it, "" for the operator's own
    provider       who provides the service, "" for the operator
    agent          who sold it, or ""

    >>> is_independent(taker_partner="", provider="ring-co", agent="shop-7")
    True
    >>> is_independent(taker_partner="shop-7", provider="ring-co", agent="shop-7")
    False
    """
    return not taker_partner or taker_partner not in (provider, agent)
