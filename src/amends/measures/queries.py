"""What pages, commands and the apps above ask about measures."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from amends.hotissues.queries.records import HotIssue
from amends.measures.models import Measure


def judged_measures(*, brand: str = "") -> list[tuple[int, str, float | None]]:
    """Number, verdict and rate ratio of the measures judged, in order of their numbers."""
    rows = Measure.objects.filter(state=Measure.State.JUDGED, drill=False).order_by("number")
    rows = rows.filter(brand__in=("", brand)) if brand else rows
    found = []
    for row in rows:
        verdict = row.judgements.filter(final=True).first()
        ratio = verdict.document.get("rate_ratio") if verdict else None
        found.append((row.number, row.verdict, ratio))
    return found


def measures_of(issue: HotIssue) -> list[Measure]:
    """The measures against an issue and against those that were merged into it, in order."""
    of_it = Q(issue=issue) | Q(issue__merged_into=issue)
    return list(Measure.objects.filter(of_it).order_by("number"))


def measures(*, brand: str = "") -> list[dict[str, Any]]:
    """The measures as a document of strings and numbers, in order of their numbers."""
    rows = Measure.objects.order_by("number").prefetch_related("judgements")
    rows = rows.filter(brand__in=("", brand)) if brand else rows
    return [_measure_document(row) for row in rows]


def _measure_document(row: Measure) -> dict[str, Any]:
    looks = sorted(row.judgements.all(), key=lambda one: (one.on, one.final))
    last = looks[-1] if looks else None
    found = last.document if last else {}
    # On the way those that hold however often one looks.
    figures = (found if last.final else found.get("on_the_way") or {}) if last else {}
    return {
        "number": row.number,
        "title": row.title,
        "state": row.state,
        "drill": row.drill,
        "owner": row.owner,
        "cause": row.cause,
        "action": row.action,
        "treated": list(row.treated),
        "control": list(row.control),
        "starts_on": row.starts_on.isoformat(),
        "judge_on": row.judge_on.isoformat(),
        "wash_out_days": row.wash_out_days,
        "left_out": [day.isoformat() for day in (row.left_from, row.left_to) if day],
        "expected_drop": row.expected_drop_permille / 1000,
        "verdict": row.verdict,
        "rate_ratio": figures.get("rate_ratio"),
        "low": figures.get("low"),
        "high": figures.get("high"),
        "smallest_detectable_drop": found.get("smallest_detectable_drop"),
        "method": found.get("method"),
        "reasons": found.get("reasons", []),
        "against_alarmed": found.get("against_alarmed", []),
        "check": found.get("checked"),
        "on_the_way": found.get("on_the_way"),
        "on_the_way_rests_on": found.get("on_the_way_rests_on"),
        "looks": len(looks),
        "digest": row.digest,
    }
