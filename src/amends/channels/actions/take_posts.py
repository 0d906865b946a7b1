"""Store posts, once each, and follow their edits and deletions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction

from amends.channels.actions.receive import Incoming, clean, receive
from amends.channels.models import InboundMessage
from amends.channels.queries.contacts import opened_column
from amends.channels.social.connector import FoundPost, PostChange
from amends.channels.social.models import (
    PostKind,
    SocialAnswer,
    SocialPost,
    SocialPostVersion,
)
from amends.channels.social.rules import imitates, plain_text
from amends.channels.social.settings import PlatformAccount, social_settings
from amends.kit.ids import time_ordered_id
from amends.vault.indexes import blind_index
from amends.vault.recognisers import mask_text
from amends.vault.sealing import seal

CHANNEL = "social"
NO_TEXT = "[…]"
LATEST = timedelta(minutes=5)
_VERSIONS = "channels_socialpostversion"
State = InboundMessage.State


@dataclass(frozen=True, slots=True)
class PostsTaken:
    """Results of storing posts and changes; `own` were written by accounts of the operator."""

    stored: int = 0
    known: int = 0
    own: int = 0
    edited: int = 0
    deleted: int = 0


def sender_of(account: PlatformAccount, author_id: str) -> str:
    """An author as a sender: never equal to an e-mail address or a phone number."""
    return f"{author_id}@{account.origin}"


def external_id(account: PlatformAccount, post_id: str) -> str:
    """The key of a post among received messages: unique at its platform, not only for us."""
    return f"{account.origin}:{post_id}"[:128]


def thread_index(account: PlatformAccount, post_id: str) -> str:
    """The blind index of a conversation."""
    return blind_index("channels.social_thread", external_id(account, post_id))


def take_in(
    account: PlatformAccount,
    posts: Sequence[FoundPost],
    changes: Sequence[PostChange] = (),
    *,
    now: datetime,
) -> PostsTaken:
    """Store what is new in one transaction; the same post again changes nothing.

    Public posts wait for a person in the queue of posts. Private messages go to the dispatcher
    too, which opens a complaint where the text is one.
    """
    stored = known = own = edited = deleted = 0
    ours = {account.account_id, *account.official_ids} - {""}
    handles = [one.handle for one in social_settings().accounts.values() if one.handle]
    with transaction.atomic():
        for post in posts:
            if post.author_id in ours:
                own += 1
                continue
            fresh, changed = _store(account, post, handles, now)
            stored += fresh
            known += not fresh
            edited += changed
        for change in changes:
            row = _found(account, change.id)
            if row is None:
                continue
            if change.deleted:
                deleted += _delete(row, change.at or now)
            else:
                edited += _edit(row, change.text, change.at or now)
    return PostsTaken(stored, known, own, edited, deleted)


def _found(account: PlatformAccount, post_id: str) -> SocialPost | None:
    return (
        SocialPost.objects.select_related("message")
        .filter(message__channel=CHANNEL, message__external_id=external_id(account, post_id))
        .first()
    )


def _store(
    account: PlatformAccount, post: FoundPost, handles: Sequence[str], now: datetime
) -> tuple[bool, bool]:
    """Whether it is new, and whether it is a known one with another text."""
    text = plain_text(clean(post.text))
    posted_at = min(post.posted_at, now)
    row = receive(
        Incoming(
            channel=CHANNEL,
            external_id=external_id(account, post.id),
            sender=sender_of(account, post.author_id),
            sender_name=post.author_name,
            text=text or NO_TEXT,
            received_at=posted_at,
            origin_id=post.id,
            thread=_thread(account, post),
            files=post.files,
        ),
        now=now,
    )
    existing = SocialPost.objects.filter(message=row).select_related("message").first()
    if existing is not None:
        return False, _edit(existing, text, post.edited_at) if post.edited_at else False
    made = SocialPost.objects.create(
        message=row,
        account=account.name,
        platform=account.platform,
        brand=account.brand,
        kind=post.kind,
        thread=row.thread,
        author=blind_index("channels.social_author", sender_of(account, post.author_id)),
        text=mask_text(text or NO_TEXT).text,
        posted_at=posted_at,
        recorded_at=now,
        is_lookalike=imitates(post.author_name, handles),
        edited_at=post.edited_at,
        checked_at=now,
    )
    if made.kind != PostKind.PRIVATE:
        InboundMessage.objects.filter(pk=row.pk, state=State.NEW).update(
            state=State.DISPATCHED, became=f"post:{made.id}", handled_at=now
        )
    return True, False


def _thread(account: PlatformAccount, post: FoundPost) -> str:
    """The thread of what it answers: a post we have, an answer of ours, or one we never saw."""
    if not post.thread_id:
        return thread_index(account, post.id)
    if (parent := _found(account, post.thread_id)) is not None:
        return parent.thread
    ours = SocialAnswer.objects.filter(
        message__channel=CHANNEL,
        message__provider_message_id=post.thread_id,
        post__account=account.name,
    )
    found = ours.values_list("post__thread", flat=True).first()
    return found or thread_index(account, post.thread_id)


def _edit(row: SocialPost, text: str, at: datetime) -> bool:
    """Store the new text; the earlier one becomes a version. Whether the text differs."""
    if row.deleted_at is not None:
        return False
    new = plain_text(clean(text)) or NO_TEXT
    before = opened_column(row.message, "text_sealed")
    if new == before:
        return False
    version = time_ordered_id()
    SocialPostVersion.objects.create(
        id=version,
        post=row,
        text_sealed=seal(_VERSIONS, "text_sealed", version, before),
        sha256=sha256(before.encode()).hexdigest(),
        replaced_at=at,
    )
    InboundMessage.objects.filter(pk=row.message_id).update(
        text_sealed=seal("channels_inboundmessage", "text_sealed", row.message_id, new)
    )
    SocialPost.objects.filter(pk=row.pk).update(text=mask_text(new).text, edited_at=at)
    return True


def _delete(row: SocialPost, at: datetime) -> bool:
    """No page shows the text any more; that it was there, and what it led to, remains."""
    return bool(
        SocialPost.objects.filter(pk=row.pk, deleted_at=None).update(deleted_at=at, text="")
    )
