"""Which parts of a file of counts, or of complaints a row, carry a series that runs hot."""

from __future__ import annotations

import numpy as np

from amends.detection.attribution import Carrier, carriers_in, carriers_of
from amends.detection.scan import Scan
from amends.hotissues.complaint_rows import TOTAL
from amends.hotissues.counts_file import CountsFile


def own_values(file: CountsFile, cell: int) -> frozenset[tuple[str, str]]:
    """Dimension and value that a series names; nothing of the whole, or of other names."""
    series = file.series[cell]
    if series == TOTAL:
        return frozenset()
    parts = [series] if file.placed else series.split("|")
    named = [part.partition("=") for part in parts]
    if not file.placed and (len(named) < 2 or not all(sign for _name, sign, _value in named)):
        return frozenset()
    return frozenset((name.strip(), value) for name, _is, value in named)


def carried_in(file: CountsFile, found: Scan, rows: slice, cell: int) -> list[Carrier]:
    """Which values of which dimensions carry the series' excess in these periods.

    The expectation is the detector's own: of complaints a row that of the series, shared out as
    its complaints were before; of counts by several dimensions that of each of them.
    """
    skipped = file.counts.shape[0] - found.alarms.shape[0]
    if placed := file.placed:
        name, _is, value = file.series[cell].partition("=")
        here = np.ones(placed.periods.size, dtype=bool)
        if name in placed.values and file.series[cell] != TOTAL:
            here = np.array([one == value for one in placed.values[name]], dtype=bool)
        first, end = skipped + rows.start, skipped + rows.stop
        return carriers_in(
            placed.within(here & (placed.periods >= first) & (placed.periods < end)),
            placed.within(here & (placed.periods < first)),
            columns=[one for one in placed.values if one != name],
            expected=float(np.nansum(found.mean[rows, cell])),
        )
    named = crossed(file)
    if named is None:
        return []
    columns, values, at = named
    shape = tuple(len(one) for one in values)
    seen, expected = np.zeros(shape), np.zeros(shape)
    counts = np.maximum(file.counts[skipped:][rows], 0)
    for column, place in enumerate(at):
        seen[place] += float(counts[:, column].sum())
        expected[place] += float(np.nansum(found.mean[rows, column]))
    own = {(columns[n], values[n][number]) for n, number in enumerate(at[cell])}
    return [
        one for one in carriers_of(seen, expected, columns, values) if own.issuperset(one.values)
    ]


def crossed(file: CountsFile) -> tuple[list[str], list[list[str]], list[tuple[int, ...]]] | None:
    """Dimensions, their values, and the place of each series, of counts whose series are named
    `area=north|class=billing`; None for others."""
    if "|" not in file.series[0]:
        return None
    named = [[part.partition("=") for part in series.split("|")] for series in file.series]
    columns = [name.strip() for name, _is, _value in named[0]]
    same = all(
        [name.strip() for name, _is, _value in one] == columns
        and all(sign and value for _name, sign, value in one)
        for one in named
    )
    if not same or len(columns) < 2 or len({*columns}) < len(columns):
        return None
    values = [sorted({one[n][2] for one in named}) for n in range(len(columns))]
    at = [tuple(values[n].index(one[n][2]) for n in range(len(columns))) for one in named]
    return columns, values, at
