"""States and ends of chats."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy

from amends.platform.database.choices import BadgeChoices


class ChatState(BadgeChoices):
    """Where a chat is; `offered`: articles answer it, and no person was asked yet."""

    OFFERED = "offered", "plain", pgettext_lazy("chat", "answered by articles")
    WAITING = "waiting", "warn", pgettext_lazy("chat", "waiting")
    ACTIVE = "active", "info", pgettext_lazy("chat", "in conversation")
    ENDED = "ended", "nothing", pgettext_lazy("chat", "ended")


class ChatOutcome(BadgeChoices):
    """Outcomes of a chat."""

    OPEN = "", "plain", pgettext_lazy("chat", "open")
    SOLVED_ALONE = "solved_alone", "ok", pgettext_lazy("chat", "solved without a person")
    ANSWERED = "answered", "ok", pgettext_lazy("chat", "answered by a person")
    TRANSFERRED = "handed_over", "warn", pgettext_lazy("chat", "became a complaint")
    LEFT = "left", "nothing", pgettext_lazy("chat", "left by the visitor")


class ChatAuthor(models.TextChoices):
    """Authors of entries."""

    VISITOR = "visitor", pgettext_lazy("chat", "visitor")
    STAFF = "staff", pgettext_lazy("chat", "staff")
    AMENDS = "amends", pgettext_lazy("chat", "automatic")
