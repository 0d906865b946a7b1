"""The complaint rate as tables of the bulletin: with what it is compared, and in other units."""

from __future__ import annotations

from django.utils.translation import gettext as _

from amends.indicators.figures import PeriodReport
from amends.indicators.rate_words import unit_words
from amends.indicators.rules.bulletin import HIDDEN, Cell, Section
from amends.indicators.rules.rates import SMALL, RateChange, RateFigure
from amends.stats.rates import UNITS


def rates_section(found: PeriodReport) -> Section:
    """The rate of the quarter as figures, and of those it is compared with."""
    compared = (
        (_("this quarter"), found.whole, None),
        (_("the quarter before"), found.before, found.change),
        (_("the year before"), found.year_before, found.year_change),
    )
    rows = [_compared(words, one, change) for words, one, change in compared if one]
    header = (
        _("Period"),
        _("Complaints"),
        _("Users"),
        _("Per million users"),
        _("Lowest"),
        _("Highest"),
        _("Ratio to it"),
        _("Ratio, lowest"),
        _("Ratio, highest"),
        _("Few complaints"),
    )
    forms = ("text", "count", "count", "rate", "rate", "rate", "ratio", "ratio", "ratio", "text")
    note = _("Ratio of this quarter's rate to that one, with its exact 95%% interval.") % {}
    return Section("rate", _("The complaint rate"), header, forms, rows, note)


def _compared(words: str, one: RateFigure, change: RateChange | None) -> tuple[Cell, ...]:
    ratio: tuple[Cell, ...] = (None, None, None)
    if change and change.ratio.ratio not in (0.0, float("inf")):
        ratio = (change.ratio.ratio, change.ratio.low, change.ratio.high)
    ends = (one.rate, one.low, one.high)
    return (words, one.count, round(one.users), *ends, *ratio, few(one.count))


def few(count: Cell) -> Cell:
    """A mark where a rate rests on few complaints; it does not reveal a hidden count."""
    if count is HIDDEN:
        return HIDDEN
    return _("few") if isinstance(count, int) and count < SMALL else None


def units_section(found: PeriodReport) -> Section:
    """The rate in the unit of each regulator."""
    whole = found.whole
    if whole is None:
        return Section("units", "", (), (), [])
    names = unit_words()
    rows: list[tuple[Cell, ...]] = [(names[unit], *whole.in_unit(unit)) for unit in UNITS]
    header = (_("Unit"), _("Rate"), _("Lowest"), _("Highest"))
    note = _("Units convert; what regulators count does not: never compare without saying so.")
    forms = ("text", "rate", "rate", "rate")
    return Section("units", _("The rate in other units"), header, forms, rows, note)
