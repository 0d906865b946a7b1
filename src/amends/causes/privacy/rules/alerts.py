"""Which users look at personal data in ways that need a question: columns in, alerts out.

Each cause is a count for each user and day: looks, looks without a valid case, in cases opened for
oneself, along consecutive numbers, in one block of numbers, at people seen before, at unusual
hours. A count over 1, 5 and 20 days is held against the user's own weeks before, drawn towards the
peers of the role as far as these weeks are few, with what the team did in the same days taken out.
The tail is negative binomial; tests of one day and cause share Benjamini and Hochberg's step-up
procedure.

    Benjamini and Hochberg (1995), J. R. Stat. Soc. B 57
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from amends.causes.privacy.rules.usual import (
    SILENT_DAYS,
    WINDOWS,
    Counts,
    DeskActivity,
    last_day,
    peers_of,
    spread_of,
    tested,
)
from amends.engines.stats.negative_binomial import upper_tail

LOOKS = ("at", "user", "role", "team", "subscriber", "case", "purpose")
CASES = ("case", "subscriber", "opened_at", "closed_at", "opened_by")
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
    desk = DeskActivity.of(looks)
    causes = dict(_causes(looks, desk))
    alerts_found = [
        alert for signal, counts in causes.items() for alert in _alerts(desk, signal, counts)
    ]
    alerts_found += _many_eyes(looks)
    alerts_found += _before_leaving(desk, causes["volume"])
    return sorted(_once(alerts_found), key=lambda alert: (alert.at, alert.user, alert.signal))


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
    is_near = (
        (pl.col("case") == "")
        & pl.col("since").is_not_null()
        & (pl.col("until").is_null() | (pl.col("at") <= pl.col("until")))
    )
    return looks.with_columns(
        unlinked=~(pl.col("named") | is_near), self_opened=pl.col("named") & pl.col("self_opened")
    ).drop("since", "until", "named")


def _days(looks: pl.DataFrame) -> pl.DataFrame:
    """Adds `day`, counted from the first, and `hour`."""
    day = pl.col("at").dt.date().cast(pl.Int32)
    return looks.with_columns(day=day - day.min(), hour=pl.col("at").dt.hour()).sort("at")


def _causes(looks: pl.DataFrame, desk: DeskActivity) -> Iterator[tuple[str, Counts]]:
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


def _alerts(desk: DeskActivity, signal: str, counts: Counts) -> Iterator[Alert]:
    """Alerts of one cause, day by day; what was unlikely does not pass for usual later."""
    peers = peers_of(counts, desk)
    spread = spread_of(counts, desk, peers)
    ordinary = desk.worked.copy()
    share = FALSE_SHARE.get(signal, OTHERS)
    for day in range(counts.shape[1]):
        here = np.flatnonzero(desk.worked[:, day])
        tests = [
            tested(counts, peers, ordinary, desk.joined, here, day, width, spread[width])
            for width in WINDOWS
            if width == 1 or day >= width - 1
        ]
        if not here.size:
            continue
        tails = np.array([tail for tail, _, _ in tests])
        enough = np.array([seen for _, seen, _ in tests]) >= LEAST[signal]
        passing = (tails <= min(_cut(tails, share), LARGEST_P)) & enough
        for user_index in np.flatnonzero(passing.any(axis=0)):
            user = int(here[user_index])
            best = int(np.where(passing[:, user_index], tails[:, user_index], 2.0).argmin())
            width = WINDOWS[best]
            ordinary[user, max(day - width + 1, 0) : day + 1] = False
            _, seen, usual = tests[best]
            yield Alert(
                user=desk.users[user],
                signal=signal,
                at=desk.last[user, day],
                p=float(tails[best, user_index]),
                count=int(seen[user_index]),
                expected=float(usual[user_index]),
                days=width,
            )


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
    weeks = last_day(looks) // 7 + 1
    usual = max(float(eyes["eyes"].sum() or 0) / (looks["subscriber"].n_unique() * weeks), 0.01)
    many = eyes.filter(pl.col("eyes") >= EYES)
    tails = upper_tail(many["eyes"].to_numpy(), mean=usual, dispersion=1.0)
    return [
        Alert(
            user=user,
            signal="many_eyes",
            at=at,
            p=float(p),
            count=int(count),
            expected=usual,
            days=7,
        )
        for (count, user, at), p in zip(
            many.select("eyes", "user", "at").iter_rows(), tails, strict=True
        )
        if p <= EYES_P
    ]


def _before_leaving(desk: DeskActivity, counts: Counts) -> Iterator[Alert]:
    """Users who stopped working, and looked at more people in the two weeks before they did."""
    peers = peers_of(counts, desk)
    spread = spread_of(counts, desk, peers)[WINDOWS[-1]]
    end = counts.shape[1] - 1
    for user in range(len(counts)):
        day = int(np.flatnonzero(desk.worked[user])[-1])
        if end - day < SILENT_DAYS or day < LEAVING_DAYS + SILENT_DAYS:
            continue
        here = np.array([user])
        tails, seen, usual = tested(
            counts, peers, desk.worked, desk.joined, here, day, LEAVING_DAYS, spread
        )
        if tails[0] <= LEAVING_P and seen[0] >= LEAST["volume"]:
            yield Alert(
                user=desk.users[user],
                signal="before_leaving",
                at=desk.last[user, day],
                p=float(tails[0]),
                count=int(seen[0]),
                expected=float(usual[0]),
                days=LEAVING_DAYS,
            )


def _once(alerts: list[Alert]) -> Iterator[Alert]:
    """The first of each user and cause, and later ones after a week without any."""
    last: dict[tuple[str, str], datetime] = {}
    for alert in sorted(alerts, key=lambda raised_alert: raised_alert.at):
        key = alert.user, alert.signal
        before = last.get(key)
        last[key] = alert.at
        if before is None or alert.at - before >= timedelta(days=SILENT_DAYS):
            yield alert
