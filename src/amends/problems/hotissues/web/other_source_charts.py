"""The curves of posts and enquiries in the place of an issue, beside its own."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from amends.platform.kit.charts import Curve
from amends.platform.kit.formats import format_date
from amends.problems.hotissues.models import HotIssue
from amends.problems.hotissues.queries.issue_summary import span
from amends.problems.hotissues.queries.membership import main_place
from amends.problems.hotissues.queries.other_sources import OtherSourceSeries, other_source_series


def other_source_charts(issue: HotIssue) -> list[Curve]:
    """A curve of each series somebody spoke in."""
    if issue.drill:
        return []
    first, last = span(issue)
    return [
        _curve(source_series, issue)
        for source_series in other_source_series(main_place(issue), first, last, brand=issue.brand)
    ]


def _curve(source_series: OtherSourceSeries, issue: HotIssue) -> Curve:
    language = get_language() or "en"
    posts = source_series.kind == "post"
    title = _("Posts about the same, a day") if posts else _("Enquiries about the same, a day")
    return Curve(
        title=title,
        labels=[
            format_date(source_series.first + timedelta(days=at), language)
            for at in range(len(source_series.voices))
        ],
        values=[float(voices) for voices in source_series.voices],
        names={
            "period": _("Day"),
            "observed": _("voices"),
            "expected": _("expected"),
            "what happened": _("What happened"),
        },
        note=_("A series of its own: in no issue and in no rate"),
        summary=_("Voices: %(n)s; days: %(days)s.")
        % {"n": source_series.total, "days": len(source_series.voices)},
        definition=_(
            "Distinct accounts that posted, or persons who asked, in the same class, area or"
            " product on a day. They are no complaints and are never added to them."
        ),
        name=f"{source_series.kind}-issue-{issue.number}",
    )
