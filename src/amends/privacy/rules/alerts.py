"""Which users look at personal data in ways that need a question: columns in, alerts out.

Each cause is a count for each user and day: looks, looks without a valid case, in cases opened for
oneself, along consecutive numbers, in one block of numbers, at people seen before, at unusual
hours. A count over 1, 5 and 20 days is held against the user's own weeks before, drawn towards the
peers of the role as far as these weeks are few, with what the team did in the same days taken out.
The tail is negative binomial; tests of one day and cause share Benjamini and Hochberg's step-up
procedure.

    Gelman et al. (2013), Bayesian Data Analysis, 2.6 (gamma prior of a Poisson rate)
    Benjamini and Hochberg (1995), J. R. Stat. Soc. B 57
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from amends.stats.negative_binomial import upper_tail

Counts = NDArray[np.float64]

LOOKS = ("at", "user", "role", "team", "subscriber", "case", "purpose")
CASES = ("case", "subscriber", "opened_at", "closed_at", "opened_by")
WINDOWS = (1, 5, 20)
OWN_DAYS = 56
"""How far back a user's own weeks are read."""
FEW_DAYS = 30
"""Somebody new is held against peers too until he has worked so many days."""
SILENT_DAYS = 7
SLACK = timedelta(minutes=30)
FALSE_SHARE = {"volume": 0.05, "no_case": 0.02}
"""Share of false discoveries that a day's tests of a cause may have; OTHERS where not named."""
OTHERS = 0.005
LARGEST_P = 1e-4
"""A larger tail is never alerted, so that a small desk has no more false alerts for its size."""
LEAST = {
    "no_case": 3,
    "volume": 8,
    "self_opened": 4,
    "sequence": 3,
    "block": 4,
    "after_hours": 3,
    "same_people": 4,
}
"""A smaller count in the window is never alerted."""
MIN_PEERS = 3
EYES = 5
EYES_P = 1e-6
LEAVING_DAYS = 14
LEAVING_P = 1e-3


@dataclass(frozen=True, slots=True)
class Alert:
    """A user whose looks need a question.

    at     the last look of the day on which the count became unlikely
    count  looks or people in the window of `days` days; `expected` what was usual
    """

    user: str
    signal: str
    at: datetime
    p: float
    count: int
    expected: float
    days: int


def access_alerts(looks: pl.DataFrame, cases: pl.DataFrame | None = None) -> list[Alert]:
    """One alert a user and cause, oldest first; a repeat within a week is left out.

    looks  columns LOOKS, `at` a Datetime without zone
    cases  columns CASES, the two times likewise, `closed_at` null while open; None: every case
           that a look names is taken to be in order
    """
    looks = _days(_linked(looks, cases))
    if looks.is_empty():
        return []
    desk = _Desk.of(looks)
    causes = dict(_causes(looks, desk))
    found = [alert for signal, counts in causes.items() for alert in _alerts(desk, signal, counts)]
    found += _many_eyes(looks)
    found += _before_leaving(desk, causes["volume"])
    return sorted(_once(found), key=lambda alert: (alert.at, alert.user, alert.signal))


def _linked(looks: pl.DataFrame, cases: pl.DataFrame | None) -> pl.DataFrame:
    """Adds `unlinked` (no valid case, and none of that person was open) and `self_opened`."""
    looks = looks.with_columns(pl.col("case").fill_null(""), pl.col("team").fill_null(""))
    if cases is None or cases.is_empty():
        return looks.with_columns(unlinked=pl.col("case") == "", self_opened=pl.lit(value=False))
    cases = cases.select(
        "case",
        of="subscriber",
        since=pl.col("opened_at") - SLACK,
        until=pl.col("closed_at") + SLACK,
        opened_by="opened_by",
    ).unique("case", keep="first")
    during = (pl.col("at") >= pl.col("since")) & (
        pl.col("until").is_null() | (pl.col("at") <= pl.col("until"))
    )
    looks = looks.join(cases, on="case", how="left", maintain_order="left").with_columns(
        named=((pl.col("of") == pl.col("subscriber")) & during).fill_null(value=False),
        self_opened=(pl.col("opened_by") == pl.col("user")).fill_null(value=False),
    )
    looks = looks.drop("of", "since", "until", "opened_by").sort("at")
    # Without a case named: was one of that person open at the time?
    newest = cases.select(pl.col("of").alias("subscriber"), "since", "until").sort("since")
    looks = looks.join_asof(
        newest, left_on="at", right_on="since", by="subscriber", check_sortedness=False
    )
    beside = (
        (pl.col("case") == "")
        & pl.col("since").is_not_null()
        & (pl.col("until").is_null() | (pl.col("at") <= pl.col("until")))
    )
    return looks.with_columns(
        unlinked=~(pl.col("named") | beside), self_opened=pl.col("named") & pl.col("self_opened")
    ).drop("since", "until", "named")


