"""Answers leave by the one outbox; each is handed to the connector of its account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from amends.channels.queries.contacts import opened_column
from amends.channels.rules.outcomes import DeliveryOutcome
from amends.channels.social.connector import OutgoingReply, ReplySent
from amends.channels.social.connectors import connector_of
from amends.channels.social.models import SocialAnswer
from amends.channels.social.rules import too_late
from amends.channels.social.settings import social_settings

if TYPE_CHECKING:
    from amends.channels.actions.claim import Claimed


class SocialSender:
    """The platforms as a provider; see `senders.Sender`."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """No connection stays open."""

    def send(self, message: Claimed, *, begin: Callable[[], bool]) -> DeliveryOutcome | None:
        """Hand one answer to its platform."""
        answer = (
            SocialAnswer.objects.filter(message=message.id).select_related("post__message").first()
        )
        account = social_settings().accounts.get(answer.post.account) if answer else None
        if answer is None or account is None:
            return _refused("its post or account is gone")
        if answer.post.deleted_at is not None:
            return _refused("the post was deleted")
        connector = connector_of(account)
        limits = connector.limits(public=answer.is_public)
        if limits is None or too_late(answer.post.posted_at, limits, now=self._clock()):
            return _refused("the platform takes no answer any more")
        sent = connector.reply(reply_of(answer, message.body), begin=begin)
        return None if sent is None else _outcome(sent)


def reply_of(answer: SocialAnswer, text: str) -> OutgoingReply:
    """An answer as its platform needs it."""
    post = answer.post
    sender = opened_column(post.message, "sender_sealed")
    return OutgoingReply(
        key=f"social-{answer.pk}",
        to_post=opened_column(post.message, "origin_sealed"),
        to_author=sender.rpartition("@")[0],
        to_thread=post.thread,
        kind=post.kind,
        public=answer.is_public,
        text=text,
        posted_at=post.posted_at,
    )


def _refused(why: str) -> DeliveryOutcome:
    return DeliveryOutcome("not_sent", permanent=True, said=why)


def _outcome(sent: ReplySent) -> DeliveryOutcome:
    if sent.problem is None:
        return DeliveryOutcome("sent", provider_message_id=sent.id)
    if sent.lost:
        return DeliveryOutcome("unknown", said=f"the answer was lost: {sent.problem.said}")
    permanent = sent.problem.kind == "permanent"
    return DeliveryOutcome("not_sent", permanent=permanent, said=sent.problem.said)


def open_sender(clock: Callable[[], datetime]) -> SocialSender:
    """The sender in force."""
    return SocialSender(clock)
