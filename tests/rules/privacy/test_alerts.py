"""Alerts on looks: who is found, who is left alone, and what is not told twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from amends.causes.privacy.rules.alerts import LOOKS, access_alerts

START = datetime(2026, 3, 2, 9, tzinfo=UTC).replace(tzinfo=None)
Row = tuple[datetime, str, str, str, str, str, str]


def desk(days: int = 40, users: int = 24, *, seed: int = 6) -> list[Row]:
    """Ten looks a day by each user, one in thirty without a case."""
    draw = np.random.default_rng(seed)
    rows = []
    for user in range(users):
        for day in range(days):
            for look in range(int(draw.poisson(10)) + 1):
                at = START + timedelta(days=day, minutes=40 * look % 540 + user)
                case = "" if draw.random() < 1 / 30 else "c1"
                person = f"S{draw.integers(0, 900_000):06d}"
                rows.append((at, f"u{user}", "handler", f"t{user % 2}", person, case, ""))
    return rows


def frame(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=list(LOOKS), orient="row")


def found(rows: list[Row]) -> set[tuple[str, str]]:
    return {(alert.user, alert.signal) for alert in access_alerts(frame(rows))}


def more(user: str, day: int, people: list[str], *, case: str = "", hour: int = 0) -> list[Row]:
    begin = START + timedelta(days=day, hours=hour)
    return [
        (begin + timedelta(minutes=place), user, "handler", "t1", person, case, "")
        for place, person in enumerate(people)
    ]


def strangers(number: int, seed: int = 9) -> list[str]:
    draw = np.random.default_rng(seed)
    return [f"S{one:06d}" for one in draw.integers(0, 900_000, number)]


def test_an_ordinary_desk_is_left_alone() -> None:
    assert found(desk()) == set()


def test_a_burst_is_found_on_its_day_and_told_once() -> None:
    rows = desk() + more("u3", 30, strangers(40), case="c1")
    rows += more("u3", 32, strangers(40, 10), case="c1")
    alerts = access_alerts(frame(rows))
    assert [(one.user, one.signal) for one in alerts] == [("u3", "volume")]
    assert alerts[0].at.date() == (START + timedelta(days=30)).date()


def test_a_small_daily_excess_is_found_by_the_longer_windows() -> None:
    rows = desk()
    for day in range(25, 40):
        rows += more("u4", day, strangers(7, day), case="c1")
    (alert,) = access_alerts(frame(rows))
    assert (alert.user, alert.signal) == ("u4", "volume")
    assert alert.days > 1


def test_a_campaign_of_the_whole_team_is_no_alert() -> None:
    rows = desk()
    for user in range(1, 24, 2):
        for day in range(28, 33):
            rows += more(f"u{user}", day, strangers(9, 100 * user + day), case="c1")
    assert found(rows) == set()


def test_consecutive_numbers_and_night_looks_are_found_without_volume() -> None:
    rows = desk() + more("u5", 30, [f"S{one:06d}" for one in range(5000, 5006)], case="c1")
    rows += more("u6", 30, strangers(5), hour=15)
    assert {("u5", "sequence"), ("u6", "after_hours")} <= found(rows)


def test_a_case_of_somebody_else_is_no_case() -> None:
    rows = [(*row[:5], f"{row[4]}-case", row[6]) for row in desk(users=12)]
    cases = pl.DataFrame(
        [(row[5], row[4], row[0] - timedelta(minutes=5), None, "system") for row in rows],
        schema={
            "case": pl.String,
            "subscriber": pl.String,
            "opened_at": pl.Datetime,
            "closed_at": pl.Datetime,
            "opened_by": pl.String,
        },
        orient="row",
    )
    borrowed = more("u2", 30, strangers(8), case=rows[0][5])
    alerts = access_alerts(frame(rows + borrowed), cases)
    assert {(one.user, one.signal) for one in alerts} == {("u2", "no_case")}