def _days(looks: pl.DataFrame) -> pl.DataFrame:
    """Adds `day`, counted from the first, and `hour`."""
    day = pl.col("at").dt.date().cast(pl.Int32)
    return looks.with_columns(day=day - day.min(), hour=pl.col("at").dt.hour()).sort("at")


def _last_day(looks: pl.DataFrame) -> int:
    return int(looks["day"].to_numpy().max())


@dataclass(frozen=True, slots=True)
class _Desk:
    """Users in rows, days in columns: who worked when, in which role and team."""

    users: list[str]
    role: NDArray[np.int64]
    team: NDArray[np.int64]
    worked: NDArray[np.bool_]
    last: dict[tuple[int, int], datetime]
    joined: NDArray[np.bool_]

    @classmethod
    def of(cls, looks: pl.DataFrame) -> _Desk:
        people = (
            looks.group_by("user").agg(pl.col("role").last(), pl.col("team").last()).sort("user")
        )
        users = people["user"].to_list()
        role = _roles(people["role"].fill_null("").to_numpy())
        both = people.select(pl.concat_str("role", "team", separator="\0", ignore_nulls=True))
        team = np.unique(both.to_series().to_numpy(), return_inverse=True)[1]
        row = {user: place for place, user in enumerate(users)}
        days = looks.group_by("user", "day").agg(pl.col("at").max())
        worked = np.zeros((len(users), _last_day(looks) + 1), np.bool_)
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


def _causes(looks: pl.DataFrame, desk: _Desk) -> Iterator[tuple[str, Counts]]:
    """What is counted of each user and day, by cause."""

    def times(rows: pl.DataFrame) -> Counts:
        return desk.counts(rows.group_by("user", "day").agg(pl.len().alias("count")))

    unlinked = looks.filter("unlinked")
    yield "volume", times(looks)
    yield "no_case", times(unlinked)
    yield "self_opened", times(looks.filter("self_opened"))
    first = pl.col("day").min().over("user", "subscriber")
    yield "same_people", times(looks.filter(pl.col("day") > first))
    yield "after_hours", times(_at_unusual_hours(looks))
    for signal, per_day in _along_numbers(looks).items():
        yield signal, desk.counts(per_day)


def _at_unusual_hours(looks: pl.DataFrame) -> pl.DataFrame:
    """Looks without a case at hours in which the user hardly ever works on one."""
    ordinary = looks.filter(~pl.col("unlinked")).group_by("user", "hour").len("usual")
    near = pl.concat(
        ordinary.with_columns(
            ((pl.col("hour").cast(pl.Int32) + step) % 24).cast(pl.Int8).alias("hour")
        )
        for step in (-1, 0, 1)
    )
    near = near.group_by("user", "hour").agg(pl.col("usual").sum())
    total = ordinary.group_by("user").agg(pl.col("usual").sum().alias("total"))
    return (
        looks.filter("unlinked")
        .join(near, on=["user", "hour"], how="left")
        .join(total, on="user")
        .filter(pl.col("usual").fill_null(0) < 0.01 * pl.col("total"), pl.col("total") >= 50)
    )


