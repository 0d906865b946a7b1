"""Labels, kinds and states of protection."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.database.choices import BadgeChoices


class MessageLabel(BadgeChoices):
    """What a message is."""

    LEGITIMATE = "legitimate", "ok", pgettext_lazy("message", "legitimate")
    BULK = "bulk", "info", pgettext_lazy("message", "bulk advertising")
    SPAM = "spam", "warn", pgettext_lazy("message", "spam")
    FRAUD = "fraud", "bad", pgettext_lazy("message", "fraud")


class FraudKind(TextChoices):
    """How a fraud works."""

    IMPERSONATION = "impersonation", _("Impersonation")
    PHISHING_LINK = "phishing_link", _("Phishing link")
    REFUND = "refund", _("False refund")
    LOAN = "loan", _("Loan")
    PRIZE = "prize", _("Prize")
    INVESTMENT = "investment", _("Investment")
    PART_TIME_JOB = "part_time_job", _("Part-time job")
    GAMBLING = "gambling", _("Gambling")
    OTHER = "other", pgettext_lazy("fraud", "Other")


class ReportedThing(TextChoices):
    """What somebody reports."""

    MESSAGE = "message", _("Message")
    CALL = "call", pgettext_lazy("reported", "Call")
    LINK = "link", _("Link")
    APP = "app", pgettext_lazy("reported", "App")


class ReportState(BadgeChoices):
    """What became of a report."""

    RECEIVED = "received", "info", pgettext_lazy("report", "received")
    CONFIRMED = "confirmed", "ok", pgettext_lazy("report", "acted on")
    NOT_CONFIRMED = "not_confirmed", "plain", pgettext_lazy("report", "not confirmed")
    WITHDRAWN = "withdrawn", "nothing", pgettext_lazy("report", "withdrawn")


class Step(BadgeChoices):
    """A consequence for a number, mildest first."""

    MARK = "mark", "info", pgettext_lazy("consequence", "marked")
    WARN = "warn", "warn", pgettext_lazy("consequence", "callees warned")
    BLOCK = "block", "bad", pgettext_lazy("consequence", "blocked")


class AppealState(BadgeChoices):
    """What became of an appeal."""

    OPEN = "open", "warn", pgettext_lazy("appeal", "to answer")
    GRANTED = "granted", "ok", pgettext_lazy("appeal", "granted")
    REFUSED = "refused", "bad", pgettext_lazy("appeal", "refused")
