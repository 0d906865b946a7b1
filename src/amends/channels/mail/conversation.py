"""The thread of mails a letter joins."""

from __future__ import annotations

from amends.channels.models import InboundMessage
from amends.channels.queries.contacts import opened_column


def references_of(inbound_id: str) -> tuple[str, ...]:
    """Message-IDs of the conversation of an inbound mail, its own last; () if there is none."""
    row = InboundMessage.objects.filter(pk=inbound_id or None, channel="mail").first()
    if row is None:
        return ()
    chain = opened_column(row, "origin_sealed")
    return tuple(chain.split())
