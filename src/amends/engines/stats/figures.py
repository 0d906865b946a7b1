"""Definitions of the counts, rates, shares and durations that pages show, each with an id.

A shown figure has the attributes `data-figure` (the id), `data-scope` (what it is of),
`data-period`, `data-value` and `data-interval`. `tests/pages/test_page_costs.py` reads all pages
of a demonstration and compares: one id, scope and period has one value and one interval.
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


_NO_INTERVAL = "none: every case is counted"
_SHARE = "exact binomial interval (Clopper and Pearson 1934) at 95%"
_STUDENT = "Student interval of the mean at 95%"
_DAYS = "the days of the page, the last one included"
_NOW = "from its beginning to the moment the page is opened"
_NINETY_DAYS = "the 90 days before the scores were counted"
_POISSON = "exact Poisson interval (Garwood 1936) at 95%"
_PER_MILLION = "complaints per million; of fewer than 10,000 a count"

FIGURES = {
    figure.id: figure
    for figure in (
        FigureDefinition(
            id="complaints.operator",
            name="complaint rate of the operator",
            unit=_PER_MILLION,
            period=_DAYS,
            population="users, mean of both ends of the period",
            interval=_POISSON,
        ),
        FigureDefinition(
            id="complaints.unit",
            name="complaint rate of an area, product, channel or class",
            unit=_PER_MILLION,
            period=_DAYS,
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
        FigureDefinition(
            id="complaints.count",
            name="complaints received",
            unit="complaints",
            period=_DAYS,
            population="complaints of the operator, duplicates left out",
            interval=_NO_INTERVAL,
        ),
        FigureDefinition(
            id="complaints.handling",
            name="share of complaints that were handled in a way",
            unit="share",
            period=_DAYS,
            population="complaints the indicator's own definition counts",
            interval=_SHARE,
        ),
        FigureDefinition(
            id="complaints.days_to_resolve",
            name="mean time to the first resolution",
            unit="days",
            period=_DAYS,
            population="complaints received in the period and resolved",
            interval=_STUDENT,
        ),
        FigureDefinition(
            id="complaints.days_to_solve_80",
            name="days until 80% are resolved",
            unit="days",
            period=_DAYS,
            population="complaints received in the period",
            interval=_NO_INTERVAL,
        ),
        FigureDefinition(
            id="channel.share",
            name="share of contacts of a channel",
            unit="share",
            period=_DAYS,
            population="contacts the indicator's own definition counts",
            interval=_SHARE,
        ),
        FigureDefinition(
            id="channel.first_answer",
            name="median time to the first answer",
            unit="seconds",
            period=_DAYS,
            population="contacts of the channel that were answered",
            interval="exact interval of the median at 95%",
        ),
        FigureDefinition(
            id="incident.affected",
            name="users affected by a network incident",
            unit="users",
            period=_NOW,
            population="users of the areas of the incident",
            interval="exact binomial interval where only some cells are hit",
        ),
        FigureDefinition(
            id="incident.silent",
            name="affected users who did not complain",
            unit="users",
            period=_NOW,
            population="users affected",
            interval="as of the users affected",
        ),
        FigureDefinition(
            id="incident.complaints",
            name="complaints from the areas in the time of an incident",
            unit="complaints",
            period=_NOW,
            population="users of the areas",
            interval=_NO_INTERVAL,
        ),
        FigureDefinition(
            id="incident.complained_share",
            name="share of affected users who complained",
            unit="share",
            period=_NOW,
            population="users affected",
            interval=_SHARE,
        ),
        FigureDefinition(
            id="incident.notified",
            name="users notified that an incident began",
            unit="users",
            period=_NOW,
            population="users affected",
            interval=_NO_INTERVAL,
        ),
        FigureDefinition(
            id="incident.credits",
            name="credits proposed for an incident",
            unit="credits",
            period=_NOW,
            population="users affected",
            interval=_NO_INTERVAL,
        ),
        FigureDefinition(
            id="incident.duration",
            name="duration of an incident",
            unit="seconds",
            period="from its beginning to its end, or to now",
            population="the incident",
            interval=_NO_INTERVAL,
        ),
        FigureDefinition(
            id="area.degraded_cell_hours",
            name="hours below the baseline, added up over cells",
            unit="cell-hours",
            period="the four weeks before the page is opened",
            population="cells of the area; several indicators of a cell count once",
            interval=_NO_INTERVAL,
        ),
        FigureDefinition(
            id="cell.degraded_hours",
            name="hours in which a cell is below its baseline",
            unit="hours",
            period="the two weeks before the page is opened",
            population="the cell; several indicators at once count once",
            interval=_NO_INTERVAL,
        ),
        FigureDefinition(
            id="hotissue.complained",
            name="people who complained in a hot issue",
            unit="people",
            period=_NOW,
            population="complaints of the issue, each person once",
            interval=_NO_INTERVAL,
        ),
        FigureDefinition(
            id="hotissue.expected",
            name="people who would have complained without the issue",
            unit="people",
            period=_NOW,
            population="complaints of the same kind and place in the weeks before",
            interval=_NO_INTERVAL,
        ),
        FigureDefinition(
            id="hotissue.affected",
            name="people affected by a hot issue",
            unit="people",
            period=_NOW,
            population="people the likely cause reaches, and those who complained",
            interval=_NO_INTERVAL,
        ),
        FigureDefinition(
            id="hotissue.silent",
            name="affected people who did not complain",
            unit="people",
            period=_NOW,
            population="people affected by the issue",
            interval=_NO_INTERVAL,
        ),
        FigureDefinition(
            id="event.affected",
            name="people affected by an issue and the records linked to it",
            unit="people",
            period=_NOW,
            population="people of all linked records, each once",
            interval=_NO_INTERVAL,
        ),
        FigureDefinition(
            id="partner.component",
            name="a component of a partner's score",
            unit="as the component defines it",
            period=_NINETY_DAYS,
            population="services, users or checks of the partner",
            interval="Poisson or binomial interval of the component at 95%",
        ),
        FigureDefinition(
            id="bulletin.figure",
            name="a figure of the quarterly bulletin",
            unit="as its column defines it",
            period="the quarter",
            population="complaints of the bulletin's own definition",
            interval="as its column defines it",
        ),
    )
}
