"""Compensation to the cent: the golden figures of the rules, and what is not known."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.engines.decisions.compensation import (
    Basis,
    UnableToCompensate,
    compensation_statements,
    compensations,
    late_days,
    late_repair_days,
    outage_days,
)
from amends.platform.kit.packs import UnableToFindRules, jurisdictions

SHANGHAI = ZoneInfo("Asia/Shanghai")
INDIA = ZoneInfo("Asia/Kolkata")
LONDON = ZoneInfo("Europe/London")
TODAY = date(2026, 5, 1)


def amounts(
    place: str, remedy: str, basis: Basis, on: date = TODAY, zone: ZoneInfo = SHANGHAI
) -> list[int]:
    found = compensations(jurisdiction=place, remedy=remedy, on=on, basis=basis, zone=zone)
    return [c.amount_minor for c in found]


@pytest.mark.parametrize(
    ("on", "repair", "start", "visit"),
    [
        (date(2019, 4, 1), 800, 500, 2500),
        (date(2024, 4, 1), 976, 610, 3049),
        (date(2025, 3, 31), 976, 610, 3049),
        (date(2025, 4, 1), 998, 624, 3119),
        (date(2026, 4, 1), 1034, 646, 3231),
    ],
)
def test_the_british_table_by_date(on: date, repair: int, start: int, visit: int) -> None:
    assert amounts("uk", "late_repair", Basis(days=1), on) == [repair]
    assert amounts("uk", "late_start", Basis(days=1), on) == [start]
    assert amounts("uk", "missed_visit", Basis(times=1), on) == [visit]
    assert amounts("uk", "late_start", Basis(days=7), on) == [7 * start]


@pytest.mark.parametrize(
    ("remedy", "basis"),
    [
        ("late_repair", Basis(days=1)),
        ("late_start", Basis(days=1)),
        ("missed_visit", Basis(times=1)),
    ],
)
def test_the_british_amounts_follow_the_index_from_2024_to_2026(remedy: str, basis: Basis) -> None:
    first, second, third = (
        amounts("uk", remedy, basis, date(year, 4, 1))[0] for year in (2024, 2025, 2026)
    )
    assert round(first * 1.023) == second
    assert round(second * 1.036) == third


def test_the_british_amounts_of_2020_to_2024_are_not_made_up() -> None:
    for on in (date(2020, 4, 1), date(2022, 1, 1), date(2024, 3, 31)):
        with pytest.raises(UnableToFindRules, match="not known"):
            amounts("uk", "late_repair", Basis(days=1), on)


def test_before_the_scheme_there_is_nothing() -> None:
    assert amounts("uk", "late_repair", Basis(days=1), date(2019, 3, 31)) == []


def test_slamming() -> None:
    found = compensations(
        jurisdiction="us", remedy="slamming_paid", on=TODAY, basis=Basis(paid_minor=8000)
    )
    assert [(c.to, c.amount_minor, c.currency) for c in found] == [
        ("rightful_carrier", 12000, "USD"),
        ("user", 4000, "USD"),
    ]
    assert amounts("us", "slamming_unpaid", Basis(paid_minor=8000)) == [8000]


def test_an_indian_outage_of_18_24_and_10_hours_is_two_days() -> None:
    start, end = datetime(2026, 4, 9, 6, tzinfo=INDIA), datetime(2026, 4, 11, 10, tzinfo=INDIA)
    assert outage_days(start, end, zone=INDIA) == 2
    basis = Basis(started_at=start, ended_at=end, day_rate_minor=1000)
    assert amounts("in", "outage", basis, zone=INDIA) == [2000]
    noon = datetime(2026, 4, 9, 12, tzinfo=INDIA)  # twelve hours are not more than twelve
    assert outage_days(noon, datetime(2026, 4, 10, 12, tzinfo=INDIA), zone=INDIA) == 0
    short = Basis(started_at=start, ended_at=start + timedelta(hours=24), day_rate_minor=1000)
    assert amounts("in", "outage", short, zone=INDIA) == [0]


def test_a_late_installation_in_china_costs_one_per_cent_a_day() -> None:
    assert amounts("cn", "late_install", Basis(days=3, fee_minor=10000)) == [300]
    assert amounts("cn-41", "late_install", Basis(days=1, fee_minor=9950)) == [100]  # 99.5 goes up


def test_the_monthly_fee_is_waived_for_the_fault() -> None:
    start, end = (
        datetime(2026, 4, 29, 20, tzinfo=SHANGHAI),
        datetime(2026, 5, 1, 9, tzinfo=SHANGHAI),
    )
    basis = Basis(fee_minor=9300, started_at=start, ended_at=end)
    assert amounts("cn", "late_repair", basis) == [920]  # 2 × 9300/30 + 1 × 9300/31
    month = Basis(
        fee_minor=9300,
        started_at=datetime(2026, 4, 1, tzinfo=SHANGHAI),
        ended_at=datetime(2026, 5, 1, tzinfo=SHANGHAI),
    )
    assert amounts("cn", "late_repair", month) == [9300]


def test_fraud_is_threefold_and_at_least_500() -> None:
    assert amounts("cn", "fraud", Basis(paid_minor=1000)) == [50000]
    assert amounts("cn", "fraud", Basis(paid_minor=30000)) == [90000]


def test_zhejiang_gives_back_an_unconfirmed_renewal() -> None:
    assert amounts("cn-33", "unconfirmed_renewal", Basis(paid_minor=5900)) == [5900]
    assert amounts("cn", "unconfirmed_renewal", Basis(paid_minor=5900)) == []


@pytest.mark.parametrize("place", ["au", "eu"])
def test_where_no_amount_is_fixed_it_is_said(place: str) -> None:
    assert amounts(place, "late_repair", Basis(days=3)) == []
    assert compensation_statements(jurisdiction=place, on=TODAY)


def test_a_class_hears_only_of_what_is_about_it() -> None:
    def of(place: str, kind: str) -> list[str]:
        found = compensation_statements(jurisdiction=place, on=date(2026, 12, 1), kind=kind)
        return [one.id for one in found]

    assert of("cn", "network.outage") == ["cn.interruption"]
    for other in (
        "billing.wrong_charge",
        "privacy.data_misuse",
        "network.speed",
    ):
        assert of("cn", other) == [], other
    assert of("in", "privacy") == []


def test_two_full_working_days_come_first() -> None:
    def days(reported: str, repaired: str) -> int:
        moments = [
            datetime.fromisoformat(text).replace(tzinfo=LONDON) for text in (reported, repaired)
        ]
        return late_repair_days(*moments, jurisdiction="uk", zone=LONDON)

    assert days("2026-04-09T15:00", "2026-04-13T23:00") == 0  # Thursday → Monday
    assert days("2026-04-09T15:00", "2026-04-14T08:00") == 1
    assert days("2026-04-02T15:00", "2026-04-08T08:00") == 0  # over Easter
    assert late_days(date(2026, 4, 9), date(2026, 4, 8)) == 0


@pytest.mark.parametrize(
    ("place", "remedy", "basis"),
    [
        ("uk", "late_repair", Basis()),
        ("uk", "missed_visit", Basis(times=-1)),
        ("cn", "late_repair", Basis(fee_minor=100)),
        ("us", "slamming_paid", Basis(days=2)),
    ],
)
def test_a_missing_figure_is_refused(place: str, remedy: str, basis: Basis) -> None:
    with pytest.raises(UnableToCompensate):
        amounts(place, remedy, basis)


@given(st.integers(0, 400), st.integers(0, 10**7))
def test_one_per_cent_a_day_is_within_half_a_fen(days: int, fee: int) -> None:
    (amount,) = amounts("cn", "late_install", Basis(days=days, fee_minor=fee))
    assert abs(amount * 100 - days * fee) <= 50


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(LONDON)),  # noqa: DTZ001
    st.integers(0, 5000),
)
def test_outage_days_never_exceed_the_days_touched(start: datetime, minutes: int) -> None:
    end = datetime.fromtimestamp(start.timestamp() + 60 * minutes, tz=LONDON)
    touched = (end.date() - start.date()).days + 1
    assert 0 <= outage_days(start, end, zone=LONDON) <= touched


@pytest.mark.parametrize("place", jurisdictions())
def test_every_amount_cites_its_rule(place: str) -> None:
    basis = Basis(
        days=1,
        times=1,
        fee_minor=100,
        day_rate_minor=100,
        paid_minor=100,
        started_at=datetime(2026, 4, 1, tzinfo=SHANGHAI),
        ended_at=datetime(2026, 4, 3, tzinfo=SHANGHAI),
    )
    for remedy in ("late_repair", "late_install", "late_start", "outage", "slamming_paid", "fraud"):
        for found in compensations(
            jurisdiction=place, remedy=remedy, on=TODAY, basis=basis, zone=SHANGHAI
        ):
            assert found.source
            assert found.zh.endswith("。")
            assert "@" in found.rule
