"""Find answers on social media whose response was lost: those that are there count as sent."""

from __future__ import annotations

from datetime import datetime

from amends.channels.actions.resolve import resolve
from amends.channels.models import OutboxMessage
from amends.channels.queries.contacts import opened_column
from amends.channels.senders import UnableToReachProvider
from amends.channels.social.connectors import connector_of
from amends.channels.social.models import SocialAnswer
from amends.channels.social.send import reply_of
from amends.channels.social.settings import social_settings


def resolve_lost_answers(*, now: datetime, limit: int = 50) -> int:
    """How many were found. One that is not found stays unknown: its absence proves nothing."""
    settings, resolved_count = social_settings(), 0
    if not settings.send:
        return 0
    lost = SocialAnswer.objects.filter(message__state=OutboxMessage.State.UNKNOWN)
    for answer in lost.select_related("message", "post__message").order_by("id")[:limit]:
        account = settings.accounts.get(answer.post.account)
        if account is None:
            continue
        reply = reply_of(answer, opened_column(answer, "text_sealed"))
        try:
            ref = connector_of(account).find_sent(reply)
        except UnableToReachProvider:
            continue
        if ref:
            OutboxMessage.objects.filter(pk=answer.message_id).update(provider_message_id=ref)
            resolve(answer.message_id, was_sent=True, because="found at the platform", now=now)
            resolved_count += 1
    return resolved_count
