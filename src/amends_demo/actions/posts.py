"""Some of those who complain also write in public: what a listening service delivers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from amends.platform.kit.periods import from_ms
from amends.problems.hotissues.actions.import_posts import PublicPost, take_posts

SHARE = 0.15
_SOURCES = ("weibo", "xiaohongshu", "forum")


def posts_of(contacts: Sequence[dict[str, Any]], *, seed: int) -> list[PublicPost]:
    """The posts of these contacts, each by the chance of its own row, some minutes before it."""
    posts = []
    for row in contacts:
        chance = np.random.default_rng([seed, 4, row["row"]])
        if chance.random() >= SHARE:
            continue
        posts.append(
            PublicPost(
                source=_SOURCES[int(chance.integers(len(_SOURCES)))],
                key=f"post-{row['key']}",
                posted_at=from_ms(row["received_ms"])
                - timedelta(minutes=int(chance.integers(5, 300))),
                text=row["text"],
                author=f"account-{row['row']}",
            )
        )
    return posts


def listen(contacts: Sequence[dict[str, Any]], *, seed: int, now: datetime) -> None:
    """Take in the posts of the last days."""
    take_posts(posts_of(contacts, seed=seed), now=now)
