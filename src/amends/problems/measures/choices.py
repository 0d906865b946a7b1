"""The states of a measure and the verdicts on it, with their labels and badges."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.engines.detection.verdicts import VERDICT_TITLES
from amends.platform.database.choices import BadgeChoices


class MeasureState(BadgeChoices):
    PLANNED = "planned", "info", pgettext_lazy("measure", "planned")
    STARTED = "started", "plum", pgettext_lazy("measure", "under way")
    JUDGED = "judged", "ok", pgettext_lazy("measure", "judged")


class MeasureVerdict(BadgeChoices):
    WORKS = "works", "ok", _(VERDICT_TITLES["works"])
    NOT_SHOWN_TO_WORK = "not_shown_to_work", "warn", _(VERDICT_TITLES["not_shown_to_work"])
    WORSE = "worse", "bad", _(VERDICT_TITLES["worse"])
    NOT_YET_JUDGEABLE = "not_yet_judgeable", "uncovered", _(VERDICT_TITLES["not_yet_judgeable"])


FAILED = frozenset({MeasureVerdict.NOT_SHOWN_TO_WORK, MeasureVerdict.WORSE})
"""Verdicts after which the issue is open again: another measure is due."""
