"""Every measure of each unit of a dimension, the same for the page's file, the command and the
bulletin: shares with their standing, time to resolve, money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from amends.indicators.figures import FigureRow, PeriodReport
from amends.indicators.rules.shares import Indicator, ShareFigure, standings


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit; `shares` by the id of their indicator."""

    row: FigureRow
    shares: Mapping[str, ShareFigure]


def lines(found: PeriodReport, known: Iterable[Indicator]) -> list[UnitRow]:
    """The units of a report in its order, each share against those of all of them together."""
    measured = [row.measure for row in found.rows]
    by_share = {
        one.id: {standing.unit: standing for standing in standings(measured, one)} for one in known
    }
    return [
        UnitRow(row, {ref: units[row.measure.unit] for ref, units in by_share.items()})
        for row in found.rows
    ]
