"""Labels, kinds and states of protection."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.platform.database.choices import BadgeChoices


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


class ProtectionLevel(TextChoices):
    """How much a subscriber wants stopped."""

    OFF = "off", pgettext_lazy("protection level", "Off: only what the network must block")
    MARKED = "marked", pgettext_lazy("protection level", "Marked: suspicious calls carry a warning")
    STRICT = "strict", pgettext_lazy("protection level", "Strict: suspicious calls are blocked")


class DeliveryAction(BadgeChoices):
    """The action for a message or call."""

    PASS = "pass", "ok", pgettext_lazy("delivery", "delivered")
    MARK = "mark", "warn", pgettext_lazy("delivery", "delivered with a warning")
    HOLD = "hold", "info", pgettext_lazy("delivery", "held until the morning")
    BLOCK = "block", "bad", pgettext_lazy("delivery", "blocked")


class DeliveryReason(TextChoices):
    """Why the network does so."""

    NOTHING_KNOWN = "nothing_known", _("Nothing speaks against it")
    NEVER_STOPPED = "never_stopped", _("Emergency and public service numbers are never stopped")
    ALLOWED = "allowed", _("You allowed this number")
    DO_NOT_DISTURB = "do_not_disturb", _("The number is on your do-not-disturb list")
    INTERNATIONAL = "international", _("You switched international calls off")
    QUIET_HOURS = "quiet_hours", _("Quiet hours")
    NUMBER_REPORTED = "number_reported", _("Some people reported this number")
    NUMBER_MARKED = "number_marked", _("Several people reported this number")
    NUMBER_WARNED = "number_warned", _("Many people reported this number")
    NUMBER_BLOCKED = "number_blocked", _("The number is blocked because of reported fraud")
    TEXT_SPAM = "text_spam", _("The message looks like spam")
    TEXT_FRAUD = "text_fraud", _("The message looks like a fraud")


class Treatment(TextChoices):
    """A subscriber's choice for one number."""

    ALLOW = "allow", pgettext_lazy("number", "Allowed")
    BLOCK = "block", pgettext_lazy("number", "Do not disturb")
