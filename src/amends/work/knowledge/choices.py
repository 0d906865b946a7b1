"""Audiences, categories and states of articles, questions and ideas."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.platform.database.choices import BadgeChoices


class Audience(TextChoices):
    """The readers of an article."""

    PUBLIC = "public", pgettext_lazy("audience", "Public")
    DESK = "desk", pgettext_lazy("audience", "Staff only")
    PARTNER = "partner", pgettext_lazy("audience", "Staff and partners")


class ArticleCategory(TextChoices):
    """Subjects of articles, as the help centre lists them."""

    CHARGES = "charges", _("Bills and charges")
    SERVICES = "services", _("Plans and services")
    USAGE = "usage", _("Data, calls and reminders")
    NETWORK = "network", _("Signal and speed")
    ROAMING = "roaming", _("Roaming")
    ACCOUNT = "account", _("Number and SIM card")
    COMPLAINTS = "complaints", _("Complaints and refunds")
    SAFETY = "safety", _("Privacy, spam and fraud")


class ArticleLanguage(TextChoices):
    """The languages articles are written in."""

    ZH = "zh", _("Chinese")
    EN = "en", _("English")


class VersionState(BadgeChoices):
    """How far a version of an article is."""

    DRAFT = "draft", "plain", pgettext_lazy("article", "draft")
    REVIEW = "review", "info", pgettext_lazy("article", "in review")
    PUBLISHED = "published", "ok", pgettext_lazy("article", "published")
    REPLACED = "replaced", "nothing", pgettext_lazy("article", "replaced")


class QuestionState(BadgeChoices):
    """Progress of a public question."""

    WAITING = "waiting", "warn", pgettext_lazy("question", "to check")
    PUBLISHED = "published", "info", pgettext_lazy("question", "published")
    ANSWERED = "answered", "ok", pgettext_lazy("question", "answered")
    MERGED = "merged", "ok", pgettext_lazy("question", "in an article")
    REFUSED = "refused", "nothing", pgettext_lazy("question", "not published")


class IdeaState(BadgeChoices):
    """Progress of a suggestion for improvement."""

    WAITING = "waiting", "warn", pgettext_lazy("idea", "to check")
    OPEN = "open", "plain", pgettext_lazy("idea", "open")
    PLANNED = "planned", "info", pgettext_lazy("idea", "planned")
    DONE = "done", "ok", pgettext_lazy("idea", "done")
    DECLINED = "declined", "nothing", pgettext_lazy("idea", "declined")


class SearchGapState(BadgeChoices):
    """Progress of a search without results."""

    OPEN = "open", "warn", pgettext_lazy("search", "to write")
    WRITTEN = "written", "ok", pgettext_lazy("search", "written")
    DISMISSED = "dismissed", "nothing", pgettext_lazy("search", "not for us")


class DefaultValue(TextChoices):
    """The text of a placeholder that the operator's profile leaves empty."""

    HOTLINE = "hotline", pgettext_lazy("article", "our hotline")
