"""States and verdicts of checks."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.platform.database.choices import BadgeChoices


class AppVerdict(BadgeChoices):
    """Whether an app may reach users."""

    PASS = "pass", "ok", pgettext_lazy("app", "accepted")
    CONDITIONS = "conditions", "warn", _("after correction")
    REJECT = "reject", "bad", pgettext_lazy("app", "rejected")


class CheckState(BadgeChoices):
    """Progress of a check."""

    WAITING = "waiting", "info", _("waiting to be checked")
    CHECKED = "checked", "ok", pgettext_lazy("app", "checked")
    UNREADABLE = "unreadable", "bad", _("could not be read")


class AppFindingSeverity(BadgeChoices):
    """How much a finding harms users."""

    HIGH = "high", "bad", pgettext_lazy("severity", "high")
    MEDIUM = "medium", "warn", pgettext_lazy("severity", "medium")
    LOW = "low", "plain", pgettext_lazy("severity", "low")


class CheckOutcome(models.TextChoices):
    """How the work on a check ended."""

    PASSED = "passed", _("accepted without findings to correct")
    ACCEPTED = "accepted", _("accepted with a reason")
    REJECTED = "rejected", pgettext_lazy("outcome of an app", "rejected")
    REPLACED = "replaced", _("replaced by a newer check")


class AppType(models.TextChoices):
    """Types of `rules/data/app-types@….toml`."""

    TOOL = "tool", _("Tool")
    FLASHLIGHT = "flashlight", _("Flashlight")
    CALCULATOR = "calculator", _("Calculator")
    GAME = "game", _("Game")
    VIDEO = "video", _("Video")
    MUSIC = "music", _("Music")
    MAP = "map", _("Map and navigation")
    WALLET = "wallet", _("Wallet and payment")
    SHOP = "shop", pgettext_lazy("type of app", "Shop")
    NEWS = "news", pgettext_lazy("type of app", "News")
    CHAT = "chat", pgettext_lazy("type of app", "Chat")
    HEALTH = "health", _("Health and fitness")
    OPERATOR = "operator", _("Service of an operator")


class ContentLabel(BadgeChoices):
    """Kinds of content."""

    CLEAN = "clean", "ok", pgettext_lazy("content", "clean")
    GAMBLING = "gambling", "bad", _("Gambling")
    FRAUD = "fraud", "bad", pgettext_lazy("content", "Fraud")
    ADULT = "adult", "bad", _("Adult content")
    DRUGS_WEAPONS = "drugs_weapons", "bad", _("Drugs or weapons")
    LOAN_SHARK = "loan_shark", "bad", _("Loan shark")
    HIDDEN_CHARGE = "hidden_charge", "bad", _("Hidden charge")
