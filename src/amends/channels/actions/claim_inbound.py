"""Take messages that wait, for one dispatcher and for a limited time."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from amends.channels.models import InboundMessage
from amends.channels.queries.received import Waiting, opened

LEASE = timedelta(minutes=5)

_WAITING = """
    SELECT id FROM channels_inboundmessage
    WHERE state = 'new' AND (lease_until IS NULL OR lease_until <= %s)
    ORDER BY received_at, id LIMIT %s
"""
_TAKE = """
    UPDATE channels_inboundmessage
    SET lease_until = %s, leased_by = %s, attempts = attempts + 1
    WHERE id {chosen} RETURNING id
"""
_TAKE_POSTGRES = _TAKE.format(chosen=f"= ANY(ARRAY({_WAITING} FOR UPDATE SKIP LOCKED))")
_TAKE_SQLITE = _TAKE.format(chosen=f"IN ({_WAITING})")


def undispatched(
    limit: int = 50, *, holder: str, now: datetime, lease: timedelta = LEASE
) -> list[Waiting]:
    """At most `limit` waiting messages, oldest first, leased to `holder` until `now + lease`.

    Two dispatchers never get the same message; what one does not finish comes back when its lease
    ends.
    """
    if not InboundMessage.objects.filter(state=InboundMessage.State.NEW).exists():
        return []
    moment = connection.ops.adapt_datetimefield_value
    take = _TAKE_POSTGRES if connection.vendor == "postgresql" else _TAKE_SQLITE
    with connection.cursor() as cursor:
        cursor.execute(take, [moment(now + lease), holder, moment(now), limit])
        ids = [row[0] for row in cursor.fetchall()]
    rows = (
        InboundMessage.objects.filter(pk__in=ids)
        .select_related("answers")
        .order_by("received_at", "id")
    )
    return [opened(row) for row in rows]
