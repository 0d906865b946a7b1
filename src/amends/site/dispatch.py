"""Dispatch: which room gets an inbound message. Channels store, this decides, rooms act."""

from __future__ import annotations

from datetime import datetime

from amends.channels.actions.mark import mark_dispatched, mark_failed, mark_refused
from amends.channels.actions.undispatched import Waiting, undispatched
from amends.complaints.actions.receive import receive
from amends.complaints.submission import Submission, UnableToReceive


def dispatch(*, now: datetime, holder: str, limit: int = 50) -> int:
    """Hand waiting messages to their rooms; returns how many were taken up.

    A message that a room refuses is marked with the reason; one that fails for a moment comes
    back later. Either way it stays stored.
    """
    waiting = undispatched(limit, holder=holder, now=now)
    for message in waiting:
        try:
            receipt = receive(_submission(message), now=now)
        except UnableToReceive as why:
            mark_refused(message.id, holder=holder, reason=str(why), now=now)
        except Exception as error:
            mark_failed(message.id, holder=holder, reason=type(error).__name__, now=now)
            raise
        else:
            mark_dispatched(
                message.id, holder=holder, became=f"complaint:{receipt.complaint}", now=now
            )
    return len(waiting)


def _submission(message: Waiting) -> Submission:
    is_mail = "@" in message.sender
    words = message.text if message.thread else f"{message.subject}\n{message.text}"
    return Submission(
        channel=message.channel,
        key=f"inbound:{message.id}",
        text=words.strip()[:20_000],
        received_at=message.received_at,
        name=message.sender_name,
        email=message.sender if is_mail else "",
        phone="" if is_mail else message.sender,
        thread=message.tracking_code,
        language=message.language,
        by="channels",
    )
