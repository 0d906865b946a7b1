"""What a plan could show is said before anything is done."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from amends.problems.measures.rules.measure_terms import MeasureTerms
from amends.problems.measures.rules.rectification import MeasureCounts
from amends.problems.measures.rules.smallest_drop import smallest_drop

START = date(2026, 6, 1)


def terms(weeks_after: int = 12) -> MeasureTerms:
    judge_on = START + timedelta(weeks=weeks_after)
    return MeasureTerms(
        "", "", "", "", START, judge_on, 0, 300, ("code=network",), ("code=billing",)
    )


def counts(mean: float, weeks: int = 52, seed: int = 1) -> MeasureCounts:
    chance = np.random.default_rng(seed)
    users = np.full(weeks, 1_000.0)
    return MeasureCounts(
        [START - timedelta(weeks=weeks - at) for at in range(weeks)],
        chance.poisson(mean, weeks).astype(float),
        chance.poisson(mean * 4, weeks).astype(float),
        users,
        users,
        np.zeros((weeks, 0)),
    )


def test_more_people_and_more_weeks_show_smaller_drops() -> None:
    few, many = smallest_drop(counts(8), terms()), smallest_drop(counts(200), terms())
    assert few is not None
    assert many is not None
    assert many < few / 2
    longer = smallest_drop(counts(8), terms(weeks_after=40))
    assert longer is not None
    assert longer < few


def test_what_is_said_before_is_near_what_the_judgement_says_after() -> None:
    """Poisson counts of known mean: the plan's figure is the judgement's within a fifth."""
    from amends.problems.measures.rules.rectification import judge

    planned = smallest_drop(counts(60), terms())
    assert planned is not None
    after = counts(60, weeks=64)
    shifted = MeasureCounts(
        [day + timedelta(weeks=12) for day in after.weeks],
        after.treated,
        after.control,
        after.users,
        after.control_users,
        after.untreated,
    )
    judged = judge(shifted, terms()).found.smallest_detectable_drop
    assert planned == pytest.approx(judged, rel=0.2)


def test_too_little_on_record_says_nothing() -> None:
    assert smallest_drop(counts(60, weeks=5), terms()) is None
    assert smallest_drop(counts(0), terms()) is None
