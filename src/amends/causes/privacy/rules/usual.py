"""What is usual for each user: the desk, its peers, and the tail of a count in a window of days.

A count is held against the user's own weeks before, drawn towards the peers of the role as far as
these weeks are few, with what the team did in the same days taken out. The tail is negative
binomial.

    Gelman et al. (2013), Bayesian Data Analysis, 2.6 (gamma prior of a Poisson rate)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from amends.engines.stats.negative_binomial import upper_tail

Counts = NDArray[np.float64]

WINDOWS = (1, 5, 20)
OWN_DAYS = 56
"""How far back a user's own weeks are read."""
FEW_DAYS = 30
"""Somebody new is held against peers too until he has worked so many days."""
SILENT_DAYS = 7
MIN_PEERS = 3
SMALL_DESK = 25


def last_day(looks: pl.DataFrame) -> int:
    """The last day of the looks, counted from the first."""
    return int(looks["day"].to_numpy().max())


@dataclass(frozen=True, slots=True)
class DeskActivity:
    """Users in rows, days in columns: who worked when, in which role and team."""

    users: list[str]
    role: NDArray[np.int64]
    team: NDArray[np.int64]
    worked: NDArray[np.bool_]
    last: dict[tuple[int, int], datetime]
    joined: NDArray[np.bool_]

    @classmethod
    def of(cls, looks: pl.DataFrame) -> DeskActivity:
        people = (
            looks.group_by("user").agg(pl.col("role").last(), pl.col("team").last()).sort("user")
        )
        users = people["user"].to_list()
        role = _roles(people["role"].fill_null("").to_numpy())
        both = people.select(pl.concat_str("role", "team", separator="\0", ignore_nulls=True))
        team = np.unique(both.to_series().to_numpy(), return_inverse=True)[1]
        row = {user: index for index, user in enumerate(users)}
        days = looks.group_by("user", "day").agg(pl.col("at").max())
        worked = np.zeros((len(users), last_day(looks) + 1), np.bool_)
        last = {}
        for user, day, at in days.iter_rows():
            worked[row[user], day] = True
            last[row[user], day] = at
        return cls(users, role, team, worked, last, worked.argmax(axis=1) >= SILENT_DAYS)

    def counts(self, per_day: pl.DataFrame) -> Counts:
        """A matrix from rows of `user`, `day` and `count`."""
        table = np.zeros(self.worked.shape)
        if not per_day.is_empty():
            rows = np.searchsorted(np.array(self.users), per_day["user"].to_numpy())
            table[rows, per_day["day"].to_numpy()] = per_day["count"].to_numpy()
        return table


def _roles(names: NDArray[np.object_]) -> NDArray[np.int64]:
    """The role of each user; one with too few to compare is held against the largest."""
    _, role, users = np.unique(names.astype(str), return_inverse=True, return_counts=True)
    return np.where(users[role] < MIN_PEERS, users.argmax(), role)


@dataclass(frozen=True, slots=True)
class Peers:
    """What is usual in each user's role: mean a day, its weight in days, and the exposure.

    `typical` leaves out the users with most, who must not make their own pace the usual one.
    """

    mean: Counts
    weight: Counts
    exposure: Counts
    typical: NDArray[np.bool_]


def peers_of(counts: Counts, desk: DeskActivity) -> Peers:
    """The exposure of a day is 1 where nothing is on; a team's campaign or a season moves it."""
    worked = desk.worked
    days = np.maximum(worked.sum(axis=1), 1)
    exposure = worked.astype(float)
    mean, weight = np.zeros(len(counts)), np.ones(len(counts))
    for _ in range(2):
        rate = counts.sum(axis=1) / np.maximum(exposure.sum(axis=1), 0.5)
        usual = np.minimum(counts, 3 * rate[:, None] + 3) * worked
        expected = rate[:, None] * worked
        typical = _typical(rate, desk.role)
        for role in np.unique(desk.role):
            of_role = desk.role == role
            here = of_role & typical
            everybody = _ratio(usual[here].sum(axis=0), expected[here].sum(axis=0), 1.0, 5.0)
            few = max(20.0, 3 * float(rate[of_role].mean()))
            for team in np.unique(desk.team[of_role]):
                of_team = desk.team == team
                seen = usual[of_team].sum(axis=0) - usual[of_team]
                planned = expected[of_team].sum(axis=0) - expected[of_team]
                exposure[of_team] = _ratio(seen, planned, everybody, few) * worked[of_team]
    for role in np.unique(desk.role):
        of_role = desk.role == role
        here = of_role & typical
        total = max(float(exposure[here].sum()), 1.0)
        average = max(float(usual[here].sum()) / total, 0.02)
        # Of few users each is far from the middle: whoever stands out must not widen it.
        peers = of_role if of_role.sum() >= SMALL_DESK else here
        rate = counts[peers].sum(axis=1) / np.maximum(exposure[peers].sum(axis=1), 0.5)
        long = days[peers] >= FEW_DAYS
        middle = rate[long] if long.sum() >= 3 else rate
        # The middle of the users, so that those looked for do not widen what is usual.
        low, high = np.percentile(middle, [16, 84]) if middle.size else (0.0, 0.0)
        between = max(((high - low) / 2) ** 2, (0.05 * average) ** 2)
        mean[of_role], weight[of_role] = average, max(average / between, 0.5)
    return Peers(mean=mean, weight=weight, exposure=exposure, typical=typical)


