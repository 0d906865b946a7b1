"""Link posts to the complaint they led to."""

from __future__ import annotations

from collections.abc import Sequence

from amends.channels.models import InboundMessage
from amends.channels.queries.social import posts_behind
from amends.channels.social.models import PostState, SocialAnswer, SocialPost


def link_posts(posts: Sequence[SocialPost], *, complaint: str) -> int:
    """Posts of a thread belong to a complaint; how many. Those of another one are left to it."""
    refs = [post.pk for post in posts if post.complaint in ("", complaint)]
    rows = SocialPost.objects.filter(pk__in=refs)
    InboundMessage.objects.filter(
        social_post__in=refs, state=InboundMessage.State.DISPATCHED
    ).update(became=f"complaint:{complaint}")
    return rows.update(complaint=complaint, state=PostState.COMPLAINT)


def link_invited(code: str, *, complaint: str) -> int:
    """Link the thread behind an invitation once its link was used; how many posts."""
    posts = posts_behind(code)
    if posts:
        SocialAnswer.objects.filter(invitation=code).update(invited_complaint=complaint)
    return link_posts(posts, complaint=complaint) if posts else 0
