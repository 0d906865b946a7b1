"""Where the cells of the network are, and which region an area is part of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from amends.network.quality.models import NetworkCell
from amends.platform.kit.batches import slices
from amends.record.catalogue.queries import areas


def regions() -> dict[str, str]:
    """Area → the area it is part of, "" at the top."""
    return {area.code: area.parent for area in areas()}


def places_of(cells: Iterable[str], at: datetime) -> dict[str, str]:
    """Cell → the area it stood in at a moment; of one first heard of later, its first area.

    A cell is also found by the name that it had before.
    """
    wanted = sorted(set(cells) - {""})
    areas_by_cell: dict[str, str] = {}
    for part in slices(wanted):
        rows = NetworkCell.objects.filter(code__in=part).order_by("code", "since")
        renamed = NetworkCell.objects.filter(renamed_from__in=part).order_by("code", "since")
        cell_rows = [
            *renamed.values_list("renamed_from", "area", "since"),
            *rows.values_list("code", "area", "since"),
        ]
        for code, area, since in cell_rows:
            if code not in areas_by_cell or since <= at:
                areas_by_cell[code] = area
    return areas_by_cell


def cells_of_areas(wanted: Mapping[str, object], now: datetime) -> dict[str, set[str]]:
    """Area → its cells at a moment, as far as they are known."""
    cells_by_area: dict[str, set[str]] = {}
    rows = NetworkCell.objects.filter(since__lte=now).order_by("code", "since")
    areas_by_cell = dict(rows.values_list("code", "area"))
    for code, area in areas_by_cell.items():
        if area in wanted:
            cells_by_area.setdefault(area, set()).add(code)
    return cells_by_area
