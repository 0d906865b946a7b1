"""What a message centre delivers is kept, durably and once, before it is answered."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from amends.channels.actions.receive import Incoming, clean, receive
from amends.channels.actions.record_delivery_changes import in_commit_order
from amends.channels.models import InboundMessage, OutboxMessage, SmsReceipt, SmsSegment
from amends.channels.queries.contacts import contact_index, opened_columns
from amends.channels.sms.reading.deliveries import DeliveredMessage
from amends.channels.sms.reading.receipts import SmppReceipt, read_receipt
from amends.channels.sms.reading.segments import SmsSegmentText, read_segment
from amends.channels.sms.receipts import settle
from amends.channels.sms.settings import SmsSettings
from amends.platform.database.rows import create
from amends.platform.kit.ids import time_ordered_id
from amends.platform.kit.tracking_codes import find_tracking_code
from amends.platform.vault.indexes import blind_index
from amends.platform.vault.sealing import seal

log = logging.getLogger(__name__)
TABLE = SmsSegment._meta.db_table
TAKEN, LATER = 0x00, 0x64  # ESME_ROK, ESME_RX_T_APPN: deliver it again
# A centre that had no answer delivers again at once or after binding anew; a person who writes the
# same words again does so in the same session, or later.
AGAIN_WITHIN = timedelta(minutes=10)
CENTRE_WAITS_S = 5.0
ANSWERS_WITHIN = timedelta(days=30)


class TakeIn:
    """Takes in the deliveries of one session; `session` names it."""

    def __init__(
        self, settings: SmsSettings, *, session: str, clock: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._session = session
        self._clock = clock
        self._answered_late: set[str] = set()

    def __call__(self, deliveries: Sequence[DeliveredMessage]) -> list[int]:
        """A status for each: taken, or to be delivered again because it could not be kept."""
        began = time.monotonic()
        statuses = self._stored(deliveries)
        if time.monotonic() - began > CENTRE_WAITS_S:
            self._answered_late |= {_body_index(delivery) for delivery in deliveries}
        return statuses

    def _stored(self, deliveries: Sequence[DeliveredMessage]) -> list[int]:
        try:
            self._keep(deliveries)
        except Exception:
            if len(deliveries) == 1:
                log.exception("a delivery could not be stored")
                return [LATER]
            # One of them must not keep the others from being stored.
            return [self._stored([delivery])[0] for delivery in deliveries]
        return [TAKEN] * len(deliveries)

    def _keep(self, deliveries: Sequence[DeliveredMessage]) -> None:
        now = self._clock()
        receipts, new_texts = [], []
        for delivery in deliveries:
            receipt = (
                read_receipt(delivery, ids=self._settings.receipt_ids)
                if delivery.is_receipt
                else None
            )
            if receipt is not None:
                receipts.append(receipt)
            elif not delivery.is_receipt:
                new_texts.append(delivery)
        with transaction.atomic():
            if receipts:
                in_commit_order()  # or a receipt and its part, stored at once, miss each other
            for word in new_texts:
                self._keep_segment(word, now)
            if receipts:
                _keep_receipts(receipts, now)

    def _keep_segment(self, delivery: DeliveredMessage, now: datetime) -> None:
        index = _body_index(delivery)
        if self._is_again(index, now):
            return
        segment = read_segment(delivery, default_alphabet=self._settings.alphabet)
        row_id = time_ordered_id()
        text = "" if segment.binary else clean(segment.text)
        row = SmsSegment(
            id=row_id,
            body_index=index,
            session=self._session,
            received_at=now,
            sender_sealed=seal(TABLE, "sender_sealed", row_id, segment.sender),
            sender_index=contact_index(segment.sender),
            text_sealed=seal(TABLE, "text_sealed", row_id, text),
            reference=segment.reference,
            number=segment.number,
            of=segment.of,
        )
        if segment.of > 1:
            _part_of(row, now=now)
        else:
            row.became = _received([row], now=now, text=text, sender=segment.sender, of=segment)
            row.sender_sealed = row.text_sealed = b""
            row.save(force_insert=True)

    def _is_again(self, index: str, now: datetime) -> bool:
        """Whether these bytes are what we have, delivered once more for want of our answer."""
        earlier = SmsSegment.objects.filter(body_index=index, received_at__gt=now - AGAIN_WITHIN)
        if index in self._answered_late:
            return earlier.exists()
        return earlier.exclude(session=self._session).exists()


def _body_index(delivery: DeliveredMessage) -> str:
    return blind_index("channels.sms_body", delivery.body.hex())


def _keep_receipts(receipts: Sequence[SmppReceipt], now: datetime) -> None:
    create(
        [
            SmsReceipt(
                provider_id=receipt.provider_id,
                state=receipt.state,
                error=receipt.error,
                received_at=now,
                is_settled=not receipt.meaning,
            )
            for receipt in receipts
        ],
        or_leave=True,
    )
    settle([receipt.provider_id for receipt in receipts if receipt.meaning], now=now)


def _part_of(row: SmsSegment, *, now: datetime) -> None:
    """Keep one part; once all are there, they become a message."""
    waiting = list(
        SmsSegment.objects.filter(
            became=None, sender_index=row.sender_index, reference=row.reference, of=row.of
        ).select_for_update()
    )
    if any(waiting_part.number == row.number for waiting_part in waiting):
        # The telephone has begun to count anew: what was there will not be completed.
        join(waiting, now=now)
        waiting = []
    row.save(force_insert=True)
    if len(waiting) + 1 == row.of:
        join([*waiting, row], now=now)


def join(rows: Sequence[SmsSegment], *, now: datetime) -> InboundMessage:
    """One message from its parts; `[…]` stands where one is missing."""
    ordered = sorted(rows, key=lambda row: row.number)
    texts = dict(
        zip((row.number for row in ordered), opened_columns(ordered, "text_sealed"), strict=True)
    )
    count = ordered[0].of
    text = "".join(texts.get(number, " […] ") for number in range(1, count + 1))
    (sender,) = opened_columns(ordered[:1], "sender_sealed")
    message = _received(ordered, now=now, text=text.strip(), sender=sender)
    SmsSegment.objects.filter(pk__in=[row.pk for row in ordered]).update(
        became=message, sender_sealed=b"", text_sealed=b""
    )
    return message


def _received(
    rows: Sequence[SmsSegment],
    *,
    now: datetime,
    text: str,
    sender: str,
    of: SmsSegmentText | None = None,
) -> InboundMessage:
    """Store the message; it answers the last one we sent to its sender, if that is not long ago."""
    reasons = ["parts_missing"] if len(rows) < rows[0].of else []
    reasons += ["no_words"] if of is not None and of.binary else []
    sender_index = rows[0].sender_index
    answers = (
        OutboxMessage.objects.filter(
            channel="sms", recipient_index=sender_index, sent_at__gt=now - ANSWERS_WITHIN
        )
        .exclude(reference="")
        .order_by("-sent_at")
        .values_list("pk", flat=True)
        .first()
        if sender_index
        else None
    )
    return receive(
        Incoming(
            channel="sms",
            external_id=f"sms:{rows[0].id}",
            sender=sender,
            text=text,
            received_at=rows[0].received_at,
            tracking_code=find_tracking_code(text),
            answers=answers or "",
            reason=", ".join(reasons),
        ),
        now=now,
    )
