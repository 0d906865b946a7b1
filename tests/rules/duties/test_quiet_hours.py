"""Quiet hours: over midnight, over both changes of the clock, in any zone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.engines.duties.quiet_hours import QuietHours, next_sending

ZONES = [
    "Asia/Shanghai",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Pacific/Chatham",
    "Africa/Casablanca",
]
EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 5 * 366 * 86_400).map(lambda passed: EPOCH + timedelta(seconds=passed))
CLOCKS = st.times().map(lambda clock: clock.replace(microsecond=0, second=0))


@given(MOMENTS, CLOCKS, CLOCKS, st.sampled_from(ZONES))
def test_nothing_goes_out_in_quiet_hours_and_nothing_waits_longer(
    now: datetime, start: time, end: time, name: str
) -> None:
    zone, quiet = ZoneInfo(name), QuietHours(start, end)
    if start == end:
        return
    at = next_sending(now, quiet, zone)
    assert at >= now
    assert at.astimezone(zone).time() not in quiet
    just_before = at - timedelta(seconds=1)
    if at > now and just_before >= now:
        assert just_before.astimezone(zone).time() in quiet
    assert at - now < timedelta(days=2)


@given(MOMENTS, st.sampled_from(ZONES))
def test_without_quiet_hours_nothing_waits(now: datetime, name: str) -> None:
    assert next_sending(now, None, ZoneInfo(name)) == now


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        # Berlin, 29 March 2026: 02:00 becomes 03:00; quiet hours end at 02:30, which there is not.
        ("2026-03-29T00:15:00+01:00", "2026-03-29T03:00:00+02:00"),
        # 25 October 2026: 03:00 becomes 02:00; the first 02:30 ends them, the second 02:00 not.
        ("2026-10-25T00:15:00+02:00", "2026-10-25T02:30:00+02:00"),
        ("2026-10-25T02:10:00+01:00", "2026-10-25T02:30:00+01:00"),
    ],
)
def test_the_clock_changes_within_quiet_hours(now: str, expected: str) -> None:
    quiet = QuietHours(time(22), time(2, 30))
    at = next_sending(datetime.fromisoformat(now), quiet, ZoneInfo("Europe/Berlin"))
    assert at == datetime.fromisoformat(expected)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        next_sending(EPOCH.replace(tzinfo=None), QuietHours(time(21), time(8)), UTC)
