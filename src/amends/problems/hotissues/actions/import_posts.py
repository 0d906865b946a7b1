"""Take in posts of social media: masked and classified as complaints are, and nothing more.

A post is no complaint: no clock runs, nobody is answered, no rate counts it. It is a voice in a
series of its own, so that what the public speaks of stands beside what people complain of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from amends.cases.complaints.actions.operator_model import classify_batch
from amends.platform.database.rows import create
from amends.platform.kit.batches import slices
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.texts import clean, fingerprint
from amends.platform.vault.indexes import blind_index_many
from amends.platform.vault.recognisers import mask_texts
from amends.platform.vault.redaction import redacted
from amends.problems.hotissues.models import Post

LATEST = timedelta(minutes=5)
EARLIEST_YEAR = 2000
_AT_ONCE = 400


class UnableToTakePost(BadInput):
    """A post has no words, no source or key, or was written at no possible time."""

    code = "post_not_taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPost:
    """A post as its medium has it; `author` is the account, of which a keyed hash is kept."""

    source: str
    key: str
    posted_at: datetime
    text: str
    author: str = ""
    area: str = ""
    product: str = ""
    brand: str = ""


def check_post(post: PublicPost, *, now: datetime) -> None:
    """Raise `UnableToTakePost` where a post cannot be counted."""
    if not post.text.strip() or not post.source.strip() or not post.key.strip():
        raise UnableToTakePost(
            _("A post needs source, key and words."),
            next_step=_("Leave it out, or fill them in."),
        )
    if post.posted_at.tzinfo is None:
        raise UnableToTakePost(
            _("posted_at has no time zone."),
            next_step=_("Write it like 2026-11-24T10:00:00+08:00."),
        )
    if post.posted_at > now + LATEST or post.posted_at.year < EARLIEST_YEAR:
        raise UnableToTakePost(
            _("posted_at is in the future, or before such posts existed."),
            next_step=_("Check the clock of the sender."),
        )


def take_posts(posts: Sequence[PublicPost], *, now: datetime) -> tuple[int, int]:
    """Store what is new; how many were, and how many were known by source and key already."""
    for post in posts:
        check_post(post, now=now)
    named = {(named_post.source, _key(named_post)): named_post for named_post in reversed(posts)}
    accepted = 0
    with transaction.atomic():
        fresh = [post for post_key, post in named.items() if post_key not in _known(named)]
        for part in slices(fresh, _AT_ONCE):
            accepted += _store(part, now)
    return accepted, len(posts) - accepted


def _known(named: dict[tuple[str, str], PublicPost]) -> set[tuple[str, str]]:
    existing: set[tuple[str, str]] = set()
    keys = sorted({key for _, key in named})
    for part in slices(keys):
        rows = Post.objects.filter(key__in=part)
        existing |= set(rows.values_list("source", "key"))
    return existing


def _key(post: PublicPost) -> str:
    """The key as it is kept: a number or mailbox in it becomes a blind index."""
    return redacted("hotissues.post", post.key)[:120]


def _store(posts: Sequence[PublicPost], now: datetime) -> int:
    texts = [masked.text for masked in mask_texts([clean(post.text) for post in posts])]
    classes, _ = classify_batch(texts)
    authors = blind_index_many(
        "hotissues.author", [f"{post.source}:{post.author.strip()}" for post in posts]
    )
    rows = [
        Post(
            source=post.source,
            key=_key(post),
            posted_at=post.posted_at,
            recorded_at=now,
            author=author if post.author.strip() else "",
            text=text,
            text_print=fingerprint(text),
            code=class_.code,
            area=post.area,
            product=post.product,
            brand=post.brand,
        )
        for post, text, class_, author in zip(posts, texts, classes, authors, strict=True)
    ]
    create(rows)
    return len(rows)
