"""Alarms in three shapes, what belongs together, when it is over, and how many complaints come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from amends.network.quality.rules.alarms import UnableToReadAlarms, read_document, read_rows
from amends.network.quality.rules.expected_complaints import PastIncident, expected
from amends.network.quality.rules.incidents import FaultSign, end_of, gathered

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CHINA = ZoneInfo("Asia/Shanghai")


def sign(key: str, area: str, at: datetime, **fields: object) -> FaultSign:
    base = {
        "region": area[0],
        "kind": "outage",
        "cause": "unknown",
        "technology": "all",
        "severity": "major",
        "from_at": at,
    }
    return FaultSign(key, area, **(base | fields))  # type: ignore[arg-type]


def test_rows_without_an_offset_are_in_our_zone_and_clocks_may_go_back() -> None:
    london = ZoneInfo("Europe/London")
    rows = [
        {"alarm": "a", "at": "2026-11-24T09:00", "area": "n1"},
        {"alarm": "b", "at": "2026-11-24T09:00+00:00", "area": "n1"},
    ]
    (first, second) = read_rows(rows, zone=CHINA, now=NOW + 9 * HOUR).alarms
    assert (first.raised_at, second.raised_at) == (NOW - HOUR, NOW + 7 * HOUR)
    # 01:30 comes twice when summer time ends: it is read as the first.
    twice = [{"alarm": "c", "at": "2026-10-25T01:30", "area": "n1"}]
    (one,) = read_rows(twice, zone=london, now=NOW).alarms
    assert one.raised_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_what_cannot_be_used_is_refused_with_its_place_and_the_rest_is_read() -> None:
    rows = [
        {"alarm": "", "at": NOW.isoformat(), "area": "n1"},
        {"alarm": "a", "at": "", "area": "n1"},
        {"alarm": "b", "at": (NOW + HOUR).isoformat(), "area": "n1"},
        {"alarm": "c", "at": NOW.isoformat()},
        {"alarm": "d", "at": NOW.isoformat(), "area": "n1", "kind": "magic"},
        {"alarm": "e", "at": NOW.isoformat(), "area": "n1", "cleared_at": "2020-01-01"},
        {"alarm": "f", "at": NOW.isoformat(), "cell": "c-1"},
    ]
    found = read_rows(rows, zone=CHINA, now=NOW)
    assert [one.key for one in found.alarms] == ["f"]
    assert list(found.refused) == [f"row {n}" for n in range(2, 8)]


def test_a_tmf642_event_and_a_cleared_alarm_are_read() -> None:
    alarm = {
        "id": "t1",
        "alarmRaisedTime": (NOW - HOUR).isoformat(),
        "alarmClearedTime": NOW.isoformat(),
        "state": "cleared",
        "perceivedSeverity": "cleared",
        "alarmType": "qualityOfServiceAlarm",
        "alarmedObject": {"id": "cell-1"},
    }
    (one,) = read_document({"event": {"alarm": alarm}}, zone=CHINA, now=NOW).alarms
    assert (one.cell, one.kind, one.cleared_at) == ("cell-1", "degraded", NOW)
    del alarm["alarmClearedTime"]
    assert list(read_document([alarm], zone=CHINA, now=NOW).refused) == ["[0]"]
    for odd in ({}, [], [1], "x", {"alerts": 5}):
        with pytest.raises(UnableToReadAlarms):
            read_document(odd, zone=CHINA, now=NOW)


def test_signs_of_one_fault_gather_and_others_stay_apart() -> None:
    found = gathered(
        [
            sign("a", "n1", NOW),
            sign("b", "n2", NOW + timedelta(minutes=10)),
            sign("c", "n3", NOW + 2 * HOUR),
            sign("d", "s1", NOW),
            sign("e", "n1", NOW + HOUR, kind="congestion"),
            sign("f", "n1", NOW + HOUR, technology="5g"),
            sign("g", "n1", NOW + 5 * HOUR, cause="cable_cut"),
        ]
    )
    assert [one.signs for one in found] == [("a", "b", "f", "g"), ("d",), ("e",), ("c",)]
    assert (found[0].cause, sorted(found[0].areas)) == ("cable_cut", ["n1", "n2"])


def test_an_incident_that_ended_takes_up_a_sign_within_two_hours() -> None:
    (ended,) = gathered([sign("a", "n1", NOW, to_at=NOW + HOUR)])
    (again,) = gathered([sign("b", "n1", NOW + 2 * HOUR)], [ended])
    assert again.signs == ("a", "b")
    assert again.ended_at is None
    (other,) = gathered([sign("b", "n1", NOW + 5 * HOUR)], [ended])
    assert other.signs == ("b",)


def test_the_end_is_what_the_evidence_says() -> None:
    base = {"stretches": [], "normal_since": {}, "last_sign_at": NOW, "now": NOW + HOUR}
    cleared = end_of(alarms=[(NOW, NOW + HOUR)], **base)  # type: ignore[arg-type]
    assert cleared is not None
    assert (cleared.at, cleared.reason) == (NOW + HOUR, "cleared")
    assert end_of(alarms=[(NOW, NOW + HOUR), (NOW, None)], **base) is None  # type: ignore[arg-type]
    normal = base | {"normal_since": {"c": NOW}, "now": NOW + 3 * HOUR}
    by_counters = end_of(alarms=[(NOW, None)], **normal)  # type: ignore[arg-type]
    assert by_counters is not None
    assert (by_counters.at, by_counters.reason) == (NOW, "counters")
    unmeasured = base | {"normal_since": {"c": NOW, "d": None}, "now": NOW + 3 * HOUR}
    assert end_of(alarms=[(NOW, None)], **unmeasured) is None  # type: ignore[arg-type]


def test_the_expectation_covers_what_simulated_incidents_bring() -> None:
    """Incidents whose strength differs by a factor of two either way: four of five lie within."""
    chance = np.random.default_rng(7)
    hits, total = 0, 300
    for _ in range(total):
        past = [_incident(chance) for _ in range(12)]
        new = _incident(chance)
        found = expected("outage", users=new.users, from_h=0, to_h=24, past=past)
        came = sum(at < 24 for at in new.complaints_h)
        hits += found.low <= came <= found.high
    assert 0.65 * total <= hits <= 0.97 * total


def test_the_first_hours_of_an_incident_say_how_strong_it_is() -> None:
    own = PastIncident("outage", 1000, 2, [0.1] * 30)
    calm = PastIncident("outage", 1000, 2, [])
    strong = expected("outage", users=1000, from_h=2, to_h=6, past=[], own=own)
    weak = expected("outage", users=1000, from_h=2, to_h=6, past=[], own=calm)
    assert strong.mean > 5 * weak.mean
    assert expected("outage", users=0, from_h=0, to_h=6, past=[]).high == 0


def _incident(chance: np.random.Generator) -> PastIncident:
    users = float(chance.integers(500, 5_000))
    strength = 2.0 ** chance.uniform(-1, 1)
    came: list[float] = []
    for low, high, rate in ((0, 2, 1.5), (2, 6, 0.8), (6, 24, 0.2)):
        number = chance.poisson(users / 1000 * (high - low) * rate * strength)
        came += chance.uniform(low, high, size=number).tolist()
    return PastIncident("outage", users, 24, came)
