"""Months of a launch: users, income, settlement, cost and cash; one case or thousands at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from amends.causes.launches.rules.case import Case, Row
from amends.causes.launches.rules.sheets import TRAFFIC
from amends.causes.launches.rules.uptake import bass

Array = np.ndarray[Any, np.dtype[np.float64]]
Factors = Mapping[str, Array]
"""Input of the uncertainty sheet → factor of each draw; what is absent is 1."""
HEAVY_FROM = 90
"""The percentile from which use counts as heavy."""
LINES = ("income", "settlement", "running", "once", "complaints", "lost_margin", "churn_saved")


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a case gives, month by month from 0; the last axis are draws.

    new, active  users; those who join in a month pay for the whole of it
    lines        money of each line, positive as income or as cost, as `LINES` names it
    """

    cash: Array
    active: Array
    new: Array
    lines: dict[str, Array]

    def npv(self, yearly_rate: float) -> Array:
        """Net present value of each draw, at month 0."""
        return npv_of(self.cash, yearly_rate)


def npv_of(cash: Array, yearly_rate: float) -> Array:
    """Net present value of monthly cash (first axis), the rate a year compounded monthly."""
    months = np.arange(len(cash))
    weights = (1 + yearly_rate) ** (-months / 12)
    return np.tensordot(weights, cash, axes=1)


@dataclass(frozen=True, slots=True)
class Band:
    """What a user of a usage band brings and costs a month."""

    start: float
    end: float
    income: float
    settlement: float


def bands(case: Case) -> list[Band]:
    """Income and settlement a user and month of each usage band, at a usage factor of 1."""
    usage_bands = []
    for row in case["usage"]:
        units = {kind: np.array(row[kind], float) for kind in TRAFFIC}
        income = case["price"][0]["month"] + float(_extra(case, units))
        ends = row["from_percentile"], row["to_percentile"]
        usage_bands.append(Band(*ends, income, float(_settled(case, units))))
    return usage_bands


def forecast(case: Case, factors: Factors | None = None) -> Forecast:
    """Calculate the months of a case; with `factors`, once for each draw."""
    return _Run(case, factors or {}).run()


