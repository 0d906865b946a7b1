"""Store posts, once each, and follow their edits and deletions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction

from amends.channels.actions.receive import Incoming, clean, receive, receive_rows, unsaved_rows
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
from amends.platform.database.rows import create
from amends.platform.kit.ids import time_ordered_id
from amends.platform.vault.indexes import blind_index
from amends.platform.vault.recognisers import mask_text
from amends.platform.vault.redaction import opaque
from amends.platform.vault.sealing import seal

CHANNEL = "social"
NO_TEXT = "[…]"
LATEST = timedelta(minutes=5)
_VERSIONS = "channels_socialpostversion"
State = InboundMessage.State


@dataclass(frozen=True, slots=True)
class StoredPosts:
    """Results of storing posts and changes; `own` were written by accounts of the operator."""

    stored: int = 0
    known: int = 0
    own: int = 0
    edited: int = 0
    deleted: int = 0


def sender_of(account: PlatformAccount, author_id: str) -> str:
    """An author as a sender: never equal to an email address or a phone number."""
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
) -> StoredPosts:
    """Store what is new; the same post again changes nothing.

    Public posts wait for a person in the queue of posts. Private messages go to the dispatcher
    too, which opens a complaint where the text is one.
    """
    ours = {account.account_id, *account.official_ids} - {""}
    # A wrong date loses no post, and lets none head the lists for years.
    other_posts = [
        replace(post, posted_at=now) if post.posted_at > now + LATEST else post
        for post in posts
        if post.author_id not in ours
    ]
    edited = deleted = 0
    known_posts = _known(account, other_posts)
    fresh: dict[str, FoundPost] = {}
    for post in other_posts:
        row = known_posts.get(_key(account, post.id))
        if row is None:
            fresh.setdefault(_key(account, post.id), post)
        elif post.edited_at:
            edited += _edit(row, plain_text(clean(post.text)), post.edited_at)
    stored = _store(account, list(fresh.values()), now) if fresh else 0
    for change in changes:
        social_post = stored_post(account, change.id)
        if social_post is None:
            continue
        if change.deleted:
            deleted += _delete(social_post, change.at or now)
        else:
            edited += _edit(social_post, change.text, change.at or now)
    return StoredPosts(
        stored=stored,
        known=len(other_posts) - stored,
        own=len(posts) - len(other_posts),
        edited=edited,
        deleted=deleted,
    )


def _key(account: PlatformAccount, post_id: str) -> str:
    """The key of a post as it is stored."""
    return opaque("channels.external_id", external_id(account, post_id))


def _known(account: PlatformAccount, posts: Sequence[FoundPost]) -> dict[str, SocialPost]:
    """The posts that are stored already, by key."""
    keys = [_key(account, post.id) for post in posts]
    rows = SocialPost.objects.filter(message__channel=CHANNEL, message__external_id__in=keys)
    return {row.message.external_id: row for row in rows.select_related("message")}


def stored_post(account: PlatformAccount, post_id: str) -> SocialPost | None:
    """The post with this id at its platform."""
    key = _key(account, post_id)
    rows = SocialPost.objects.filter(message__channel=CHANNEL, message__external_id=key)
    return rows.select_related("message").first()


def _store(account: PlatformAccount, posts: Sequence[FoundPost], now: datetime) -> int:
    """Store new posts; how many. One that another process stored meanwhile is left to it."""
    threads = _threads(account, posts)
    incoming = [_incoming(account, post, threads[post.id], now) for post in posts]
    unsaved = unsaved_rows(
        [incoming_message for incoming_message in incoming if not incoming_message.files], now=now
    )
    handles = [
        platform_account.handle
        for platform_account in social_settings().accounts.values()
        if platform_account.handle
    ]
    rows = [_row(account, post, handles, now) for post in posts]
    # What is slow is done: another process waits for the write lock a few milliseconds only.
    with transaction.atomic():
        plain = iter(receive_rows(unsaved))
        messages = [
            receive(incoming_message, now=now) if incoming_message.files else next(plain)
            for incoming_message in incoming
        ]
        stored_ids = set(
            SocialPost.objects.filter(message__in=messages).values_list("message_id", flat=True)
        )
        for row, message in zip(rows, messages, strict=True):
            row.message, row.thread, row.posted_at = message, message.thread, message.received_at
        new = [row for row in rows if row.message_id not in stored_ids]
        create(new)
        public = [row.message_id for row in new if row.kind != PostKind.PRIVATE]
        InboundMessage.objects.filter(pk__in=public, state=State.NEW).update(
            state=State.DISPATCHED, became="post", handled_at=now
        )
    return len(new)


def _incoming(account: PlatformAccount, post: FoundPost, thread: str, now: datetime) -> Incoming:
    return Incoming(
        channel=CHANNEL,
        external_id=external_id(account, post.id),
        sender=sender_of(account, post.author_id),
        sender_name=post.author_name,
        text=plain_text(clean(post.text)) or NO_TEXT,
        received_at=min(post.posted_at, now),
        origin_id=post.id,
        thread=thread,
        files=post.files,
    )


def _row(
    account: PlatformAccount,
    post: FoundPost,
    handles: Sequence[str],
    now: datetime,
) -> SocialPost:
    return SocialPost(
        account=account.name,
        platform=account.platform,
        brand=account.brand,
        kind=post.kind,
        author=blind_index("channels.social_author", sender_of(account, post.author_id)),
        text=mask_text(plain_text(clean(post.text)) or NO_TEXT).text,
        recorded_at=now,
        is_lookalike=imitates(post.author_name, handles),
        edited_at=post.edited_at,
        checked_at=now,
    )


def _threads(account: PlatformAccount, posts: Sequence[FoundPost]) -> dict[str, str]:
    """Post → its thread: that of the post or the answer of ours it answers, else its own."""
    parents = {post.thread_id for post in posts if post.thread_id}
    known_threads: dict[str, str] = {}
    if parents:
        keys = {_key(account, parent): parent for parent in parents}
        rows = SocialPost.objects.filter(
            message__channel=CHANNEL, message__external_id__in=list(keys)
        )
        for key, thread in rows.values_list("message__external_id", "thread"):
            known_threads[keys[key]] = thread
        ours = SocialAnswer.objects.filter(
            message__channel=CHANNEL,
            message__provider_message_id__in=parents,
            post__account=account.name,
        )
        known_threads |= dict(ours.values_list("message__provider_message_id", "post__thread"))
    threads: dict[str, str] = {}
    for post in posts:
        root = post.thread_id or post.id
        threads[post.id] = (
            known_threads.get(root) or threads.get(root) or thread_index(account, root)
        )
    return threads


def _edit(row: SocialPost, text: str, at: datetime) -> bool:
    """Store the new text; the earlier one becomes a version. Whether the text differs."""
    if row.deleted_at is not None:
        return False
    new = plain_text(clean(text)) or NO_TEXT
    before = opened_column(row.message, "text_sealed")
    if new == before:
        return False
    with transaction.atomic():
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
