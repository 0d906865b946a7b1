"""Who is exposed to what a measure treats, week by week: users of areas, services of products."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from amends.engines.detection.cube import Trees, values_of
from amends.people.subscribers.queries.counts import services_by_area, users_by_area
from amends.problems.hotissues.queries.cube import trees

Floats = NDArray[np.float64]
Unit = tuple[str, str]
"""Area and product."""
ScopeFilter = tuple[tuple[tuple[str, str], ...], ...]
"""The values of the places asked about, any of which will do: (dimension, value) each."""
_EVERY = 13
"""Weeks between two counts; between them they change evenly."""


@dataclass
class Exposed:
    """Exposure by week. Classes and channels have nobody of their own: everybody may complain."""

    weeks: Sequence[date]
    brand: str = ""
    _found: dict[ScopeFilter, Floats] = field(default_factory=dict)
    _chains: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def of(self, cell_keys: Iterable[str]) -> Floats:
        """Those exposed in the union of some places: the services of their products where each
        names one, the users of their areas where each names one, or else everybody."""
        values = [values_of(cell_key) for cell_key in cell_keys]
        products = bool(values) and all("product" in key_values for key_values in values)
        areas = bool(values) and all("area" in key_values for key_values in values)
        names = ("area", "product") if products else ("area",) if areas else ()
        wanted = {
            tuple((name, key_values[name]) for name in names if name in key_values)
            for key_values in values
        }
        return self._of(tuple(sorted(wanted)) if names else (), products=products)

    def of_each(self, cell_keys: Sequence[str]) -> Floats:
        """Weeks (rows) x places (columns)."""
        columns = [self.of([cell_key]) for cell_key in cell_keys]
        return np.stack(columns, axis=1) if columns else np.zeros((len(self.weeks), 0))

    def _of(self, wanted: ScopeFilter, *, products: bool) -> Floats:
        if wanted not in self._found:
            counted = self._services if products else self._users
            self._found[wanted] = self._columns(
                [self._number(counts_by_cell, wanted) for counts_by_cell in counted]
            )
        return self._found[wanted]

    def _number(self, counts: Mapping[Unit, int], wanted: ScopeFilter) -> int:
        """Those of the areas and products wanted, or of what is part of them; () is everybody."""
        if not wanted:
            return sum(counts.values())
        return sum(
            number
            for (area, product), number in counts.items()
            if any(
                all(
                    whole_value in self._above(name, area if name == "area" else product)
                    for name, whole_value in alternative
                )
                for alternative in wanted
            )
        )

    def _above(self, name: str, value: str) -> tuple[str, ...]:
        if (name, value) not in self._chains:
            self._chains[name, value] = self._tree.ancestors(name, value)
        return self._chains[name, value]

    @cached_property
    def _tree(self) -> Trees:
        return trees()

    @cached_property
    def _stops(self) -> list[int]:
        last = len(self.weeks) - 1
        return sorted({*range(0, len(self.weeks), _EVERY), last}) if self.weeks else []

    @cached_property
    def _users(self) -> list[Mapping[Unit, int]]:
        counted = users_by_area(at=[self._at(stop) for stop in self._stops], brand=self.brand)
        return [{(area, ""): n for area, n in counts_by_area.items()} for counts_by_area in counted]

    @cached_property
    def _services(self) -> list[Mapping[Unit, int]]:
        return [services_by_area(at=self._at(stop), brand=self.brand) for stop in self._stops]

    def _at(self, stop: int) -> datetime:
        return datetime.combine(self.weeks[stop], time.min, ZoneInfo(settings.TIME_ZONE))

    def _columns(self, numbers: Sequence[int]) -> Floats:
        """What was counted at the stops, laid over all weeks."""
        # Before the register begins nobody is known to be served: its first figure is used.
        counted_stops = [(stop, n) for stop, n in zip(self._stops, numbers, strict=True) if n]
        if not counted_stops:
            return np.ones(len(self.weeks))
        stops, counts = zip(*counted_stops, strict=True)
        return np.interp(np.arange(len(self.weeks)), stops, counts)