class _Run:
    """Arrays have the shape segments x draws."""

    def __init__(self, case: Case, factors: Factors) -> None:
        self.case, self.factors = case, factors
        self.draws = max((len(factor) for factor in factors.values()), default=1)
        self.segments = case["segments"]
        self.market = self._column("market") * self.factor("market")
        self.churn = np.minimum(self._column("churn_month") * self.factor("churn"), 1)
        self.income, self.settlement = self._per_user()
        self.switches = self._switches()
        self.complaint_cost = self._complaint_cost()

    def factor(self, name: str) -> Array:
        return self.factors.get(name, np.ones(1))

    def run(self) -> Forecast:
        months = self.case["case"][0]["months"]
        shape = (len(self.segments), self.draws)
        active, adopted = np.zeros(shape), np.zeros(shape)
        remaining = [np.zeros(self.draws) for _switch in self.switches]
        history: dict[str, list[Array]] = {name: [] for name in ("cash", "active", "new", *LINES)}
        for month in range(months + 1):
            before, adopted = adopted, self.market * self._share(month)
            new = np.maximum(adopted - before, 0)
            active = active * (1 - self.churn) + new
            lines = self._money(month, active, new)
            lines["lost_margin"], lines["churn_saved"] = self._switched(active, new, remaining)
            cash = (
                lines["income"]
                + lines["churn_saved"]
                - sum(lines[name] for name in LINES if name not in ("income", "churn_saved"))
            )
            history["cash"].append(cash)
            history["active"].append(active.sum(axis=0))
            if self.draws == 1:
                history["new"].append(new.sum(axis=0))
                for name in LINES:
                    history[name].append(np.broadcast_to(lines[name], (1,)))
        arrays = {name: np.array(rows) for name, rows in history.items()}
        return Forecast(
            cash=arrays["cash"],
            active=arrays["active"],
            new=arrays["new"],
            lines={line: arrays[line] for line in LINES},
        )

    def _column(self, name: str) -> Array:
        return np.array([[row[name] or 0.0] for row in self.segments], float)

    def _share(self, month: int) -> Array:
        """Share of each segment's market that has adopted by a month."""
        p = self._column("p") * self.factor("p")
        q = self._column("q") * self.factor("q")
        rows = []
        for segment_index, row in enumerate(self.segments):
            if row["analogue"]:
                rows.append(np.full(self.draws, _analogue(self.case, row["analogue"], month)))
            else:
                rows.append(
                    np.broadcast_to(bass(p[segment_index], q[segment_index], month), (self.draws,))
                )
        return np.array(rows)

    def _per_user(self) -> tuple[Array, Array]:
        """Income and settlement a user and month."""
        usage = self._column("usage_factor") * self.factor("usage")
        income = np.broadcast_to(
            self.case["price"][0]["month"] * self.factor("price"), (len(self.segments), self.draws)
        ).copy()
        settlement = np.zeros_like(income)
        for row in self.case["usage"]:
            heavy = self.factor("heavy_usage") if row["from_percentile"] >= HEAVY_FROM else 1
            weight = (row["to_percentile"] - row["from_percentile"]) / 100
            units = {kind: row[kind] * usage * heavy for kind in TRAFFIC}
            income += weight * _extra(self.case, units) * self.factor("price")
            settlement += weight * _settled(self.case, units) * self.factor("settlement")
        return income, settlement

    def _switches(self) -> list[tuple[int, float, float, Array]]:
        """Place of the segment, lost margin, churn of the old tariff, share of the buyers."""
        tariffs = {row["tariff"]: row for row in self.case["tariffs"]}
        segment_indexes = {
            row["segment"]: segment_index for segment_index, row in enumerate(self.segments)
        }
        return [
            (
                segment_indexes[row["segment"]],
                tariffs[row["tariff"]]["margin_month"],
                tariffs[row["tariff"]]["churn_month"],
                np.minimum(row["share"] * self.factor("switching"), 1),
            )
            for row in self.case["switches"]
        ]

    def _switched(self, active: Array, new: Array, remaining: list[Array]) -> tuple[Array, Array]:
        """Margin lost on those who switched, and kept on those who would have left meanwhile."""
        lost, saved = np.zeros(self.draws), np.zeros(self.draws)
        for number, (segment_index, margin, churn, share) in enumerate(self.switches):
            remaining[number] = remaining[number] * (1 - churn) + new[segment_index] * share
            lost = lost + margin * active[segment_index] * share
            saved = saved + margin * (active[segment_index] * share - remaining[number])
        return lost, saved

    def _money(self, month: int, active: Array, new: Array) -> dict[str, Array]:
        users, running = active.sum(axis=0), np.zeros(self.draws)
        single_costs = np.zeros(self.draws)
        for row in self.case["costs"]:
            if not row["from_month"] <= month <= row["to_month"]:
                continue
            if row["kind"] == "once":
                single_costs = single_costs + row["amount"]
            else:
                running = running + row["amount"] * _times(row, users, new)
        return {
            "income": (active * self.income).sum(axis=0),
            "settlement": (active * self.settlement).sum(axis=0),
            "running": running * self.factor("running_cost"),
            "once": single_costs,
            "complaints": users * self.complaint_cost,
        }

    def _complaint_cost(self) -> Array:
        cost: float = complaint_rate(self.case) * self.case["case"][0]["complaint_cost"]
        return cost * self.factor("complaints")


def complaint_rate(case: Case) -> float:
    """Complaints a user and month that similar launches brought; 0 where none is named."""
    months = sum(row["user_months"] for row in case["complaints"])
    return sum(row["complaints"] for row in case["complaints"]) / months if months else 0.0


def _times(row: Row, users: Array, new: Array) -> Array:
    if row["kind"] == "per_user_month":
        return users
    return new.sum(axis=0) if row["kind"] == "per_new_user" else np.ones_like(users)


def _extra(case: Case, units: Mapping[str, Array]) -> Array:
    """What use beyond the allowances costs the user."""
    price = case["price"][0]
    minutes = units["on_net_min"] + units["off_net_min"]
    pairs = ((minutes, "min"), (units["sms"], "sms"), (units["data_mb"], "mb"))
    extra_income: Array = sum(
        np.maximum(used - price[f"included_{unit}"], 0) * price[f"extra_{unit}"]
        for used, unit in pairs
    )
    return extra_income


def _settled(case: Case, units: Mapping[str, Array]) -> Array:
    """What the networks that carry it are paid."""
    settlement: Array = sum(
        units[row["traffic"]] * row["share"] * row["rate"] for row in case["settlement"]
    )
    return settlement


def _analogue(case: Case, name: str, month: int) -> float:
    rows = [row for row in case["analogues"] if row["analogue"] == name]
    months = [0, *(row["month"] for row in rows)]
    return float(np.interp(month, months, [0.0, *(row["share"] for row in rows)]))
