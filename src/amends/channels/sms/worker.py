"""The line to the message centre: what is due goes out, what comes is taken in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Self

from django.db import transaction

from amends.channels.actions.claim import begin_handing_over_many, claim
from amends.channels.actions.record import give_back_unsent, record_many
from amends.channels.models import SmsPart, SmsSegment
from amends.channels.sms.receipts import settle
from amends.channels.sms.send import Window
from amends.channels.sms.session import SmppSession
from amends.channels.sms.settings import SmsSettings
from amends.channels.sms.store_inbound import TakeIn, join
from amends.platform.database.rows import create
from amends.platform.kit.ids import random_id
from amends.platform.kit.traces import span

# A death in a window leaves what it held unknown: so many at most, and half a second's worth.
BATCH = 200
WINDOW_S = 0.5
PARTS_WAIT = timedelta(hours=24)


class SmsWorker:
    """One bound session, used by `turn` after `turn`; raises `SessionLost` when it breaks."""

    def __init__(
        self, settings: SmsSettings, *, holder: str, clock: Callable[[], datetime]
    ) -> None:
        self._holder = holder
        self._clock = clock
        self._batch = max(10, min(BATCH, round(settings.per_second * WINDOW_S)))
        take_in = TakeIn(settings, session=random_id("smpp", length=10), clock=clock)
        self._session = SmppSession(settings, take_in=take_in)
        self._window = Window(self._session, settings)

    def __enter__(self) -> Self:
        self._session.open()
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def turn(self, *, wait_s: float = 0.0) -> Counter[str]:
        """Send some of what is due and take in what has come, in this order.

        wait_s  how long to wait for something to come if nothing was due
        """
        batch = claim("sms", holder=self._holder, now=self._clock(), limit=self._batch)
        counts: Counter[str] = Counter()
        if batch:
            with span("window", channel="sms"):
                try:
                    self._window.send(batch, begin=self._begin)
                finally:
                    counts = self._record([message.id for message in batch])
        self._session.pump(0.0 if batch else wait_s)
        if self._window.take_late():
            counts += self._record([])
        return counts

    def _begin(self, message_ids: Sequence[str]) -> set[str]:
        return begin_handing_over_many(message_ids, holder=self._holder, now=self._clock())

    def _record(self, claimed: Sequence[str]) -> Counter[str]:
        """Store what became of a window, with the names of its parts, in one transaction."""
        now, outcomes, names = self._clock(), self._window.done, self._window.names
        with transaction.atomic():
            states = record_many(outcomes, holder=self._holder, now=now)
            create(
                SmsPart(
                    message_id=message,
                    number=number,
                    of=len(part_names),
                    provider_id=name,
                    submitted_at=now,
                )
                for message, part_names in names.items()
                for number, name in enumerate(part_names, start=1)
            )
            untried = [message for message in claimed if message not in outcomes]
            if untried:
                give_back_unsent(untried, holder=self._holder, now=now)
            settle([name for part_names in names.values() for name in part_names], now=now)
        for message, state in states.items():
            # A window goes together: how long it took stands in the span around these.
            with span("send", message=message, channel="sms") as mark:
                mark({"state": state})
        counts = Counter(states.values())
        counts["untried"] += len(untried)
        return +counts


def join_overdue(*, now: datetime) -> int:
    """Messages whose parts have not all come within a day become what came of them; how many."""
    overdue: dict[tuple[str, int, int], list[SmsSegment]] = {}
    with transaction.atomic():
        waiting = SmsSegment.objects.filter(became=None).select_for_update()
        for row in waiting:
            overdue.setdefault((row.sender_index, row.reference, row.of), []).append(row)
        ended = [
            rows
            for rows in overdue.values()
            if max(row.received_at for row in rows) < now - PARTS_WAIT
        ]
        for rows in ended:
            join(rows, now=now)
    return len(ended)
