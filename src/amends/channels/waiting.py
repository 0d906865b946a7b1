"""The rows of this app that wait for a person, as `approvals` lists them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry

SOURCES = (
    registry.WaitingSource(
        name="channels.post",
        title=_("Post to answer"),
        action=_("Propose an answer"),
        model="channels.SocialPost",
        where={"state": "open"},
        decides="social.answer",
        subject="social_post",
        key="id",
        page="social_post",
        label="text",
        since="posted_at",
        brand="brand",
        queue="social_posts",
    ),
    registry.WaitingSource(
        name="channels.answer",
        title=_("Public answer to approve"),
        action=_("Approve it or send it back"),
        model="channels.SocialAnswer",
        where={"state": "proposed"},
        decides="social.approve",
        subject="social_post",
        key="post_id",
        page="social_post",
        label="post__text",
        asked_by="proposed_by",
        since="proposed_at",
        brand="post__brand",
        second=True,
    ),
    registry.WaitingSource(
        name="channels.unknown",
        title=_("Message that was perhaps sent"),
        action=_("Ask the provider, then send it again or not"),
        model="channels.OutboxMessage",
        where={"state": "unknown", "when_unknown": "ask"},
        decides="channels.read",
        subject="message",
        key="id",
        page_key=None,
        page="operation",
        label="channel",
        since="posted_at",
        queue="operation",
    ),
)
