"""The picture of a measure before and after, with what its control would have led to expect."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from amends.hotissues.queries.cause_words import KINDS
from amends.hotissues.queries.names import place_words
from amends.kit.charts import Curve, CurveMark
from amends.kit.formats import format_date, join_words
from amends.measures.actions.judge_file import BASES
from amends.measures.models import Judgement, Measure

_WEEKS_SHOWN = 60


def sentence(measure: Measure, look: Judgement) -> str:
    """The verdict in one sentence, with its interval and what it could have seen."""
    found = look.document
    ratio, high, low = found["rate_ratio"], found["high"], found["low"]
    seen = found["smallest_detectable_drop"]
    fields = {
        "drop": _percent(1 - ratio) if ratio is not None else "",
        "rise": _percent(ratio - 1) if ratio is not None else "",
        "least": _percent(1 - high) if high is not None else "",
        "least_rise": _percent(low - 1) if low is not None else "",
        "seen": _percent(seen) if seen is not None else "",
        "wanted": _percent(measure.expected_drop_permille / 1000),
        "on": format_date(measure.judge_on, get_language() or "en"),
    }
    if not look.final:
        return _on_the_way(look, fields)
    if look.verdict == "works":
        return (
            _(
                "It works: %(drop)s fewer persons complain than without it, at least %(least)s"
                " (95%%); a drop of %(seen)s would have shown."
            )
            % fields
        )
    if look.verdict == "worse":
        return (
            _(
                "It got worse: %(rise)s more persons complain than without it, at least"
                " %(least_rise)s (95%%)."
            )
            % fields
        )
    if look.verdict == "not_shown_to_work" and high is not None and high < 1:
        return (
            _(
                "Not shown to work: %(drop)s fewer persons complain than the control lets expect,"
                " but untreated places with a similar rise fell much the same."
            )
            % fields
        )
    if look.verdict == "not_shown_to_work":
        return (
            _(
                "Not shown to work: a drop of %(seen)s would have shown, %(wanted)s was expected,"
                " and none of that size is there."
            )
            % fields
        )
    return _("Not yet judgeable: %(why)s") % {"why": _why(found, fields)}


def _on_the_way(look: Judgement, fields: dict[str, str]) -> str:
    rests_on = BASES.get(look.document.get("on_the_way_rests_on", ""))
    said = _seen_on_the_way(look, fields)
    return f"{said} {_(rests_on)}" if rests_on else said


def _seen_on_the_way(look: Judgement, fields: dict[str, str]) -> str:
    seen = look.document.get("on_the_way") or {}
    if look.verdict == "works":
        fields["drop"] = _percent(1 - seen["rate_ratio"])
        return (
            _(
                "Already shown to work: %(drop)s fewer so far, by a test that holds however often"
                " one looks. The verdict comes on %(on)s."
            )
            % fields
        )
    if look.verdict == "worse":
        return (
            _(
                "Already shown to be worse, by a test that holds however often one looks."
                " The verdict comes on %(on)s."
            )
            % fields
        )
    return _("On the way: the verdict comes on %(on)s.") % fields


def _why(found: dict[str, Any], fields: dict[str, str]) -> str:
    if found["smallest_detectable_drop"] is not None and len(found["reasons"]) == 1:
        return _("only a drop of %(seen)s would show; %(wanted)s was expected.") % fields
    return _("too few weeks or too few complaints to compare.")


def picture(measure: Measure, look: Judgement) -> Curve | None:
    """Persons a week in what is treated, against what its control lets expect."""
    found = look.document
    first = max(len(found["weeks"]) - _WEEKS_SHOWN, 0)
    weeks = [date.fromisoformat(one) for one in found["weeks"]][first:]
    if len(weeks) < 2:
        return None
    language = get_language() or "en"
    left = {place: _("left out") for place, flag in enumerate(found["left_out"][first:]) if flag}
    return Curve(
        title=_("Persons who complain, a week"),
        labels=[format_date(week, language) for week in weeks],
        values=[float(one) for one in found["treated"][first:]],
        low=found["expected_low"][first:],
        high=found["expected_high"][first:],
        control=found["expected"][first:],
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
        summary=sentence(measure, look),
        definition=_definition(measure, found),
        name=f"measure-{measure.number}",
        behind=_behind(found, first),
    )


def _behind(found: dict[str, Any], first: int) -> dict[str, list[float | None]]:
    """The series the band and the verdict rest on, for the table and its file."""
    series = {
        _("users there"): found["users"],
        _("persons in what it is compared with"): found["control"],
        _("users in what it is compared with"): found["control_users"] if found["control"] else [],
        _("persons in untreated places with a similar rise"): found.get("alarmed", []),
    }
    return {words: [float(one) for one in row[first:]] for words, row in series.items() if row}


def _marks(measure: Measure, weeks: list[date]) -> list[CurveMark]:
    """The causes on record, the start of the measure, on the axis of weeks."""
    told = [(measure.starts_on, _("measure"))]
    if measure.issue is not None:
        causes = measure.issue.causes.exclude(judged="ruled_out").order_by("rank", "id")[:2]
        told += [
            (timezone.localtime(one.from_at).date(), str(KINDS.get(one.kind, one.kind)))
            for one in causes
        ]  # fmt: skip
    found = []
    for day, words in sorted(told):
        place = (day - weeks[0]).days // 7
        if not 0 <= place < len(weeks):
            continue
        if found and found[-1].at == place:
            # One line where several things happened in a week.
            both = join_words([found.pop().words, words], get_language() or "en")
            found.append(CurveMark(place, both))
        else:
            found.append(CurveMark(place, words))
    return found


def _definition(measure: Measure, found: dict[str, Any]) -> str:
    return _(
        "Distinct persons who complain in a week in: %(treated)s. Compared with: %(control)s."
        " Weeks are counted from the first day of the measure; those of the alarm and of the"
        " wash-out are left out. Users as exposure. Method: %(method)s. Fixed beforehand, digest"
        " %(digest)s."
    ) % {
        "treated": "; ".join(place_words(one) for one in measure.treated) or "—",
        "control": "; ".join(place_words(one) for one in measure.control) or "—",
        "method": found["method"],
        "digest": measure.digest[:16],
    }


def _percent(value: float) -> str:
    return f"{value:.0%}"
