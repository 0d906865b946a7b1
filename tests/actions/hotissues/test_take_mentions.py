"""Mentions are a source next to complaints: counted once, without text once deleted."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.actions.channels.social import NOW, stored, use_gateway

from amends.channels.social.models import SocialPost
from amends.problems.hotissues.actions.take_mentions import take_mentions
from amends.problems.hotissues.models import Post
from amends.problems.hotissues.queries.other_sources import other_source_rows

pytestmark = pytest.mark.django_db


def test_public_posts_are_counted_once_and_lose_their_text_when_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_gateway(tmp_path, monkeypatch)
    stored(id="p1", text="每月扣我10块钱彩铃费，从来没有订过彩铃")
    stored(id="p2", author_id="43", text="彩铃费是谁开的，退钱")
    stored(id="p3", kind="private", text="私信不算公开内容")
    assert (take_mentions(now=NOW), take_mentions(now=NOW)) == (2, 0)
    stored(id="p4", author_id="44", text="宽带没网")
    assert take_mentions(now=NOW) == 1
    rows = other_source_rows("post", NOW.date() - timedelta(days=1), NOW.date())
    assert rows["who"].n_unique() == 3
    assert set(rows["channel"]) == {"social:webhook"}
    first = SocialPost.objects.order_by("id")[0]
    SocialPost.objects.filter(pk=first.pk).update(deleted_at=NOW, text="")
    take_mentions(now=NOW)
    assert Post.objects.get(key=first.pk).text == ""
    assert Post.objects.count() == 3
