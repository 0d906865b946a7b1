"""Count public posts on social media as another source of the cube, next to complaints."""

from __future__ import annotations

from datetime import datetime, timedelta

from amends.channels.queries.contacts import opened_columns
from amends.channels.queries.social import deleted_posts, public_posts_after
from amends.problems.hotissues.actions.import_posts import PublicPost, take_posts
from amends.problems.hotissues.models import Post

AT_ONCE = 2_000
OVERLAP_MS = 600_000
"""Posts stored by another process may have an earlier id: ten minutes are read again."""
PREFIX = "social:"
_MS_DIGITS = 12


def take_mentions(*, now: datetime) -> int:
    """Count the posts stored since the last time; how many were new.

    A post deleted by its author stays counted, without its text.
    """
    counted = Post.objects.filter(source__startswith=PREFIX)
    newest = counted.order_by("-key").values_list("key", flat=True).first() or ""
    accepted = 0
    cursor = _earlier(newest)
    while rows := public_posts_after(cursor, limit=AT_ONCE):
        senders = opened_columns([row.message for row in rows], "sender_sealed")
        posts = [
            PublicPost(
                source=f"{PREFIX}{row.platform}",
                key=row.pk,
                posted_at=row.posted_at,
                text=row.text,
                author=sender,
                brand=row.brand,
            )
            for row, sender in zip(rows, senders, strict=True)
            if row.text
        ]
        accepted += take_posts(posts, now=now)[0]
        cursor = rows[-1].pk
    counted.filter(key__in=deleted_posts(since=now - timedelta(days=1))).update(text="")
    return accepted


def _earlier(key: str) -> str:
    """An id of the time before another one."""
    if not key:
        return ""
    return f"{max(int(key[:_MS_DIGITS], 16) - OVERLAP_MS, 0):0{_MS_DIGITS}x}"
