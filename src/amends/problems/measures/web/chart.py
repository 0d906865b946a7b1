"""The chart of a measure before and after with its expectation, and its verdict in a sentence."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from amends.platform.kit.charts import Curve, CurveMark
from amends.platform.kit.formats import format_date, join_words
from amends.problems.hotissues.texts.cause_words import KINDS
from amends.problems.hotissues.texts.names import place_words
from amends.problems.measures.actions.judge_file import BASES
from amends.problems.measures.models import Judgement, Measure

_WEEKS_SHOWN = 60


def verdict_sentence(measure: Measure, judgement: Judgement) -> str:
    """The verdict in one sentence, with its interval and what it could have seen."""
    document = judgement.document
    ratio, high, low = document["rate_ratio"], document["high"], document["low"]
    seen = document["smallest_detectable_drop"]
    fields = {
        "drop": _percent(1 - ratio) if ratio is not None else "",
        "rise": _percent(ratio - 1) if ratio is not None else "",
        "least": _percent(1 - high) if high is not None else "",
        "least_rise": _percent(low - 1) if low is not None else "",
        "seen": _percent(seen) if seen is not None else "",
        "wanted": _percent(measure.expected_drop_permille / 1000),
        "on": format_date(measure.judge_on, get_language() or "en"),
    }
    if not judgement.final:
        return _interim_sentence(judgement, fields)
    if judgement.verdict == "works":
        return (
            _(
                "Effective: an estimated %(drop)s fewer people complain than without it (at least"
                " %(least)s at 95%% confidence); the smallest drop this test could detect was"
                " %(seen)s."
            )
            % fields
        )
    if judgement.verdict == "worse":
        return (
            _(
                "It got worse: an estimated %(rise)s more people complain than without it (at least"
                " %(least_rise)s at 95%% confidence)."
            )
            % fields
        )
    if judgement.verdict == "not_shown_to_work" and high is not None and high < 1:
        return (
            _(
                "Not shown to work: %(drop)s fewer people complain than the control leads one to"
                " expect, but untreated segments with a similar rise fell by much the same."
            )
            % fields
        )
    if judgement.verdict == "not_shown_to_work":
        return (
            _(
                "Not shown to work: a drop of %(wanted)s was expected and %(seen)s would have been"
                " detected, but there is none of that size."
            )
            % fields
        )
    return _("Not yet judgeable: %(why)s") % {"why": _why(document, fields)}


def _interim_sentence(judgement: Judgement, fields: dict[str, str]) -> str:
    rests_on = BASES.get(judgement.document.get("on_the_way_rests_on", ""))
    text = _interim_verdict(judgement, fields)
    return f"{text} {_(rests_on)}" if rests_on else text


def _interim_verdict(judgement: Judgement, fields: dict[str, str]) -> str:
    seen = judgement.document.get("on_the_way") or {}
    if judgement.verdict == "works":
        fields["drop"] = _percent(1 - seen["rate_ratio"])
        return (
            _(
                "Already shown to work: %(drop)s fewer so far, by a test that stays valid under "
                "repeated checks. The verdict comes on %(on)s."
            )
            % fields
        )
    if judgement.verdict == "worse":
        return (
            _(
                "Already shown to be worse, by a test that stays valid under repeated checks. "
                "The verdict comes on %(on)s."
            )
            % fields
        )
    return _("On the way: the verdict comes on %(on)s.") % fields


def _why(document: dict[str, Any], fields: dict[str, str]) -> str:
    if document["smallest_detectable_drop"] is not None and len(document["reasons"]) == 1:
        return _("only a drop of %(seen)s would show; %(wanted)s was expected.") % fields
    return _("too few weeks or too few complaints to compare.")


def chart_of(measure: Measure, judgement: Judgement) -> Curve | None:
    """People who complain per week in the treated segments, with the expectation."""
    document = judgement.document
    first = max(len(document["weeks"]) - _WEEKS_SHOWN, 0)
    weeks = [date.fromisoformat(week) for week in document["weeks"]][first:]
    if len(weeks) < 2:
        return None
    language = get_language() or "en"
    left = {index: _("left out") for index, flag in enumerate(document["left_out"][first:]) if flag}
    return Curve(
        title=_("People who complain, per week"),
        labels=[format_date(week, language) for week in weeks],
        values=[float(count) for count in document["treated"][first:]],
        low=document["expected_low"][first:],
        high=document["expected_high"][first:],
        control=document["expected"][first:],
        alarms=left,
        marks=_marks(measure, weeks),
        names={
            "period": _("Week from"),
            "observed": _("observed"),
            "expected": _("expected"),
            "control": _("as the control moved"),
            "what happened": _("what happened"),
        },
        note=_(
            "Band: the range of chance around the expectation from the control, in 95 of 100 weeks."
        ),
        summary=verdict_sentence(measure, judgement),
        definition=_definition(measure, document),
        name=f"measure-{measure.number}",
        behind=_behind(document, first),
    )


def _behind(document: dict[str, Any], first: int) -> dict[str, list[float | None]]:
    """The series behind the band and the verdict, for the table and its file."""
    series = {
        _("users there"): document["users"],
        _("people in the control segment"): document["control"],
        _("users in what it is compared with"): document["control_users"]
        if document["control"]
        else [],
        _("people in untreated segments with a similar rise"): document.get("alarmed", []),
    }
    return {label: [float(count) for count in row[first:]] for label, row in series.items() if row}


def _marks(measure: Measure, weeks: list[date]) -> list[CurveMark]:
    """The causes on record and the start of the measure, on the axis of weeks."""
    events = [(measure.starts_on, _("measure"))]
    if measure.issue is not None:
        causes = measure.issue.causes.exclude(judged="ruled_out").order_by("rank", "id")[:2]
        events += [
            (timezone.localtime(cause.from_at).date(), str(KINDS.get(cause.kind, cause.kind)))
            for cause in causes
        ]
    marks: list[CurveMark] = []
    for day, label in sorted(events):
        week_index = (day - weeks[0]).days // 7
        if not 0 <= week_index < len(weeks):
            continue
        if marks and marks[-1].at == week_index:
            # One line where several things happened in a week.
            both = join_words([marks.pop().words, label], get_language() or "en")
            marks.append(CurveMark(week_index, both))
        else:
            marks.append(CurveMark(week_index, label))
    return marks


def _definition(measure: Measure, document: dict[str, Any]) -> str:
    return _(
        "Distinct people who complain in a week in: %(treated)s. Compared with: %(control)s."
        " Weeks are counted from the first day of the measure; those of the alarm and of the"
        " wash-out are left out. Users as exposure. Method: %(method)s. Fixed beforehand, digest"
        " %(digest)s."
    ) % {
        "treated": "; ".join(place_words(cell_key) for cell_key in measure.treated) or "—",
        "control": "; ".join(place_words(cell_key) for cell_key in measure.control) or "—",
        "method": document["method"],
        "digest": measure.digest[:16],
    }


def _percent(value: float) -> str:
    return f"{value:.0%}"
