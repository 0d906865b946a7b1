"""Value of money over time: NPV, IRR and their kin, with warnings where a figure misleads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np

from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.translatable import Translatable

Solved = tuple[float | None, list[str]]
"""A rate, None where there is none, and warnings."""
_GRID = np.expm1(
    np.concatenate(
        [np.linspace(-7, -1, 300), np.linspace(-1, 1, 4001)[1:], np.linspace(1, 7, 301)[1:]]
    )
)
"""Rates from -99.9 % to 109,000 %, close around zero."""


def npv(rate: float, flows: Sequence[float]) -> float:
    """Net present value; the first flow is at period 0.

    >>> round(npv(0.1, [-100, 60, 60]), 4)
    4.1322
    """
    return float(np.sum(np.asarray(flows, float) / (1 + rate) ** np.arange(len(flows))))


def irr(flows: Sequence[float]) -> Solved:
    """The rate per period at which the net present value is zero; of several, that nearest to zero.

    >>> irr([-150_000, 15_000, 25_000, 35_000, 45_000, 60_000])[0].__round__(5)
    0.05243
    """
    return _rate(flows, np.arange(len(flows), dtype=float))


def xirr(dates: Sequence[date], flows: Sequence[float]) -> Solved:
    """The yearly rate of dated flows, years of 365 days."""
    return _rate(flows, _years(dates))


def xnpv(rate: float, dates: Sequence[date], flows: Sequence[float]) -> float:
    """Net present value of dated flows on the first date, years of 365 days."""
    return float(np.sum(np.asarray(flows, float) / (1 + rate) ** _years(dates)))


def mirr(flows: Sequence[float], finance: float, reinvest: float) -> Solved:
    """Modified rate of return: outlays financed at one rate, returns reinvested at another.

    >>> round(mirr([-120_000, 39_000, 30_000, 21_000, 37_000, 46_000], 0.10, 0.12)[0], 6)
    0.126094
    """
    money = np.asarray(flows, float)
    periods = len(money) - 1
    paid = npv(finance, np.minimum(money, 0))
    got = npv(reinvest, np.maximum(money, 0))
    if not paid or not got:
        return None, [Translatable(_("There is no rate: the flows all have the same sign."))]
    return float((got / -paid) ** (1 / periods) * (1 + reinvest) - 1), []


def pmt(rate_per_period: float, periods: float, pv: float) -> float:
    """The equal payment that repays a loan; paid money is negative, as in spreadsheets.

    >>> round(pmt(0.08 / 12, 60, 15_000), 5)
    -304.14591
    """
    if not rate_per_period:
        return -pv / periods
    return float(-pv * rate_per_period / -np.expm1(-periods * np.log1p(rate_per_period)))


def payback(flows: Sequence[float]) -> int | None:
    """The first period from which cumulated cash stays at or above zero; None where it never does.

    >>> payback([-100, 60, 60]), payback([-100, 10])
    (2, None)
    """
    short = np.flatnonzero(np.cumsum(flows) < -1e-9)
    if not len(short):
        return 0
    return int(short[-1]) + 1 if short[-1] + 1 < len(flows) else None


def sign_changes(flows: Sequence[float]) -> int:
    """How often the flows change their sign, zeros left out."""
    signs = np.sign([flow for flow in flows if flow])
    return int(np.sum(signs[1:] != signs[:-1]))


def _rate(flows: Sequence[float], times: np.ndarray) -> Solved:
    from scipy.optimize import brentq  # the service holds no heavy library it was not asked for

    money = np.asarray(flows, float)
    changes = sign_changes(flows)
    if not changes:
        return None, [Translatable(_("There is no rate: the flows all have the same sign."))]
    value = _value(money, times)
    with np.errstate(over="ignore", invalid="ignore"):
        # A part of the rates at a time: all of them, for 10,000 flows, would take 400 MB.
        worth = np.concatenate(
            [
                (money * (1 + rates[:, None]) ** -times).sum(axis=1)
                for rates in np.array_split(_GRID, max(1, len(money) * len(_GRID) // 1_000_000))
            ]
        )
    roots = {float(rate) for rate in _GRID[worth == 0]}
    signs = np.sign(np.nan_to_num(worth))
    ends = np.flatnonzero(signs[:-1] * signs[1:] < 0)
    roots |= {brentq(value, _GRID[end], _GRID[end + 1], xtol=1e-15) for end in ends}
    warnings: list[str] = []
    if changes > 1:
        warnings.append(
            Translatable(
                _(
                    "The flows change their sign %(changes)s times: there may be several rates, "
                    "judge by the net present value."
                ),
                changes=changes,
            )
        )
    if not roots:
        return None, [*warnings, Translatable(_("There is no rate at which the value is zero."))]
    if len(roots) > 1:
        root_text = ", ".join(f"{root:.4%}" for root in sorted(roots))
        warnings.append(
            Translatable(_("Rates at which the value is zero: %(rates)s."), rates=root_text)
        )
    return min(roots, key=abs), warnings


def _value(money: np.ndarray, times: np.ndarray) -> Callable[[float], float]:
    return lambda rate: float(np.sum(money * (1 + rate) ** -times))


def _years(dates: Sequence[date]) -> np.ndarray:
    return np.array([(day - dates[0]).days / 365 for day in dates])
