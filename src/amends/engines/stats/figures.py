"""Definitions of the complaint counts and rates that several pages show, each with an id.

A shown figure has the attributes `data-figure` (the id), `data-scope` (what it is of),
`data-period`, `data-value` and `data-interval`. `bench/long_pages.py` opens the pages of a
demonstration and lists those that have two values or intervals for one scope and period.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureDefinition:
    """name, unit, period, population and interval of a figure, for developers."""

    id: str
    name: str
    unit: str
    period: str
    population: str
    interval: str


_POISSON = "exact Poisson interval (Garwood 1936) at 95%"
_PER_MILLION = "complaints per million; of fewer than 10,000 a count"

FIGURES = {
    figure.id: figure
    for figure in (
        FigureDefinition(
            id="complaints.operator",
            name="complaint rate of the operator",
            unit=_PER_MILLION,
            period="the days of the page, the last one included",
            population="users, mean of both ends of the period",
            interval=_POISSON,
        ),
        FigureDefinition(
            id="complaints.unit",
            name="complaint rate of an area, product, channel or class",
            unit=_PER_MILLION,
            period="the days of the page, the last one included",
            population="users or services of the unit, mean of both ends of the period",
            interval=_POISSON,
        ),
        FigureDefinition(
            id="complaints.service",
            name="complaint rate of a service",
            unit=_PER_MILLION,
            period="the 90 days before the page was opened",
            population="services in use now",
            interval=_POISSON,
        ),
    )
}
