"""Let go of what a scan joined to an issue for a place that the complaint no longer stands in."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from amends.engines.detection.cube import values_of, within
from amends.platform.kit.actors import Actor
from amends.problems.hotissues.actions.join import leave
from amends.problems.hotissues.models import HotIssue
from amends.problems.hotissues.queries.reasons import NOT_THERE

_FOR_A_PLACE = "scan: "
_FOR_WORDS = "scan: words "


def for_place(cell_key: str) -> str:
    """Why a scan joins what stands in a place."""
    return f"{_FOR_A_PLACE}{cell_key or 'everything'}"


def let_go(
    issue: HotIssue, cell_key: str, rows: pl.DataFrame, *, now: datetime, actor: Actor
) -> list[str]:
    """Take out what a scan joined for a place and what does not stand in `place`, the one the issue
    is named after. What a person joined, what says its words and what came from an issue of the
    same cause stays; so does what is older than `rows`. Returns those taken out.
    """
    if values_of(cell_key).keys() & {"cause", "words"}:
        return []
    joined = issue.memberships.filter(
        left_at__isnull=True, joined_by=actor.ref, joined_because__startswith=_FOR_A_PLACE
    ).exclude(joined_because__startswith=_FOR_WORDS)
    refs = set(joined.values_list("complaint", flat=True))
    member_rows = rows.filter(pl.col("id").is_in(list(refs)))
    gone = refs & (set(member_rows["id"]) - set(within(member_rows, cell_key)["id"]))
    if not gone:
        return []
    return leave(issue.id, sorted(gone), because=NOT_THERE, actor=actor, now=now)