def _along_numbers(looks: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Pairs of neighbouring numbers, and people in one block of 100 numbers beyond the first."""
    digits = pl.col("subscriber").str.extract(r"(\d{3,15})$")
    numbered = (
        looks.select("user", "day", "subscriber", number=digits.cast(pl.Int64, strict=False))
        .drop_nulls("number")
        .unique(["user", "day", "number"])
        .sort("user", "day", "number")
    )
    gap = pl.col("number").diff().over("user", "day")
    pairs = numbered.with_columns(gap=gap).filter(pl.col("gap").is_between(1, 3))
    blocks = numbered.group_by("user", "day", pl.col("number") // 100).len("count")
    return {
        "sequence": pairs.group_by("user", "day").len("count"),
        "block": blocks.group_by("user", "day").agg(pl.col("count").max() - 1),
    }


@dataclass(frozen=True, slots=True)
class _Peers:
    """What is usual in each user's role: mean a day, its weight in days, and the exposure.

    `typical` leaves out the users with most, who must not make their own pace the usual one.
    """

    mean: Counts
    weight: Counts
    exposure: Counts
    typical: NDArray[np.bool_]


def _peers(counts: Counts, desk: _Desk) -> _Peers:
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
        rate = counts[of_role].sum(axis=1) / np.maximum(exposure[of_role].sum(axis=1), 0.5)
        long = days[of_role] >= FEW_DAYS
        middle = rate[long] if long.sum() >= 3 else rate
        # The middle of the users, so that those looked for do not widen what is usual.
        low, high = np.percentile(middle, [16, 84]) if middle.size else (0.0, 0.0)
        between = max(((high - low) / 2) ** 2, (0.05 * average) ** 2)
        mean[of_role], weight[of_role] = average, max(average / between, 0.5)
    return _Peers(mean, weight, exposure, typical)


def _typical(rate: Counts, role: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Leaves out the 8 % of the users of each role with the highest rate, at least one."""
    typical = np.ones(len(rate), np.bool_)
    for one in np.unique(role):
        of_role = np.flatnonzero(role == one)
        leave_out = max(round(0.08 * of_role.size), 1) if of_role.size >= MIN_PEERS else 0
        typical[of_role[np.argsort(rate[of_role])[of_role.size - leave_out :]]] = False
    return typical


def _ratio(seen: Counts, expected: Counts, otherwise: Counts | float, weight: float) -> Counts:
    return (seen + weight * otherwise) / (expected + weight)


def _alerts(desk: _Desk, signal: str, counts: Counts) -> Iterator[Alert]:
    """Alerts of one cause, day by day; what was unlikely does not pass for usual later."""
    peers = _peers(counts, desk)
    spread = _spread(counts, desk, peers)
    ordinary = desk.worked.copy()
    share = FALSE_SHARE.get(signal, OTHERS)
    for day in range(counts.shape[1]):
        here = np.flatnonzero(desk.worked[:, day])
        tests = [
            _tested(counts, peers, ordinary, desk.joined, here, day, width, spread[width])
            for width in WINDOWS
            if width == 1 or day >= width - 1
        ]
        if not here.size:
            continue
        tails = np.array([tail for tail, _, _ in tests])
        enough = np.array([seen for _, seen, _ in tests]) >= LEAST[signal]
        passing = (tails <= min(_cut(tails, share), LARGEST_P)) & enough
        for place in np.flatnonzero(passing.any(axis=0)):
            user = int(here[place])
            best = int(np.where(passing[:, place], tails[:, place], 2.0).argmin())
            width = WINDOWS[best]
            ordinary[user, max(day - width + 1, 0) : day + 1] = False
            _, seen, usual = tests[best]
            yield Alert(
                desk.users[user],
                signal,
                desk.last[user, day],
                float(tails[best, place]),
                int(seen[place]),
                float(usual[place]),
                width,
            )


def _tested(
    counts: Counts, peers: _Peers, ordinary: NDArray[np.bool_], joined: NDArray[np.bool_],
    here: NDArray[np.intp], day: int, width: int, spread: float,
) -> tuple[Counts, Counts, Counts]:  # fmt: skip
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
    counts: Counts, peers: _Peers, ordinary: NDArray[np.bool_], here: NDArray[np.intp], day: int,
    width: int,
) -> tuple[Counts, Counts, Counts, Counts]:  # fmt: skip
    """Count, exposure, expected count and how far the mean's own doubt widens the variance."""
    begin = max(day - width + 1, 0)
    since = max(begin - OWN_DAYS, 0)
    seen = counts[here, begin : day + 1].sum(axis=1)
    exposure = peers.exposure[here, begin : day + 1].sum(axis=1)
    own = ordinary[here, since:begin]
    days = (peers.exposure[here, since:begin] * own).sum(axis=1) + peers.weight[here]
    had = (counts[here, since:begin] * own).sum(axis=1) + peers.weight[here] * peers.mean[here]
    return seen, exposure, had / days * exposure, 1 + exposure / days


