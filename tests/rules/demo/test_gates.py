"""What gates take out of a world, and what its truth knows of refunds made first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pyarrow.compute as pc
import pytest

from amends_demo.rules.gates import (
    Gated,
    complaints_in,
    complaints_of,
    gated,
    less_given,
    only_contacts,
    relieved,
)
from amends_demo.rules.network import by_day_ms, known_faults
from amends_demo.rules.simulate import World, simulate
from amends_demo.rules.tables import CHINA_MS, DAY_MS, HOUR_MS


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(size=200, seed=5, end=datetime(2026, 11, 24, 2, tzinfo=UTC))


def _first_owed(world: World) -> dict:
    return next(row for row in world.truth.to_pylist() if row["amount_minor"] > 100)


def _row(world: World, key: str) -> dict:
    return next(row for row in world.truth.to_pylist() if row["key"] == key)


def test_what_was_given_back_first_is_not_owed_again(world: World) -> None:
    owed = _first_owed(world)
    partly = _row(less_given(world, {owed["key"]: 100}), owed["key"])
    assert partly == owed | {"amount_minor": owed["amount_minor"] - 100}
    wholly = _row(less_given(world, {owed["key"]: owed["amount_minor"] + 1}), owed["key"])
    assert wholly == owed | {"amount_minor": 0, "verdict": "not_upheld"}
    assert less_given(world, {}).truth == world.truth


def test_only_contacts_that_came_are_left(world: World) -> None:
    keys = world.contacts["key"].to_pylist()[::2]
    left = only_contacts(world, keys)
    assert left.contacts["key"].to_pylist() == left.truth["key"].to_pylist() == keys


def test_rates_are_of_both_worlds(world: World) -> None:
    left = only_contacts(world, world.contacts["key"].to_pylist()[:40])
    found = gated(left, open_world=world, closed=True, refused=3, notified=2)
    assert found == Gated(True, 3, complaints_in(left), complaints_in(world), 200, 2)
    assert found.per_million.rate < found.per_million_without.rate
    document = found.as_dict()["gates"]
    assert document["mode"] == "on"
    assert (document["refused"], document["told"]) == (3, 2)
    assert document["complaints"] == complaints_in(left)
    assert document["complaints_without"] == complaints_in(world)
    assert document["per_million"]["low"] < document["per_million"]["rate"]


def test_faults_that_are_known_are_repaired_before_most_people_feel_them() -> None:
    """Who is spared felt it after the repair, or was told; everybody else complains as before."""
    world = simulate(size=1_500, seed=5, end=datetime(2026, 11, 24, 2, tzinfo=UTC))
    scenario = world.scenario
    found = {
        scenario.degraded_area: scenario.degraded_from_ms + 2 * HOUR_MS,
        scenario.storm_area: scenario.storm_from_ms + 3 * HOUR_MS,
    }
    faults = known_faults(scenario, found)
    left, spared = relieved(world, faults)
    for fault in faults:
        before, after = (complaints_of(one, fault.cause) for one in (world, left))
        repaired, told = spared[fault.cause]
        assert before - after == repaired + told
        assert after <= 0.4 * before
    roles = {row["key"]: row for row in world.truth.to_pylist()}
    gone = set(roles) - set(left.truth["key"].to_pylist())
    assert {roles[key]["role"] for key in gone} <= {"line_degraded", "line_cut"}
    assert left.contacts["key"].to_pylist() == left.truth["key"].to_pylist()
    for row in left.facts["QualityDegraded"].to_pylist():
        assert row["happened_at_ms"] < faults[0].repaired_ms


def test_no_fee_is_owed_for_days_after_the_repair() -> None:
    world = simulate(size=1_500, seed=5, end=datetime(2026, 11, 24, 2, tzinfo=UTC))
    scenario = world.scenario
    detected = {scenario.degraded_area: scenario.degraded_from_ms + 2 * HOUR_MS}
    faults = known_faults(scenario, detected)
    owed_before = {row["key"]: row for row in world.truth.to_pylist()}
    repaired, _counts = relieved(world, faults)
    slow = [row for row in repaired.truth.to_pylist() if row["role"] == "line_degraded"]
    assert slow
    for row in slow:
        assert row["amount_minor"] <= owed_before[row["key"]]["amount_minor"]
    other = [row for row in repaired.truth.to_pylist() if row["role"] != "line_degraded"]
    assert all(row == owed_before[row["key"]] for row in other)
    late = faults[0].repaired_ms >= scenario.degraded_to_ms
    assert late or any(
        row["amount_minor"] < owed_before[row["key"]]["amount_minor"] for row in slow
    )


def test_a_repair_after_the_trouble_changes_no_amount() -> None:
    world = simulate(size=1_500, seed=5, end=datetime(2026, 11, 24, 2, tzinfo=UTC))
    scenario = world.scenario
    (fault, *_storm) = known_faults(
        scenario, {scenario.degraded_area: scenario.degraded_from_ms + 2 * HOUR_MS}
    )
    late = replace(fault, notified_ms=scenario.degraded_to_ms, repaired_ms=scenario.degraded_to_ms)
    left, _counts = relieved(world, [late])
    remaining = set(left.truth["key"].to_pylist())
    assert left.truth.to_pylist() == [
        row for row in world.truth.to_pylist() if row["key"] in remaining
    ]


def test_a_world_without_slow_lines_stays_as_it_is() -> None:
    world = simulate(size=1_500, seed=5, end=datetime(2026, 11, 24, 2, tzinfo=UTC))
    fast = pc.not_equal(world.truth["role"], "line_degraded")
    few = replace(world, truth=world.truth.filter(fast), contacts=world.contacts.filter(fast))
    scenario = few.scenario
    faults = known_faults(
        scenario, {scenario.degraded_area: scenario.degraded_from_ms + 2 * HOUR_MS}
    )
    left, _counts = relieved(few, faults)
    assert left.truth == few.truth


def test_nobody_is_told_at_night() -> None:
    midnight = 1_800_000_000_000 // DAY_MS * DAY_MS - CHINA_MS
    hours = [(by_day_ms(midnight + hour * HOUR_MS) - midnight) // HOUR_MS for hour in range(24)]
    assert hours == [8] * 8 + list(range(8, 22)) + [32, 32]
