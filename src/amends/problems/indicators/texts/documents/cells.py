"""A cell in words, the same for a page, a print and a screen."""

from __future__ import annotations

from amends.engines.stats.rates import Share
from amends.platform.kit.formats import NOTHING
from amends.platform.kit.money import Money
from amends.problems.indicators.rules.bulletin import HIDDEN, Cell

SIGN = "＊"
"""The sign of a cell that is not published."""


def shown(cell: Cell, form: str) -> str:
    """A cell for a person.

    form  text, count, rate, share, days, money or interval

    >>> shown(0.8696, "share"), shown(1234, "count"), shown(196000.0, "rate"), shown(None, "rate")
    ('87.0%', '1,234', '196,000', '—')
    >>> shown(HIDDEN, "count"), shown(Money(123450, "CNY"), "money")
    ('＊', '¥1,234.50')
    """
    if cell is HIDDEN:
        return SIGN
    if cell is None:
        return NOTHING
    if isinstance(cell, str | Money):
        return str(cell)
    if isinstance(cell, Share):
        return f"{cell.share * 100:.1f}% ({cell.low * 100:.1f}–{cell.high * 100:.1f})"
    assert isinstance(cell, int | float)
    if form == "share":
        return f"{cell * 100:.1f}%"
    if form == "count":
        return f"{cell:,.0f}"
    if form == "ratio":
        return f"{cell:,.2f}"
    return f"{cell:,.0f}" if abs(cell) >= 1000 else f"{cell:,.1f}"
