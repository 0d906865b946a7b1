"""Look from the causes: open an issue where those a cause touched complain far more than others."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from amends.engines.detection.contrasts import Contrast, contrasts
from amends.engines.detection.cube import place_of
from amends.platform.kit.actors import Actor, system
from amends.problems.hotissues.actions.fill_cube import update_cube
from amends.problems.hotissues.actions.find_causes import find_causes
from amends.problems.hotissues.actions.join import join_if_open
from amends.problems.hotissues.actions.open_issue import one_at_a_time, open_issue
from amends.problems.hotissues.models import Cause, HotIssue
from amends.problems.hotissues.queries.cube import rows_between
from amends.problems.hotissues.queries.exposures import KnownExposures

PERIOD = timedelta(days=90)
LOOKS_A_WEEK = 28
SHARE_OF_FALSE = 0.1
"""Of the false issues the operator accepts, this part is spent here."""
KNOWN_FOR = timedelta(days=180)
KNOWN_BY = 0.3


def scan_causes(
    *, now: datetime, actor: Actor | None = None, known_exposures: KnownExposures | None = None
) -> list[str]:
    """Open or follow an issue for each contrast that no open issue explains; their references.

    known  what may have caused issues, where other scans of this moment ask too
    """
    actor, known_exposures = actor or system("scan"), known_exposures or KnownExposures(now)
    update_cube()
    rows = rows_between(timezone.localdate(now - PERIOD), timezone.localdate(now)).filter(
        (pl.col("received_at") <= now) & (pl.col("person") != "")
    )
    by_code = {
        str(code): set(part["person"])
        for (code,), part in rows.partition_by("code", as_dict=True).items()
    }
    false = settings.FALSE_ISSUES_A_WEEK * SHARE_OF_FALSE / LOOKS_A_WEEK
    followed_refs: list[str] = []
    for contrast in contrasts(
        [*known_exposures.deeds, *known_exposures.notices], by_code, false_a_look=false
    ):
        with transaction.atomic():
            one_at_a_time()
            if ref := _follow(contrast, rows, now, actor):
                followed_refs.append(ref)
    find_causes(followed_refs, now=now, known_exposures=known_exposures)
    return followed_refs


def _follow(contrast: Contrast, rows: pl.DataFrame, now: datetime, actor: Actor) -> str:
    cell_key = place_of(
        {"cause": f"{contrast.exposure.kind}:{contrast.exposure.reference}", "code": contrast.code}
    )
    own = rows.filter(
        (pl.col("code") == contrast.code) & pl.col("person").is_in(list(contrast.persons))
    ).sort("received_at")
    issue = HotIssue.objects.filter(cells__place=cell_key, state="open").order_by("-number").first()
    if issue is None:
        if _is_explained(contrast, now):
            return ""
        issue = open_issue(
            [cell_key],
            started_at=own["received_at"][0],
            now=now,
            actor=actor,
            false_a_week=settings.FALSE_ISSUES_A_WEEK * SHARE_OF_FALSE,
        )
    # A rise of a curve ends; this lasts as long as it is found.
    join_if_open(issue.id, own["id"].to_list(), because=f"scan: {cell_key}", actor=actor, now=now)
    HotIssue.objects.filter(id=issue.id).update(last_alarm_at=now, expected=contrast.expected)
    return issue.id


def _is_explained(contrast: Contrast, now: datetime) -> bool:
    """Whether an issue of these weeks has this cause already, or most of these persons."""
    recent = HotIssue.objects.filter(last_alarm_at__gt=now - KNOWN_FOR, drill=False)
    same = Cause.objects.filter(
        issue__in=recent,
        kind=contrast.exposure.kind,
        reference=contrast.exposure.reference,
        fit__gte=KNOWN_BY,
    )
    if same.exists():
        return True
    explained_persons = set(
        recent.filter(memberships__left_at__isnull=True).values_list(
            "memberships__person", flat=True
        )
    )
    return len(contrast.persons & explained_persons) >= len(contrast.persons) / 2
