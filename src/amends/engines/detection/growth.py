"""A place that rises, beside all others: how much is everybody's, and whether it only moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from amends.engines.detection.clusters import moved
from amends.engines.detection.cube import Cells, values_of


def growth(judged: Cells, means: Mapping[str, float], at: int, since: int) -> float:
    """How much more than expected came in everything but this place, at least 1.

    What all complaints do is no finding about one place: its share of them must have grown.
    """
    whole_index = judged.places.index("")
    if at == whole_index:
        return 1.0
    days = len(judged.starts) - since
    seen = judged.persons[since:, whole_index].sum() - judged.persons[since:, at].sum()
    other_mean = (means.get("", 0.0) - means.get(judged.places[at], 0.0)) * days
    return max(1.0, float(seen) / other_mean) if other_mean > 0.0 else 1.0


def kind_of(cell_name: str) -> tuple[str, ...]:
    """The dimensions of a place.

    >>> kind_of("area=area-4101|code=network.speed")
    ('area', 'code')
    """
    return tuple(values_of(cell_name))


def number_alike(every: Iterable[str]) -> dict[tuple[str, ...], int]:
    """How many places have the same dimensions.

    >>> number_alike(["", "code=network", "code=billing"])
    {(): 1, ('code',): 2}
    """
    numbers: dict[tuple[str, ...], int] = {}
    for cell_name in every:
        numbers[kind_of(cell_name)] = numbers.get(kind_of(cell_name), 0) + 1
    return numbers


def is_move(
    cell_name: str, judged: Cells, means: Mapping[str, float], since: int, excess: float
) -> bool:
    """Whether the classes, or the areas, beside this one lost what it gained."""
    values = values_of(cell_name)
    for dimension in ("code", "area"):
        if dimension not in values:
            continue
        other_values = {name: value for name, value in values.items() if name != dimension}
        neighbours = [
            at
            for at, other_cell in enumerate(judged.places)
            if other_cell != cell_name
            and _is_neighbour(values_of(other_cell), other_values, dimension, values[dimension])
        ]
        seen = judged.persons[since:, neighbours].sum(axis=0).astype(float)
        days = len(judged.starts) - since
        expected = np.array([means.get(judged.places[at], 0.0) * days for at in neighbours])
        if moved(excess, _floats(seen), _floats(expected)):
            return True
    return False


def _floats(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)


def _is_neighbour(
    cell_values: dict[str, str], other_values: dict[str, str], dimension: str, value: str
) -> bool:
    """Whether `one` differs in the value of a dimension alone, and is neither part nor whole."""
    cell_value = cell_values.get(dimension, "")
    if not cell_value or {n: v for n, v in cell_values.items() if n != dimension} != other_values:
        return False
    if dimension != "code":
        return True
    # A group is the sum of its classes: only classes stand beside a class, groups beside a group.
    return ("." in cell_value) == ("." in value)
