"""State where cells are, and how they were called before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from amends.network.quality.models import NetworkCell
from amends.platform.database.rows import create
from amends.record.catalogue.queries import areas

_LONGEST = 80


@dataclass(frozen=True, slots=True)
class CellRow:
    """Where a cell is from a moment on; `place` names the row for refusals."""

    place: str
    code: str
    area: str
    technology: str
    renamed_from: str
    since: datetime


@dataclass(frozen=True, slots=True)
class PlacedCells:
    """How many rows were new cells, moves and neither; the refused ones with their reasons."""

    new: int
    moved: int
    unchanged: int
    refused: dict[str, str]


def place_cells(rows: Sequence[CellRow]) -> PlacedCells:
    """Record the cells; an area nobody knows is refused, the rest is kept."""
    known_areas = {known_area.code for known_area in areas()}
    refused: dict[str, str] = {}
    new = moved = unchanged = 0
    fresh = []
    with transaction.atomic():
        stored = NetworkCell.objects.order_by("code", "since")
        last = {
            code: (area, since) for code, area, since in stored.values_list("code", "area", "since")
        }
        for row in sorted(rows, key=lambda cell_row: (cell_row.code, cell_row.since)):
            if not row.code or len(row.code) > _LONGEST:
                refused[row.place] = "without a cell"
                continue
            if row.area not in known_areas:
                refused[row.place] = f"area {row.area[:40]} is not known"
                continue
            area, since = last.get(row.code, ("", None))
            if area == row.area:
                unchanged += 1
                continue
            if since is not None and row.since <= since:
                refused[row.place] = "an older place of a cell that has moved since"
                continue
            new, moved = (new, moved + 1) if area else (new + 1, moved)
            last[row.code] = (row.area, row.since)
            fresh.append(
                NetworkCell(
                    code=row.code,
                    area=row.area,
                    technology=row.technology,
                    renamed_from=row.renamed_from,
                    since=row.since,
                )
            )
        create(fresh)
    return PlacedCells(new=new, moved=moved, unchanged=unchanged, refused=refused)
