"""Kinds of drafts, notifications, follow-ups and entries of the timeline."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ComposerMode(models.TextChoices):
    """What somebody writes at a case; only the first two reach the customer."""

    REPLY = "reply", pgettext_lazy("composer", "Reply")
    ASK = "ask", pgettext_lazy("composer", "Ask a question")
    NOTE = "note", pgettext_lazy("composer", "Internal note")
    CALL = "call", pgettext_lazy("composer", "Log a call")


class NotificationKind(models.TextChoices):
    """Why a colleague is notified."""

    MENTION = "mention", _("mentioned you")
    ASSIGNED = "assigned", _("assigned it to you")
    TEAM_ASSIGNED = "team_assigned", _("assigned it to your team")
    ESCALATED = "escalated", _("escalated it to you")
    FOLLOW_UP = "follow_up", _("follow-up is due")
    CUSTOMER_WROTE = "customer_wrote", _("the customer wrote")
    REASSIGNED = "reassigned", _("gave it to somebody else")
    RETURNED = "returned", _("returned it to the queue")
    REVIEWED = "reviewed", _("reviewed your work")


class FollowUpEnd(models.TextChoices):
    """Why a follow-up no longer waits."""

    DATE = "date", _("its date came")
    CONTACT = "contact", _("the customer wrote")
    DONE = "done", _("done")
    REPLACED = "replaced", _("replaced by another date")
    CANCELLED = "cancelled", _("cancelled")
    CLOSED = "closed", _("the case was closed")


class ActivityVerb(models.TextChoices):
    """What happened to a case besides notes and follow-ups."""

    ASSIGNED = "assigned", _("Assigned")
    RETURNED = "returned", _("Returned to the queue")
    ESCALATED = "escalated", _("Escalated")
    WATCHED = "watched", _("Watcher added")
    UNWATCHED = "unwatched", _("Watcher removed")


class AssignTo(models.TextChoices):
    """What an assignment rule does with a case that matches."""

    QUEUE = "queue", _("leave it in the queue of the team")
    LEAST_LOADED = "least_loaded", _("give it to the member with the fewest open cases")
