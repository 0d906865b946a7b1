"""What the detector said of a drill, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from amends.platform.database.once_per_request import once_per_request
from amends.platform.kit.formats import format_date, format_moment, is_chinese
from amends.problems.hotissues.queries.cube import LEAST_DAYS
from amends.problems.hotissues.queries.records import HotIssue
from amends.problems.hotissues.texts.names import place_words

VERBS = ("drill_found", "drill_missed")


def detection_of(issue: HotIssue) -> Mapping[str, Any] | None:
    """What was noted when the drill began; None of one that began before the detector was asked."""
    noted = _noted(issue)
    return noted["detection"] if noted else None


def hourly_of(issue: HotIssue) -> Mapping[str, Any] | None:
    """What the scan by the hour said when the drill began; None where it was not asked."""
    noted = _noted(issue)
    return noted.get("hourly") if noted else None


@once_per_request
def _noted(issue: HotIssue) -> Mapping[str, Any] | None:
    noted = issue.happenings.filter(verb__in=VERBS).first()
    return noted.details if noted else None


def detections_words(issue: HotIssue) -> str:
    """What the scan of the days said, and that by the hour where it was asked; "" of no drill."""
    by_day, by_hour = detection_of(issue), hourly_of(issue)
    sentences = [detection_words(by_day)] if by_day else []
    if by_hour:
        sentences.append(hourly_words(by_hour))
    return ("" if is_chinese(get_language() or "en") else " ").join(sentences)


def hourly_words(detection: Mapping[str, Any]) -> str:
    """The same of the scan by the hour."""
    return _("By the hour: %(said)s") % {"said": detection_words(detection)}


def detection_words(detection: Mapping[str, Any]) -> str:
    """When the detector finds the drill, or why it does not, in a sentence or two."""
    day, ended = str(detection["day"]), str(detection.get("ended", ""))
    language_key = get_language() or "en"
    fields = {
        "n": detection["persons"],
        "place": place_words(str(detection["place"])),
        "day": format_date(date.fromisoformat(day), language_key) if day else "",
        "evidence": detection["evidence"],
        "threshold": detection["threshold"],
        "days": detection.get("days", LEAST_DAYS),
        "hour": _local(ended, language_key) if ended else "",
        "least": detection["least"],
    }
    if ended and not detection["why"]:
        return (
            _(
                "The detector finds it by %(hour)s, after %(n)s invented persons, in: %(place)s. "
                "Evidence %(evidence)s, threshold %(threshold)s."
            )
            % fields
        )
    return {
        "": _(
            "The detector finds it by the end of %(day)s, after %(n)s invented persons, in: "
            "%(place)s. Evidence %(evidence)s, threshold %(threshold)s."
        ),
        "few_days": _(
            "The detector would not find it: there are too few days of complaints to judge by "
            "(%(days)s at least before those of the drill)."
        ),
        "few_persons": _(
            "The detector would not find it: only %(n)s invented persons complain, and an issue "
            "has at least %(least)s."
        ),
        "below": _(
            "The detector would not find it: after all %(n)s invented persons the strongest "
            "evidence is %(evidence)s (%(day)s, in: %(place)s), not over the threshold of "
            "%(threshold)s."
        ),
        "already": _(
            "The detector would not find it as an issue of its own: this runs hot on %(day)s "
            "without the drill: %(place)s."
        ),
        "explained": _(
            "The detector would not find it: the evidence of %(evidence)s is over the threshold of "
            "%(threshold)s (%(day)s, in: %(place)s), but chance or a shift from a neighbouring "
            "place explains it."
        ),
    }[str(detection["why"])] % fields


def _local(ended: str, language_key: str) -> str:
    zone = ZoneInfo(settings.TIME_ZONE)
    return format_moment(
        datetime.fromisoformat(ended).replace(tzinfo=zone), language_key, settings.TIME_ZONE
    )
