"""Rank what the ledger holds that may have caused an issue, and keep the best."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

import polars as pl
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from amends.causes.protection.queries import report_rows
from amends.engines.detection.causes import Exposure, Fit, ranked, unrecorded
from amends.engines.detection.cube import values_of
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.platform.kit.periods import from_ms, to_ms
from amends.problems.hotissues.actions.authority import demand, locked_to_lead
from amends.problems.hotissues.actions.note import note
from amends.problems.hotissues.models import Cause, HotIssue
from amends.problems.hotissues.queries.cube import rows_between
from amends.problems.hotissues.queries.exposures import KnownExposures
from amends.problems.hotissues.queries.membership import complaints_in, main_place
from amends.problems.hotissues.queries.other_sources import REPORTED

CONTROLS = timedelta(days=60)
GROWN = 1.3
"""A ranking is done again when the issue has so many times the persons it was done on, or they so
many times its own."""
MOSTLY = 0.8
"""An issue is one of the network with so many of its complaints in a class of it, and one of a
service with so many of its persons among the users of a service that has a fault."""


def find_causes(
    refs: Sequence[str],
    *,
    now: datetime,
    repeat: bool = False,
    known_exposures: KnownExposures | None = None,
) -> list[str]:
    """Rank the candidate causes of these issues; those ranked on nearly the same persons keep
    theirs unless `again`. Returns those ranked now. What a person judged stays judged.

    known  what may have caused them, where the caller asks more than once
    """
    wanted = [
        hot_issue
        for hot_issue in HotIssue.objects.filter(id__in=refs).order_by("id")
        if not hot_issue.drill
    ]
    wanted = [wanted_issue for wanted_issue in wanted if repeat or _has_changed(wanted_issue)]
    if not wanted:
        return []
    first = min(wanted_issue.started_at for wanted_issue in wanted) - CONTROLS
    causes = (known_exposures or KnownExposures(now)).since(first)
    rows = rows_between(timezone.localdate(first), timezone.localdate(now))
    for issue in wanted:
        _rank(issue, causes, rows, now)
    return [wanted_issue.id for wanted_issue in wanted]


def outgrown(*, brand: str) -> list[str]:
    """Open issues that have candidates, and by now so many persons that these are of another time:
    what joins an issue raises no alarm of its own."""
    rows = HotIssue.objects.filter(state="open", brand=brand, drill=False).order_by("id")
    return [row.id for row in rows if _has_changed(row, unranked=False)]


def _has_changed(issue: HotIssue, *, unranked: bool = True) -> bool:
    """Whether its candidates are of another time; `unranked` where it has none."""
    first = issue.causes.order_by("rank", "id").first()
    if first is None:
        return unranked
    before = int(first.numbers.get("persons", 1))
    return issue.persons >= GROWN * before or before >= GROWN * issue.persons


@transaction.atomic
def _rank(
    issue: HotIssue, known_exposures: Sequence[Exposure], rows: pl.DataFrame, now: datetime
) -> None:
    complaints = complaints_in(issue)
    inside = rows.filter(pl.col("id").is_in(complaints))
    outside = rows.filter(
        ~pl.col("id").is_in(complaints) & (pl.col("received_at") > issue.started_at - CONTROLS)
    )
    members = _moments(inside, pl.col("received_at").min())
    outsiders = _moments(
        outside.filter(~pl.col("person").is_in(list(members))), pl.col("received_at").max()
    )
    started_ms = to_ms(issue.started_at)
    if _is_of_reports(issue):
        reported, earlier = _reporters(issue, now)
        members, outsiders = reported | members, earlier | outsiders
        outsiders = {person: at for person, at in outsiders.items() if person not in members}
    ranked_fits = ranked(
        known_exposures, members=members, other_persons=outsiders, started_ms=started_ms
    )
    of_a_service = any(
        fit.exposure.kind == "service_fault" and fit.share >= MOSTLY for fit in ranked_fits
    )
    missing = (
        None
        if of_a_service
        else _unrecorded(issue, inside, known_exposures, len(members), started_ms)
    )
    if missing:
        position = next(
            (at for at, ranked_fit in enumerate(ranked_fits) if ranked_fit.fit < missing.fit),
            len(ranked_fits),
        )
        ranked_fits.insert(position, missing)
    # Two scans may rank one issue at once: the later one ranks what the earlier has left.
    list(HotIssue.objects.select_for_update(no_key=True).filter(id=issue.id).values_list("id"))
    judged = {(cause.kind, cause.reference): cause for cause in issue.causes.exclude(judged="")}
    issue.causes.filter(judged="").delete()
    for rank, fit in enumerate(ranked_fits, start=1):
        _keep(issue, rank, fit, members.keys(), judged)


def _is_of_reports(issue: HotIssue) -> bool:
    """Whether reports of spam and fraud are counted in the issue."""
    return values_of(main_place(issue)) == {"code": REPORTED}


def _reporters(issue: HotIssue, now: datetime) -> tuple[dict[str, int], dict[str, int]]:
    """Reporters since the issue began, with the time of their first report, and reporters
    of anything before, with that of their last."""
    rows = report_rows(issue.started_at - CONTROLS, now + timedelta(seconds=1), brand=issue.brand)
    identified = [row for row in rows if row.subscriber]
    since: dict[str, int] = {}
    before: dict[str, int] = {}
    for row in identified:
        if row.reported_at >= issue.started_at:
            since.setdefault(row.subscriber, to_ms(row.reported_at))
        else:
            before[row.subscriber] = to_ms(row.reported_at)
    return since, before


def _moments(rows: pl.DataFrame, which: pl.Expr) -> dict[str, int]:
    """Who complains in these rows, and one of their moments, in milliseconds."""
    identified = rows.filter(pl.col("person") != "").group_by("person")
    return dict(identified.agg(which.dt.epoch("ms")).rows())


def _keep(
    issue: HotIssue,
    rank: int,
    fit: Fit,
    members: AbstractSet[str],
    judged: dict[tuple[str, str], Cause],
) -> None:
    exposure = fit.exposure
    numbers = {
        **exposure.numbers,
        "members": len(members),
        "hit": len(exposure.persons | members),
        "silent": len(exposure.persons - members),
        "persons": issue.persons,
        "touched_members": fit.touched_members,
        "share_permille": round(1000 * fit.share),
        "others_permille": round(1000 * fit.share_of_others),
    }
    values = {
        "rank": rank,
        "from_at": from_ms(exposure.from_ms),
        "to_at": None if exposure.to_ms is None else from_ms(exposure.to_ms),
        "fit": fit.fit,
        "numbers": numbers,
        "facts": list(exposure.facts),
    }
    if judged_cause := judged.get((exposure.kind, exposure.reference[:120])):
        Cause.objects.filter(id=judged_cause.id).update(**values)
    else:
        Cause.objects.create(
            issue=issue, kind=exposure.kind, reference=exposure.reference[:120], **values
        )


def _unrecorded(
    issue: HotIssue,
    inside: pl.DataFrame,
    known_exposures: Sequence[Exposure],
    members: int,
    started_ms: int,
) -> Fit | None:
    """A fault that no system has recorded, where an issue of the network sits in one area."""
    if not _of_the_network(issue, inside):
        return None
    areas = inside.filter(pl.col("area") != "")["area"].value_counts(sort=True)
    if not areas.height:
        return None
    area, area_members = str(areas["area"][0]), int(areas["count"][0])
    on_record = any(
        exposure.kind in ("incident", "degraded")
        and exposure.numbers.get("area") == area
        and exposure.from_ms <= started_ms + 4 * 86_400_000
        and (exposure.to_ms is None or exposure.to_ms >= started_ms)
        for exposure in known_exposures
    )
    fault = unrecorded(
        area=area,
        members_there=area_members,
        members=max(members, 1),
        started_ms=started_ms,
        recorded=on_record,
    )
    share = area_members / max(inside.height, 1)
    return (
        Fit(
            exposure=fault,
            share=share,
            share_of_others=0.0,
            fit=share,
            touched_members=area_members,
        )
        if fault
        else None
    )


def _of_the_network(issue: HotIssue, inside: pl.DataFrame) -> bool:
    """Whether a class of the network names the issue, or most of its complaints are of one."""
    if values_of(main_place(issue)).get("code", "").startswith("network"):
        return True
    of_it = inside["code"].cast(pl.String).str.starts_with("network.").sum()
    return bool(inside.height) and of_it >= MOSTLY * inside.height


def judge_cause(ref: str, cause: str, judged: str, *, actor: Actor, now: datetime) -> None:
    """Say that a candidate is the cause ("confirmed"), or is not ("ruled_out")."""
    demand(actor, "hotissues.lead", now)
    with transaction.atomic():
        locked_to_lead(ref, actor)
        cause_row = Cause.objects.filter(
            issue=ref, id=int(cause) if cause.isdecimal() else -1
        ).first()
        if cause_row is None or judged not in ("confirmed", "ruled_out"):
            raise BadInput(
                _("There is no such candidate."),
                next_step=_("Load the page again."),
                code="cause_not_judged",
            )
        cause_row.judged, cause_row.judged_by, cause_row.judged_at = judged, actor.ref, now
        cause_row.save(update_fields=["judged", "judged_by", "judged_at"])
        details: dict[str, object] = {"cause": f"{cause_row.kind}:{cause_row.reference}"}
        note(cause_row.issue, f"cause_{judged}", actor=actor, now=now, details=details)
