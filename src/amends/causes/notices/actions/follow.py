"""Follow what became of posted notices; what did not arrive goes on as its pack says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from amends.causes.notices.models import Notice, NoticeMessage, StreamPosition
from amends.channels.queries import DeliveryChangeView, changes_since
from amends.channels.queries.capabilities import receipted
from amends.engines.duties.book import book
from amends.engines.duties.duty import Duty
from amends.platform.database.rows import update
from amends.platform.kit.periods import to_ms

State = Notice.State
_BOOKMARK = "deliveries"
_MOST_TRIES = 3
_HOUR_MS = 3_600_000
_NEVER = 2**62
_SETTLED = {State.DELIVERED, State.CANCELLED, State.DECLINED}


def follow(*, now: datetime, limit: int = 1_000) -> dict[str, int]:
    """Take in the changes since last time; how many notices came to stand where.

    The bookmark moves in the transaction that acts, so that each change is acted on once.
    """
    with transaction.atomic():
        StreamPosition.objects.get_or_create(name=_BOOKMARK)
        mark = StreamPosition.objects.select_for_update().get(name=_BOOKMARK)
        changes = changes_since(mark.cursor, limit=limit)
        if not changes:
            return {}
        counts = _applied(changes, now)
        mark.cursor = changes[-1].cursor
        mark.save(update_fields=["cursor"])
    return counts


def expire_unconfirmed(*, now: datetime, limit: int = 1_000) -> int:
    """Sent, and no receipt for as long as the duty waits: it counts as not delivered; how many."""
    with transaction.atomic():
        rows = list(
            Notice.objects.select_for_update()
            .filter(state=State.SENT, next_at_ms__lte=to_ms(now))
            .order_by("next_at_ms", "id")[:limit]
        )
        for row in rows:
            last = row.messages.order_by("-id").first()
            channel = last.channel if last else ""
            _go_on(row, channel, "no receipt came", _duty(row), unknown=False, now=now)
        update(rows, ["state", "reason", "next_at_ms", "tried"])
    return len(rows)


def _applied(changes: Sequence[DeliveryChangeView], now: datetime) -> dict[str, int]:
    """Write each change to its message, and the newest message's to the notice."""
    ids = {change.message for change in changes}
    messages = {
        message.message: message
        for message in NoticeMessage.objects.select_related("notice").filter(message__in=ids)
    }
    counts: Counter[str] = Counter()
    notices: dict[int, Notice] = {}
    for change in changes:
        message = messages.get(change.message)
        if message is None or change.state not in _MEANS:
            continue
        message.state, message.detail = _MEANS[change.state], change.detail
        notice = notices.setdefault(message.notice_id, message.notice)
        _apply(notice, change, now)
        counts[notice.state] += 1
    update(list(messages.values()), ["state", "detail"])
    update(
        list(notices.values()),
        ["state", "reason", "next_at_ms", "tried", "sent_at_ms", "delivered_at_ms"],
    )
    return dict(counts)


_MEANS = {
    "sent": State.SENT,
    "delivered": State.DELIVERED,
    "failed": State.FAILED,
    "unknown": State.UNKNOWN,
    "cancelled": State.CANCELLED,
}


def _apply(notice: Notice, change: DeliveryChangeView, now: datetime) -> None:
    at_ms = to_ms(change.at)
    if change.state == "delivered":
        # Whatever was tried since, it has arrived: nothing more is sent.
        notice.state, notice.reason, notice.delivered_at_ms = State.DELIVERED, "", at_ms
        notice.sent_at_ms = notice.sent_at_ms or at_ms
    elif notice.state in _SETTLED or change.channel in notice.tried.split():
        return
    elif change.state == "sent":
        duty = _duty(notice)
        wait_ms = (duty.wait_h if duty else 24) * _HOUR_MS
        notice.state, notice.reason = State.SENT, ""
        notice.sent_at_ms = notice.sent_at_ms or at_ms
        notice.next_at_ms = at_ms + wait_ms if change.channel in receipted() else _NEVER
    elif change.state == "cancelled":
        notice.state, notice.reason = State.CANCELLED, change.detail
    else:
        unknown = change.state == "unknown"
        _go_on(notice, change.channel, change.detail, _duty(notice), unknown=unknown, now=now)


def _go_on(
    notice: Notice, channel: str, why: str, duty: Duty | None, *, unknown: bool, now: datetime
) -> None:
    """What the pack says where a message failed, or it is not known whether it was sent."""
    then = "ask" if duty is None else duty.if_unknown if unknown else duty.if_failed
    notice.reason = why[:200]
    if unknown and then == "resend":
        # The outbox sends it again itself; until then it is not known.
        notice.state = State.UNKNOWN
    elif then == "other_channel" or (then == "resend" and _tries(notice) < _MOST_TRIES):
        notice.state, notice.next_at_ms = State.DUE, to_ms(now)
        if then == "other_channel":
            notice.tried = f"{notice.tried} {channel}".strip()[:64]
    else:
        notice.state = State.UNKNOWN if unknown else State.FAILED


def _tries(notice: Notice) -> int:
    return notice.messages.count()


def _duty(notice: Notice) -> Duty | None:
    return book(notice.pack, date.fromisoformat(notice.version)).find(notice.duty)
