"""Long lists in slices, for questions to a database that may name only so many values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

Value = TypeVar("Value")

AT_ONCE = 900
"""Values in one question; SQLite may be built to take no more than 999."""


def slices(values: Sequence[Value], size: int = AT_ONCE) -> Iterator[Sequence[Value]]:
    """The values in order, up to `size` of them at once; none for none.

    >>> [list(part) for part in slices([1, 2, 3, 4, 5], 2)]
    [[1, 2], [3, 4], [5]]
    """
    for first in range(0, len(values), size):
        yield values[first : first + size]
