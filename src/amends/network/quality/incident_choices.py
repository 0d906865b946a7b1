"""Kinds, severities and states of network incidents, with their labels and badges."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.platform.database.choices import BadgeChoices


class IncidentState(BadgeChoices):
    """`suspected`: complaints point to a fault that no system of the network has reported."""

    SUSPECTED = "suspected", "uncovered", pgettext_lazy("network incident", "suspected")
    OPEN = "open", "bad", pgettext_lazy("network incident", "lasts")
    ENDED = "ended", "ok", pgettext_lazy("network incident", "ended")
    MERGED = "merged", "plain", pgettext_lazy("network incident", "merged")
    DISMISSED = "dismissed", "plain", pgettext_lazy("network incident", "not an incident")


class IncidentKind(models.TextChoices):
    OUTAGE = "outage", _("Service down")
    DEGRADED = "degraded", _("Poor quality")
    CONGESTION = "congestion", _("Network overloaded")
    WORK = "work", _("Planned work")


class Severity(BadgeChoices):
    MINOR = "minor", "info", pgettext_lazy("severity", "minor")
    MAJOR = "major", "warn", pgettext_lazy("severity", "major")
    CRITICAL = "critical", "bad", pgettext_lazy("severity", "critical")


class FaultCause(models.TextChoices):
    """As in `[words.cause]` of the dossier's texts."""

    CABLE_CUT = "cable_cut", _("cable cut")
    POWER = "power", _("power failure")
    EQUIPMENT = "equipment", _("equipment failure")
    CONGESTION = "congestion", _("congestion")
    WEATHER = "weather", _("weather")
    WORK = "work", _("planned work")
    UNKNOWN = "unknown", _("cause not known yet")


class FoundBy(models.TextChoices):
    ALARM = "alarm", _("an alarm of the network")
    COUNTERS = "counters", _("counters of cells")
    HOT_ISSUE = "hot_issue", _("complaints about the same fault")
    PERSON = "person", _("a colleague")


class IncidentEndReason(models.TextChoices):
    CLEARED = "cleared", _("its alarms were cleared")
    COUNTERS = "counters", _("its cells are back to normal")
    NO_SIGN = "no_sign", _("nothing has shown it since")
    PERSON = "person", _("a colleague ended it")


class ChangeKind(models.TextChoices):
    WORK = "work", _("planned work")
    LAUNCH = "launch", pgettext_lazy("change in the network", "launch")
    FIRMWARE = "firmware", _("firmware")
    WEATHER = "weather", _("weather")
    OTHER = "other", _("other change")


class IndicatorGroup(models.TextChoices):
    ACCESS = "access", pgettext_lazy("indicators", "access")
    CALL = "call", pgettext_lazy("indicators", "calls")
    DATA = "data", pgettext_lazy("indicators", "data")
    VIDEO = "video", pgettext_lazy("indicators", "video")
    MESSAGE = "message", pgettext_lazy("indicators", "messages")
    SERVICE = "service", pgettext_lazy("indicators", "services")


class WorseWhen(models.TextChoices):
    HIGH = "high", pgettext_lazy("bad when", "high")
    LOW = "low", pgettext_lazy("bad when", "low")
