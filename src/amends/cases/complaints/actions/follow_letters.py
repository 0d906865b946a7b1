"""Follow letters: one that did not arrive is shown in the complaint's history and on the desk."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from amends.cases.complaints.models import Bookmark, Event, Reply
from amends.channels.queries import DeliveryChangeView, changes_since, newest_change
from amends.platform.database.rows import create, update
from amends.platform.kit.actors import system

LETTERS = system("letters")
_STREAM = "letters"


def follow_letters(*, now: datetime, limit: int = 1_000) -> int:
    """Take in what became of messages since last time; how many letters did not arrive.

    The bookmark moves in the transaction that notes them, so that each is noted once. The first
    time nothing is taken in: what failed before is past.
    """
    with transaction.atomic():
        _, is_new = Bookmark.objects.get_or_create(
            stream=_STREAM, defaults={"cursor": newest_change()}
        )
        if is_new:
            return 0
        mark = Bookmark.objects.select_for_update().get(stream=_STREAM)
        changes = changes_since(mark.cursor, limit=limit)
        if not changes:
            return 0
        failed = _failed(
            [delivery_change for delivery_change in changes if delivery_change.state == "failed"]
        )
        for reply, change in failed:
            reply.failed_at = change.at
        update([reply for reply, _ in failed], ["failed_at"])
        create(
            Event(
                complaint_id=reply.complaint_id,
                at=now,
                verb="letter_failed",
                actor=LETTERS.ref,
                details={"reply": reply.kind, "channel": change.channel},
            )
            for reply, change in failed
        )
        mark.cursor = changes[-1].cursor
        mark.save(update_fields=["cursor"])
    return len(failed)


def _failed(changes: list[DeliveryChangeView]) -> list[tuple[Reply, DeliveryChangeView]]:
    """The letters among messages that failed; a message names the complaint it is about."""
    if not changes:
        return []
    by_message = {change.message: change for change in changes}
    rows = Reply.objects.filter(
        complaint__in={change.reference for change in changes}, message__in=by_message
    )
    return [(row, by_message[row.message]) for row in rows.order_by("id") if row.failed_at is None]
