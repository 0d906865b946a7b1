"""Pages of rows in the order of a time and their id, by offset or by cursor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from amends.entrances.tmforum.rules.selection import PageQuery, Position


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourcePage:
    """A page of documents, how many match in all, and the positions of its first and last."""

    documents: list[dict[str, Any]]
    total: int
    first: Position | None
    last: Position | None


def page_of(
    rows: QuerySet[Any],
    query: PageQuery,
    documents: Callable[[list[Any]], list[dict[str, Any]]],
    *,
    moment: str,
) -> ResourcePage:
    """The page of `rows` that `query` selects; `moment` is the column they are sorted by."""
    total = rows.count()
    backwards = query.before is not None and query.after is None
    rows = _between(rows, query, moment)
    # Backwards from a cursor: the nearest rows first, turned round below.
    sign = "-" if query.descending != backwards else ""
    start = 0 if query.before or query.after else query.offset
    found = list(rows.order_by(f"{sign}{moment}", f"{sign}id")[start : start + query.limit])
    if backwards:
        found.reverse()
    ends = [Position(getattr(row, moment), row.id) for row in (*found[:1], *found[-1:])]
    return ResourcePage(
        documents=documents(found),
        total=total,
        first=ends[0] if ends else None,
        last=ends[-1] if ends else None,
    )


def _between(rows: QuerySet[Any], query: PageQuery, moment: str) -> QuerySet[Any]:
    for position, later in ((query.after, not query.descending), (query.before, query.descending)):
        if position is not None:
            word = "gt" if later else "lt"
            rows = rows.filter(
                Q(**{f"{moment}__{word}": position.at})
                | Q(**{moment: position.at, f"id__{word}": position.ref})
            )
    return rows
