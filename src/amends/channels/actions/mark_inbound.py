"""Mark what became of a received message."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.utils.translation import gettext_noop as _

from amends.channels.models import InboundMessage
from amends.platform.kit.errors import Refused

State = InboundMessage.State
MAX_ATTEMPTS = 6


class UnableToMarkMessage(Refused):
    """Somebody else has the message now, or it is already dealt with."""

    code = "message_not_yours"


def mark_dispatched(message_id: str, *, holder: str, became: str, now: datetime) -> None:
    """It became `became` (e.g. a contact). Call it in the transaction that makes that contact.

    Raises `UnableToMarkMessage` if the lease was lost; the contact is then rolled back too, so a
    message becomes one contact however often it is tried.
    """
    _mark(message_id, holder, state=State.DISPATCHED, became=became[:64], reason="", now=now)


def mark_taken(message_ids: Collection[str], *, became: str, now: datetime) -> int:
    """An app took these by itself, in the transaction that stored them; how many changed."""
    rows = InboundMessage.objects.filter(pk__in=list(message_ids))
    return rows.update(state=State.DISPATCHED, became=became[:64], handled_at=now)


def mark_refused(message_id: str, *, holder: str, reason: str, now: datetime) -> None:
    """It cannot be used; the reason is shown to whoever looks after the channel."""
    _mark(message_id, holder, state=State.REFUSED, became="", reason=reason[:200], now=now)


def mark_failed(message_id: str, *, holder: str, reason: str, now: datetime) -> bool:
    """Taking it up failed for a reason not its own; True if it will be tried again.

    After `MAX_ATTEMPTS` it is refused with the reason, so that a person sees it.
    """
    row = InboundMessage.objects.filter(pk=message_id, leased_by=holder, state=State.NEW).first()
    if row is None:
        return False
    if row.attempts >= MAX_ATTEMPTS:
        mark_refused(
            message_id, holder=holder, reason=f"failed {row.attempts} times: {reason}", now=now
        )
        return False
    wait = timedelta(minutes=2**row.attempts)
    InboundMessage.objects.filter(pk=message_id, leased_by=holder, state=State.NEW).update(
        lease_until=now + wait, leased_by="", reason=reason[:200]
    )
    return True


def take_up_again(message_id: str, *, because: str) -> bool:
    """Let a refused or ignored message wait for the dispatcher once more."""
    return bool(
        InboundMessage.objects.filter(
            pk=message_id, state__in=(State.REFUSED, State.IGNORED)
        ).update(
            state=State.NEW,
            reason=because[:200],
            attempts=0,
            lease_until=None,
            leased_by="",
            handled_at=None,
        )
    )


def _mark(
    message_id: str, holder: str, *, state: str, became: str, reason: str, now: datetime
) -> None:
    changed = InboundMessage.objects.filter(
        pk=message_id, state=State.NEW, leased_by=holder, lease_until__gt=now
    ).update(
        state=state, became=became, reason=reason, handled_at=now, lease_until=None, leased_by=""
    )
    if not changed:
        raise UnableToMarkMessage(
            _("The message was taken up by another dispatcher."),
            meaning=_("Nothing was written twice."),
            next_step=_("Leave it to the other one."),
        )
