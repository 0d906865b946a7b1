"""How sure the figures are: draws, what drives them, and where the launch breaks even."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from amends.causes.launches.rules.case import Case
from amends.causes.launches.rules.forecast import Array, forecast

_SOBOL_BASE = 1024
_BATCH = 8_192


@dataclass(frozen=True, slots=True)
class Risk:
    """Net present value over the draws, and the range of users in each month."""

    p10: float
    p50: float
    p90: float
    probability_of_loss: float
    users_p10: list[float]
    users_p90: list[float]


def draw(case: Case, *, draws: int, seed: int) -> tuple[Array, Array]:
    """Net present value of each draw, and users by month and draw.

    Factors are triangular and independent of each other.
    """
    rng = np.random.default_rng(seed)
    factors = {row["input"]: _drawn(rng, row, draws) for row in case["uncertainty"]}
    return _calculated(case, factors or {"market": np.ones(draws)})


def risk(case: Case, *, draws: int, seed: int) -> Risk:
    """P10, P50 and P90 of the net present value, and the share of draws below zero."""
    worth, users = draw(case, draws=draws, seed=seed)
    p10, p50, p90 = np.percentile(worth, (10, 50, 90))
    low, high = np.percentile(users, (10, 90), axis=1)
    return Risk(
        p10=float(p10),
        p50=float(p50),
        p90=float(p90),
        probability_of_loss=float(np.mean(worth < 0)),
        users_p10=low.tolist(),
        users_p90=high.tolist(),
    )


def sobol_totals(case: Case, *, seed: int) -> dict[str, float]:
    """Total Sobol' index of each uncertain input: the share of the variance it has a part in."""
    from scipy.stats import sobol_indices, triang  # heavy, and loaded where it works

    rows = [row for row in case["uncertainty"] if row["low"] < row["high"]]
    if not rows:
        return {}
    fixed = {row["input"]: row["mode"] for row in case["uncertainty"] if row["low"] == row["high"]}

    def worth(x: Array) -> Array:
        size = x.shape[1]
        factors = {row["input"]: x[factor_index] for factor_index, row in enumerate(rows)}
        return _worth(
            case,
            factors | {name: np.full(size, fixed_value) for name, fixed_value in fixed.items()},
        )

    spreads = [
        triang(
            (row["mode"] - row["low"]) / (row["high"] - row["low"]),
            loc=row["low"],
            scale=row["high"] - row["low"],
        )
        for row in rows
    ]
    indices = sobol_indices(func=worth, n=_SOBOL_BASE, dists=spreads, rng=seed)
    totals = np.nan_to_num(np.ravel(indices.total_order))
    return {row["input"]: float(total) for row, total in zip(rows, totals, strict=True)}


def break_even(case: Case) -> dict[str, float | None]:
    """The price a month, and the factor of every market, at which the net present value is zero."""
    price = case["price"][0]["month"]
    factor = _zero(case, "price")
    return {
        "price_month": None if factor is None else price * factor,
        "market_factor": _zero(case, "market"),
    }


def _zero(case: Case, name: str) -> float | None:
    """The factor at which the value is zero: the value is linear in price and in market."""
    nothing, full_worth = _worth(case, {name: np.array([0.0, 1.0])})
    factor = nothing / (nothing - full_worth) if nothing != full_worth else 0.0
    return float(factor) if factor > 0 else None


def _worth(case: Case, factors: dict[str, Array]) -> Array:
    return _calculated(case, factors)[0]


def _calculated(case: Case, factors: dict[str, Array]) -> tuple[Array, Array]:
    """Net present values, and users by month; in batches that fit a processor's cache."""
    rate = case["case"][0]["discount_rate"]
    size = len(next(iter(factors.values())))
    parts = [
        forecast(case, {name: factor[start : start + _BATCH] for name, factor in factors.items()})
        for start in range(0, size, _BATCH)
    ]
    worth = np.concatenate([part.npv(rate) for part in parts])
    return worth, np.concatenate([part.active for part in parts], axis=1)


def _drawn(rng: np.random.Generator, row: dict[str, float], draws: int) -> Array:
    if row["low"] == row["high"]:
        return np.full(draws, row["mode"])
    return rng.triangular(row["low"], row["mode"], row["high"], draws)
