"""Send what is due, on every channel that is switched on and has no line of its own."""

from __future__ import annotations

import logging
import os
import secrets
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from django.utils import timezone

from amends.channels.actions.claim import Claimed, begin_handing_over, claim, return_expired
from amends.channels.actions.record import give_back, record
from amends.channels.models import OutboxMessage
from amends.channels.senders import SWITCHES, Sender, UnableToReachProvider
from amends.platform.kit.outage_log import OutageLog
from amends.platform.kit.traces import span

log = logging.getLogger(__name__)
_outages = OutageLog(log)
BATCH = 20


def send_due(
    *, limit: int = 500, clock: Callable[[], datetime] = timezone.now, holder: str = ""
) -> dict[str, int]:
    """Send at most `limit` messages a channel; how many ended in which state.

    Any number of these may run at once, on one machine or several: each message goes to one of
    them. A provider that cannot be reached costs no message a try; the others are still served.
    """
    holder = holder or f"{os.getpid()}-{secrets.token_hex(6)}"
    counts: Counter[str] = Counter()
    return_expired(now=clock())
    for channel, switch in SWITCHES.items():
        open_sender = switch.open_sender
        if open_sender is None or not switch.is_configured() or not _is_any_due(channel, clock()):
            continue
        try:
            with open_sender(clock) as sender:
                counts.update(_send_channel(channel, sender, holder, limit, clock))
        except UnableToReachProvider as error:
            _outages.failed(f"channel {channel}", error.what)
            counts["unreachable"] += 1
        else:
            _outages.works(f"channel {channel}")
    return dict(counts)


def _is_any_due(channel: str, now: datetime) -> bool:
    return OutboxMessage.objects.filter(
        state=OutboxMessage.State.QUEUED, channel=channel, next_attempt_at__lte=now
    ).exists()


def _send_channel(
    channel: str, sender: Sender, holder: str, limit: int, clock: Callable[[], datetime]
) -> Counter[str]:
    counts: Counter[str] = Counter()
    sent_count = 0
    while sent_count < limit:
        batch = claim(channel, holder=holder, now=clock(), limit=min(BATCH, limit - sent_count))
        if not batch:
            break
        sent_count += len(batch)
        for index, message in enumerate(batch):
            try:
                counts[_send_one(channel, message, sender, holder, clock)] += 1
            except UnableToReachProvider:
                give_back([m.id for m in batch[index:]], holder=holder, now=clock())
                raise
    return counts


def _send_one(
    channel: str, message: Claimed, sender: Sender, holder: str, clock: Callable[[], datetime]
) -> str:
    with span("send", message=message.id, channel=channel) as mark:
        outcome = sender.send(
            message, begin=lambda: begin_handing_over(message.id, holder=holder, now=clock())
        )
        if outcome is None:
            return "taken_over"
        state = record(message.id, outcome, holder=holder, now=clock())
        mark({"state": state})
    return state
