"""The rows of this app that wait for a person, as `approvals` lists them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry

SOURCES = (
    registry.WaitingSource(
        name="chats.waiting",
        title=_("Chat that waits"),
        action=_("Answer the customer"),
        model="chats.Chat",
        where={"state__in": ("waiting", "active")},
        decides="complaints.handle",
        subject="chat",
        key="id",
        page="chat",
        label="id",
        person="handler",
        since="asked_at",
        brand="brand",
        queue="chats",
    ),
)
