"""Every measure of each unit of a dimension, the same for the page's file, the command and the
bulletin: shares with their standing, time to resolve, money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from amends.indicators.figures import Report, Row
from amends.indicators.rules.shares import Indicator, Standing, standings


@dataclass(frozen=True, slots=True)
class Line:
    """One unit; `shares` by the id of their indicator."""

    row: Row
    shares: Mapping[str, Standing]


def lines(found: Report, known: Iterable[Indicator]) -> list[Line]:
    """The units of a report in its order, each share against those of all of them together."""
    measured = [row.measure for row in found.rows]
    by_share = {
        one.id: {standing.unit: standing for standing in standings(measured, one)} for one in known
    }
    return [
        Line(row, {ref: units[row.measure.unit] for ref, units in by_share.items()})
        for row in found.rows
    ]