def _typical(rate: Counts, role: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Leaves out the 8 % of the users of each role with the highest rate, at least one."""
    typical = np.ones(len(rate), np.bool_)
    for role_code in np.unique(role):
        of_role = np.flatnonzero(role == role_code)
        leave_out = max(round(0.08 * of_role.size), 1) if of_role.size >= MIN_PEERS else 0
        typical[of_role[np.argsort(rate[of_role])[of_role.size - leave_out :]]] = False
    return typical


def _ratio(seen: Counts, expected: Counts, otherwise: Counts | float, weight: float) -> Counts:
    return (seen + weight * otherwise) / (expected + weight)


def tested(
    counts: Counts,
    peers: Peers,
    ordinary: NDArray[np.bool_],
    joined: NDArray[np.bool_],
    here: NDArray[np.intp],
    day: int,
    width: int,
    spread: float,
) -> tuple[Counts, Counts, Counts]:
    """Tail, count and expected count of the window that ends on a day."""
    seen, exposure, expected, variance = _expected(counts, peers, ordinary, here, day, width)
    tails = upper_tail(seen, mean=expected, dispersion=np.maximum(spread * variance, 1.0))
    before = ordinary[here, : max(day - width + 1, 0)].sum(axis=1)
    new = joined[here] & (before < FEW_DAYS)
    usual = peers.mean[here] * exposure
    wide = np.maximum(spread * (1 + exposure / peers.weight[here]), 1.0)
    against = upper_tail(seen, mean=usual, dispersion=wide)
    return np.where(new, np.maximum(tails, against), tails), seen, expected


def _expected(
    counts: Counts,
    peers: Peers,
    ordinary: NDArray[np.bool_],
    here: NDArray[np.intp],
    day: int,
    width: int,
) -> tuple[Counts, Counts, Counts, Counts]:
    """Count, exposure, expected count and how far the mean's own doubt widens the variance."""
    begin = max(day - width + 1, 0)
    since = max(begin - OWN_DAYS, 0)
    seen = counts[here, begin : day + 1].sum(axis=1)
    exposure = peers.exposure[here, begin : day + 1].sum(axis=1)
    own = ordinary[here, since:begin]
    days = (peers.exposure[here, since:begin] * own).sum(axis=1) + peers.weight[here]
    had = (counts[here, since:begin] * own).sum(axis=1) + peers.weight[here] * peers.mean[here]
    return seen, exposure, had / days * exposure, 1 + exposure / days


def spread_of(counts: Counts, desk: DeskActivity, peers: Peers) -> dict[int, float]:
    """Variance over mean of windows of each width, from the desk's own days but the rarest."""
    spreads = {}
    for width in WINDOWS:
        squares, weights = [], []
        for day in range(max(width - 1, 1), counts.shape[1]):
            here = np.flatnonzero(desk.worked[:, day] & peers.typical)
            seen, _, expected, wide = _expected(counts, peers, desk.worked, here, day, width)
            squares.append((seen - expected) ** 2)
            weights.append(np.maximum(expected, 1e-6) * wide)
        if not sum(len(day_squares) for day_squares in squares):
            spreads[width] = 1.5
            continue
        square, weight = np.concatenate(squares), np.concatenate(weights)
        is_usual = square / weight <= np.quantile(square / weight, 0.995)
        spreads[width] = max(1.08 * float(square[is_usual].sum() / weight[is_usual].sum()), 1.0)
    return spreads