def _spread(counts: Counts, desk: _Desk, peers: _Peers) -> dict[int, float]:
    """Variance over mean of windows of each width, from the desk's own days but the rarest."""
    found = {}
    for width in WINDOWS:
        squares, weights = [], []
        for day in range(max(width - 1, 1), counts.shape[1]):
            here = np.flatnonzero(desk.worked[:, day] & peers.typical)
            seen, _, expected, wide = _expected(counts, peers, desk.worked, here, day, width)
            squares.append((seen - expected) ** 2)
            weights.append(np.maximum(expected, 1e-6) * wide)
        if not squares:
            found[width] = 1.5
            continue
        square, weight = np.concatenate(squares), np.concatenate(weights)
        kept = square / weight <= np.quantile(square / weight, 0.995)
        found[width] = max(1.08 * float(square[kept].sum() / weight[kept].sum()), 1.0)
    return found


def _cut(tails: Counts, share: float) -> float:
    """The largest tail that Benjamini and Hochberg's procedure accepts, -1 where none is."""
    ordered = np.sort(tails, axis=None)
    passing = np.flatnonzero(ordered <= share * np.arange(1, ordered.size + 1) / ordered.size)
    return float(ordered[passing[-1]]) if passing.size else -1.0


def _many_eyes(looks: pl.DataFrame) -> list[Alert]:
    """People whom many users looked at without a case within a week; names who looked most."""
    unlinked = looks.filter("unlinked").select("user", "subscriber", "at", week=pl.col("day") // 7)
    eyes = unlinked.group_by("subscriber", "week").agg(
        pl.col("user").n_unique().alias("eyes"),
        pl.col("user").mode().sort().first(),
        pl.col("at").max(),
    )
    weeks = _last_day(looks) // 7 + 1
    usual = max(float(eyes["eyes"].sum() or 0) / (looks["subscriber"].n_unique() * weeks), 0.01)
    many = eyes.filter(pl.col("eyes") >= EYES)
    tails = upper_tail(many["eyes"].to_numpy(), mean=usual, dispersion=1.0)
    return [
        Alert(user, "many_eyes", at, float(p), int(count), usual, 7)
        for (count, user, at), p in zip(
            many.select("eyes", "user", "at").iter_rows(), tails, strict=True
        )
        if p <= EYES_P
    ]


def _before_leaving(desk: _Desk, counts: Counts) -> Iterator[Alert]:
    """Users who stopped working, and looked at more people in the two weeks before they did."""
    peers = _peers(counts, desk)
    spread = _spread(counts, desk, peers)[WINDOWS[-1]]
    end = counts.shape[1] - 1
    for user in range(len(counts)):
        day = int(np.flatnonzero(desk.worked[user])[-1])
        if end - day < SILENT_DAYS or day < LEAVING_DAYS + SILENT_DAYS:
            continue
        here = np.array([user])
        tails, seen, usual = _tested(
            counts, peers, desk.worked, desk.joined, here, day, LEAVING_DAYS, spread
        )
        if tails[0] <= LEAVING_P and seen[0] >= LEAST["volume"]:
            yield Alert(
                desk.users[user], "before_leaving", desk.last[user, day], float(tails[0]),
                int(seen[0]), float(usual[0]), LEAVING_DAYS,
            )  # fmt: skip


def _once(found: list[Alert]) -> Iterator[Alert]:
    """The first of each user and cause, and later ones after a week without any."""
    last: dict[tuple[str, str], datetime] = {}
    for alert in sorted(found, key=lambda one: one.at):
        key = alert.user, alert.signal
        before = last.get(key)
        last[key] = alert.at
        if before is None or alert.at - before >= timedelta(days=SILENT_DAYS):
            yield alert
