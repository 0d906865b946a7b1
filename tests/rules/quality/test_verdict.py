"""The speed rules against hand-written legal cases, and against the exact binomial."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from amends.network.quality.rules import speed_tests, verdict
from amends.network.quality.rules.strength import at_most
from amends.platform.kit.packs import load_version

pytestmark = pytest.mark.no_database

LEGAL = tomllib.loads(Path(__file__).with_name("legal_cases.toml").read_text("utf-8"))
STRANGERS = tomllib.loads(
    Path(__file__).with_name("legal_cases_strangers.toml").read_text("utf-8")
)["case"]
MET = {"+": True, "-": False, "?": None}


def rules(name):
    title, _, day = name.partition("@")
    return load_version("amends.network.quality", title, date.fromisoformat(day))


def speeds(text):
    for part in text.split(","):
        value, _, count = part.partition("x")
        yield from [None if value == "-" else float(value)] * int(count or 1)


def speed_rows(line, zone):
    day, schedule, down, up, *flags = line.split()
    zone = UTC if "Z" in flags else ZoneInfo(zone)
    times = LEGAL["schedules"][schedule].split()
    for time, down_mbps, up_mbps in zip(times, speeds(down), speeds(up), strict=True):
        yield {
            "at": datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=zone).isoformat(),
            "down_mbps": down_mbps,
            "up_mbps": up_mbps,
            "wired": "wifi" not in flags,
            "valid": "invalid" not in flags,
        }


def judged(case):
    zone = LEGAL["zones"][case["rule"]]
    document = {
        "plan": LEGAL["plans"][case.get("plan", "full")],
        "tests": [test for line in case["days"] for test in speed_rows(line, zone)],
    }
    if "reported_at" in case:
        document["reported_at"] = case["reported_at"]
    return verdict.judge(rules(case["rule"]), speed_tests.read_case(document))


@pytest.mark.parametrize("case", STRANGERS, ids=lambda c: c["name"])
def test_legal_case_by_somebody_who_did_not_write_the_rules(case):
    found = verdict.judge(rules(case["rule"]), speed_tests.read_case(json.loads(case["file"])))
    told = {clause.id: clause.met for clause in found.clauses}
    assert found.verdict in case["verdict"]
    assert {name: told[name] for name in case["met"]} == {
        name: {"true": True, "false": False, "none": None}[met] for name, met in case["met"].items()
    }


@pytest.mark.parametrize("case", LEGAL["cases"], ids=lambda c: f"{c['rule']} {c['name']}")
def test_legal_case(case):
    found = judged(case).report()
    told = {clause.id: clause.met for clause in found.clauses}
    expected = {word[1:]: MET[word[0]] for word in case.get("clauses", "").split()}
    assert {name: told[name] for name in expected} == expected, found
    assert found.verdict == case["verdict"], found
    for words in case.get("missing", []):
        assert any(words in one for one in found.missing), found.missing
    evidence = found.evidence
    assert evidence.counted + sum(evidence.not_counted.values()) == evidence.tests
    assert bool(found.missing) or found.verdict != "insufficient"


def test_every_rule_has_twelve_cases():
    for rule in LEGAL["zones"]:
        assert sum(case["rule"] == rule for case in LEGAL["cases"]) >= 12, rule


RUNS = 200_000
CRITERIA = {
    # clause: speed that reaches the promise, one that does not, how a campaign is summed up
    "down-max": (95.0, 85.0, lambda reached: reached > 0),
    "down-normal": (95.0, 70.0, lambda reached: reached),
    "down-min": (95.0, 49.0, lambda reached: reached < 10),
}


def flagged(clause, per_day):
    """Whether the rule flags a campaign with so many tests that reach the promise on each day."""
    high, low, _ = CRITERIA[clause]
    tests = tuple(
        speed_tests.SpeedTest(
            datetime.fromisoformat(f"2026-03-{day:02}T{time}").replace(tzinfo=UTC),
            high if number < reached else low,
            None,
            wired=True,
        )
        for day, reached in zip((2, 4, 6), per_day, strict=True)
        for number, time in enumerate(LEGAL["schedules"]["campaign"].split())
    )
    plan = speed_tests.Plan(down_max_mbps=100, down_normal_mbps=80, down_min_mbps=50)
    found = verdict.judge(rules("de-fixed@2021-12-13"), speed_tests.SpeedCase(plan, tests))
    return {one.id: one.met for one in found.clauses}[clause] is False


@pytest.mark.parametrize(
    ("clause", "share", "exact"),
    [
        ("down-normal", 0.85, at_most(26, 30, 0.85)),
        ("down-normal", 0.90, 0.353),
        ("down-normal", 0.93, 0.155),
        ("down-normal", 0.95, 0.061),
        ("down-normal", 0.97, 0.012),
        ("down-max", 0.05, 0.646),
        ("down-max", 0.10, 0.280),
        ("down-max", 0.20, 0.032),
        ("down-min", 0.95, 0.354),
        ("down-min", 0.98, 0.088),
        ("down-min", 0.995, 0.007),
    ],
)
def test_alarms_follow_the_exact_binomial(clause, share, exact):
    """Simulated campaigns of a line that reaches the promise in this share of its tests."""
    drawn = np.random.default_rng(20211213).binomial(10, share, (RUNS, 3))
    patterns, counts = np.unique(np.sort(drawn, axis=1), axis=0, return_counts=True)
    answers = {}
    alarms = 0
    for pattern, count in zip(patterns.tolist(), counts.tolist(), strict=True):
        key = tuple(map(CRITERIA[clause][2], pattern))
        key = sum(key) if clause == "down-normal" else key
        if key not in answers:
            answers[key] = flagged(clause, pattern)
        alarms += count * answers[key]
    assert alarms / RUNS == pytest.approx(exact, abs=0.01)


def test_what_cannot_be_used_is_refused_or_marked():
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)

    def row(minutes, **more):
        test = {"at": (at + timedelta(minutes=minutes)).isoformat(), "down_mbps": 90, "up_mbps": 9}
        return test | {"wired": True, "valid": True} | more

    tests = [
        row(0),
        row(0),
        row(0, down_mbps=80),
        row(10, down_mbps=1e6),
        row(20, down_mbps=-1),
        row(30, down_mbps=0, up_mbps=0),
        row(40, wired=None),
        row(50, valid=False),
        row(60, invalid_because=["abroad"]),
        row(70, down_mbps=5000),
    ]
    document = {"plan": {"down_max_mbps": 100}, "tests": tests}
    found = speed_tests.sort_tests(
        speed_tests.read_case(document).tests, speed_tests.read_case(document).plan
    )
    assert found.marked == {
        "duplicate": 1,
        "same_moment": 1,
        "absurd_speed": 3,
        "no_data": 1,
        "not_wired": 1,
        "invalid": 2,
    }
    assert len(found.counted) == 1
    for bad in (
        [],
        {"tests": []},
        {"plan": {}, "tests": {}},
        {"plan": {"down_min_mbps": 90, "down_max_mbps": 50}, "tests": []},
        {"plan": {"down_min_mbps": 0}, "tests": []},
        {"plan": {"down_min_mbps": float("nan")}, "tests": []},
        {"plan": {}, "tests": [{"at": "2026-03-02T09:00"}]},
        {"plan": {}, "tests": [{"at": "yesterday"}]},
        {"plan": {}, "tests": [{"at": at.isoformat(), "wired": "yes"}]},
        {"plan": {}, "tests": [], "zone": "Mars/Base"},
    ):
        with pytest.raises(speed_tests.UnableToReadSpeeds):
            speed_tests.read_case(bad)


def test_a_series_whose_days_have_passed_begins_again():
    case = next(c for c in LEGAL["cases"] if c["name"] == "29 tests")
    document = {
        "plan": LEGAL["plans"]["full"],
        "tests": [t for line in case["days"] for t in speed_rows(line, "Europe/Berlin")],
    }
    now = datetime(2026, 3, 9, tzinfo=UTC)
    found = verdict.judge(rules(case["rule"]), speed_tests.read_case(document), now=now)
    assert "1 on 2026-03-06" in found.missing[0]
    assert "new series of 30 wired tests" in found.missing[1]


def uk_line(slow, *, reported=""):
    """Sixty evenings of a line with a guaranteed minimum of 100 Mbit/s."""
    tests = [
        {
            "at": f"{date(2026, 3, 1) + timedelta(days=day)}T20:00:00+00:00",
            "down_mbps": slow.get(day, 140.0),
            "wired": True,
            "valid": True,
        }
        for day in range(60)
    ]
    document = {"plan": {"down_min_mbps": 100.0}, "tests": tests}
    if reported:
        document["reported_at"] = reported
    return verdict.judge(rules("uk-code@2019-03-01"), speed_tests.read_case(document))


@pytest.mark.parametrize("reported", ["", "2026-04-10T09:00:00+00:00"])
def test_one_slow_evening_of_sixty_is_no_breach_in_the_united_kingdom(reported):
    found = uk_line({17: 60.0}, reported=reported)
    assert (found.verdict, found.marked["seldom_slow"]) == ("no_breach", 1)


def test_slow_evenings_that_return_are_to_be_reported_in_the_united_kingdom():
    found = uk_line(dict.fromkeys(range(0, 60, 6), 60.0))
    assert found.verdict == "insufficient"
    assert "reported_at" in str(found.missing[0])


def test_a_line_still_slow_when_the_time_to_mend_is_over_breaks_the_rule():
    found = uk_line(dict.fromkeys(range(40, 60), 60.0), reported="2026-03-05T09:00:00+00:00")
    assert found.verdict == "breach_strong"
    assert "strong because" in str(found.sentence())
    once = uk_line({50: 60.0}, reported="2026-03-05T09:00:00+00:00")
    assert once.verdict == "breach_weak"
    assert "weak because" in str(once.sentence())
