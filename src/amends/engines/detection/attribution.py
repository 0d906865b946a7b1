"""Which areas, products, channels, partners, versions carry the excess of an issue.

The persons of the issue, over what was to be expected of everybody, are scanned by `localise` in
several views of the same complaints: area by province or by district, product by itself, by its
version, its partner or its kind. Each element must pay for being told; so a whole province is told
as the province, not area by area, and one area of it as that area.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from amends.engines.detection.localise import localise

Floats = NDArray[np.float64]

ALONE = 2.0
"""So many persons as its values alone let expect of it are laid to what was seen in a cell before:
a cell of few says little of its own, and is not told apart from its neighbours by chance."""
AN_ELEMENT = 6.0
"""What an element must explain (log likelihood) to be worth telling beside others."""
WHOLE = 0.05
"""What all elements are part of, and of whose persons so few were expected, is told instead."""
MOST = 6
LEAST_PERSONS = 4.0
SWEEPS = 8
FURTHEST = 20.0
"""No cell is expected to have less than what was seen before over this: new is not impossible."""

Margins = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Carrier:
    """A part of the issue.

    values    dimension → value, e.g. {"area": "area-4101", "partner": "star"}
    persons   of the issue who are in it; `expected` of everybody, in the same time
    share     of all persons of the issue, 0 to 1
    """

    values: tuple[tuple[str, str], ...]
    persons: int
    expected: float
    share: float


def carriers(
    inside: Mapping[str, Sequence[str]],
    before: Mapping[str, Sequence[str]],
    *,
    views: Sequence[Sequence[str]],
    scale: float,
    usual: Margins | None = None,
) -> list[Carrier]:
    """What carries an issue, the strongest first; nothing where it is spread as usual.

    inside  column → value of each person of the issue, "" where it has none
    before  the same of everybody in the time before
    views   sets of columns to look in, the coarsest first
    scale   length of the issue over that of the time before
    usual   column → value → persons the detector expected of it while the issue lasts, "" → "" of
            everybody; what was before then only says how they are spread over several columns

    >>> inside = {"area": ["south"] * 36 + ["north"] * 4, "channel": ["web", "phone"] * 20}
    >>> before = {"area": ["south", "north"] * 50, "channel": ["web", "web", "phone", "app"] * 25}
    >>> [(one.values, one.persons) for one in
    ...  carriers(inside, before, views=[("area", "channel")], scale=0.1)]
    [((('area', 'south'),), 36)]
    """
    carriers_found = [_look(inside, before, columns, scale, usual or {}) for columns in views]
    # Of equals the last, which is the finest.
    best = max(range(len(carriers_found)), key=lambda at: (carriers_found[at][0], at), default=-1)
    return carriers_found[best][1] if best >= 0 and carriers_found[best][0] > 0.0 else []


def _look(
    inside: Mapping[str, Sequence[str]],
    before: Mapping[str, Sequence[str]],
    columns: Sequence[str],
    scale: float,
    margins: Margins,
) -> tuple[float, list[Carrier]]:
    """What one view explains (log likelihood) beyond a rise of everything alike, less what its
    elements cost to tell (one costs no more than everything does), and the elements."""
    columns = [name for name in columns if len({*inside[name], *before[name]}) > 1]
    values = [sorted({*inside[name], *before[name]}) for name in columns]
    if not columns or not inside[columns[0]]:
        return 0.0, []
    seen = _counted(inside, columns, values)
    usual = _expected(_counted(before, columns, values), scale)
    usual = _as_expected(usual, columns, values, margins)
    # What everybody else says goes on as before: the issue comes on top of it.
    excess = seen + usual
    total = float(seen.sum())
    carried: list[Carrier] = []
    score = 0.0
    for element in localise(excess, usual)[:MOST]:
        # What is not known of somebody is no part that could be named.
        axis_numbers = {at: number for at, number in element.values if values[at][number]}
        cells = tuple(axis_numbers.get(at, slice(None)) for at in range(len(columns)))
        persons = float(seen[cells].sum())
        named = tuple((columns[at], values[at][number]) for at, number in axis_numbers.items())
        if (
            persons < LEAST_PERSONS
            or not named
            or any(carrier.values == named for carrier in carried)
        ):
            continue
        score += element.score
        expected = float(usual[cells].sum())
        carried.append(
            Carrier(
                values=named,
                persons=round(persons),
                expected=round(expected, 1),
                share=persons / total,
            )
        )
    apart = score - of_everything(excess, usual) - AN_ELEMENT * (len(carried) - 1)
    return apart, _whole(carried, seen, usual, columns, values)


def _whole(
    carried: list[Carrier],
    seen: Floats,
    usual: Floats,
    columns: Sequence[str],
    values: Sequence[Sequence[str]],
) -> list[Carrier]:
    """What all elements are part of, where nearly nobody was expected there; else the elements."""
    shared = dict(carried[0].values).items() if len(carried) > 1 else ()
    common = tuple(
        dimension_value
        for dimension_value in shared
        if all(dimension_value in carrier.values for carrier in carried)
    )
    if not common:
        return carried
    at = {columns.index(name): values[columns.index(name)].index(value) for name, value in common}
    cells = tuple(at.get(axis, slice(None)) for axis in range(seen.ndim))
    persons, expected = float(seen[cells].sum()), float(usual[cells].sum())
    if expected > WHOLE * persons:
        return carried
    share = persons / float(seen.sum())
    return [
        Carrier(values=common, persons=round(persons), expected=round(expected, 1), share=share)
    ]


def of_everything(seen: Floats, expected: Floats) -> float:
    """What a rise of all cells alike explains (log likelihood): the parent of every element."""
    counted, usual = float(seen.sum()), float(expected.sum())
    if counted <= usual or usual <= 0.0:
        return 0.0
    return counted * log(counted / usual) - (counted - usual)


def carriers_in(
    now: Mapping[str, Sequence[str]],
    before: Mapping[str, Sequence[str]],
    *,
    columns: Sequence[str],
    expected: float,
) -> list[Carrier]:
    """What carries a count that ran hot, the strongest first, on the detector's own expectation.

    now       column → value of each person counted in the periods of the alarm
    before    the same of everybody counted before: how the expectation is shared out
    expected  persons the detector expected in these periods

    >>> now = {"area": ["south"] * 36 + ["north"] * 14, "channel": ["web", "app"] * 25}
    >>> before = {"area": ["south", "north"] * 50, "channel": ["web", "web", "app", "app"] * 25}
    >>> [(one.values, one.persons, one.expected) for one in
    ...  carriers_in(now, before, columns=["area", "channel"], expected=20.0)]
    [((('area', 'south'),), 36, 10.0)]
    """
    columns = [name for name in columns if len({*now[name], *before[name]}) > 1]
    if not columns or not now[columns[0]]:
        return []
    values = [sorted({*now[name], *before[name]}) for name in columns]
    seen, past = _counted(now, columns, values), _counted(before, columns, values)
    usual = _expected(past, expected / max(float(past.sum()), 1.0))
    return carriers_of(seen, usual, columns, values)


def carriers_of(
    seen: Floats, expected: Floats, columns: Sequence[str], values: Sequence[Sequence[str]]
) -> list[Carrier]:
    """The elements that carry an excess; an axis a column, with the values along it."""
    carriers_list: list[Carrier] = []
    score = 0.0
    for element in localise(seen.copy(), expected.copy())[:MOST]:
        named = tuple((columns[at], values[at][n]) for at, n in element.values if values[at][n])
        if named and element.seen >= LEAST_PERSONS:
            share = element.seen / max(float(seen.sum()), 1.0)
            carriers_list.append(
                Carrier(
                    values=named,
                    persons=round(element.seen),
                    expected=round(element.expected, 1),
                    share=share,
                )
            )
            score += element.score - AN_ELEMENT
    return carriers_list if score > of_everything(seen, expected) - AN_ELEMENT else []


def _counted(
    rows: Mapping[str, Sequence[str]], columns: Sequence[str], values: Sequence[Sequence[str]]
) -> Floats:
    shape = tuple(len(axis_values) for axis_values in values)
    at = [
        np.array([_numbers(axis_values)[value] for value in rows[name]], dtype=np.int64)
        for name, axis_values in zip(columns, values, strict=True)
    ]
    flat = np.ravel_multi_index(tuple(at), shape)
    return np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape).astype(np.float64)


def _numbers(axis_values: Sequence[str]) -> dict[str, int]:
    return {value: number for number, value in enumerate(axis_values)}


def _expected(before: Floats, scale: float) -> Floats:
    """What each cell lets expect, drawn a little towards what its values alone do: a cell nobody
    was in before is new, not impossible."""
    total = before.sum()
    if not total:
        return np.full(before.shape, 1e-3)
    alone = np.array(total)
    for axis in range(before.ndim):
        other_axes = tuple(axis_number for axis_number in range(before.ndim) if axis_number != axis)
        share = (before.sum(axis=other_axes) + 0.5) / (total + 0.5 * before.shape[axis])
        alone = np.multiply.outer(alone, share)
    raw_expected = alone * (before + ALONE) / (alone + ALONE)
    return np.asarray(raw_expected * (total / raw_expected.sum()) * scale, dtype=np.float64)


def _as_expected(
    usual: Floats, columns: Sequence[str], values: Sequence[Sequence[str]], margins: Margins
) -> Floats:
    """The same cells, whose sums over all and over each value are what the detector expects.

    Iterative proportional fitting: Deming and Stephan (1940), Ann Math Stat 11:427-444,
    doi:10.1214/aoms/1177731829.
    """
    total = margins.get("", {}).get("", 0.0)
    scaled = usual * (total / float(usual.sum())) if total > 0.0 else usual.copy()
    start = np.maximum(scaled, 1e-9)
    for _ in range(SWEEPS):
        for axis, (name, axis_values) in enumerate(zip(columns, values, strict=True)):
            margin = margins.get(name, {})
            wanted = np.array([margin.get(value, np.nan) for value in axis_values])
            now = scaled.sum(
                axis=tuple(axis_number for axis_number in range(scaled.ndim) if axis_number != axis)
            )
            change = np.where(np.isfinite(wanted) & (now > 0.0), wanted / np.maximum(now, 1e-9), 1)
            shape = [-1 if axis_number == axis else 1 for axis_number in range(scaled.ndim)]
            scaled = scaled * change.reshape(shape)
    return np.maximum(scaled, start / FURTHEST)
