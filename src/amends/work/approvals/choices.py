"""Kinds and states of what waits, with their labels and badges."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.platform.database.choices import BadgeChoices


class WaitingKind(models.TextChoices):
    """Why a stored item waits; models of other apps hold what waits there."""

    APPROVAL = "approval", pgettext_lazy("waiting", "Approval")
    QUESTION = "question", pgettext_lazy("waiting", "Question")


APPROVAL_ACTION = _("Approve or refuse")
QUESTION_TITLE = _("Question to the customer")
QUESTION_ACTION = _("Answer the question")
"""Titles and next actions of stored items; an approval has the title of its decision."""


class WaitingState(BadgeChoices):
    WAITING = "waiting", "info", pgettext_lazy("approval", "waiting")
    APPROVED = "approved", "ok", pgettext_lazy("approval", "approved")
    REFUSED = "refused", "bad", pgettext_lazy("approval", "refused")
    ANSWERED = "answered", "ok", pgettext_lazy("approval", "answered")
    WITHDRAWN = "withdrawn", "plain", pgettext_lazy("approval", "withdrawn")
    OVERTAKEN = "overtaken", "plain", pgettext_lazy("approval", "no longer required")
    LAPSED = "lapsed", "warn", pgettext_lazy("approval", "lapsed")


class AddresseeKind(models.TextChoices):
    """The addressee: all with a permission or role, a team, a person, a customer."""

    PERMISSION = "permission", _("Permission")
    ROLE = "role", _("Role")
    TEAM = "team", _("Team")
    PERSON = "person", pgettext_lazy("addressee", "Person")
    CUSTOMER = "customer", pgettext_lazy("addressee", "Customer")


class Silence(models.TextChoices):
    """The end of a request that no one answers in time. Silence never approves."""

    LAPSES = "lapses", _("It lapses; nothing is done.")
    UNDONE = "undone", _("What was in force is undone.")
