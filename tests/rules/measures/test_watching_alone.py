"""Looking every week at a series with nothing beside it: rarely wrong, and silent where it must."""

import numpy as np
import pytest
from tests.rules.hotissues.test_watching import AFTER, WEEKS, weeks

from amends.engines.detection.sequential_test_uncontrolled import (
    LEAST_ALONE,
    least_before,
    watch_alone,
)
from amends.problems.measures.rules.rectification import YEAR_WEEKS


def looked(seed, **more):
    return watch_alone(weeks(seed, **more)[0], AFTER, cycle=YEAR_WEEKS)


def test_52_weekly_looks_call_no_effect_one_in_at_most_5_percent():
    # As of `watch`: of 200 runs more than 18 would come in one of 200 tries at 5 %.
    seen = [looked(seed) for seed in range(200)]
    assert sum("works" in one.verdicts for one in seen) <= 18
    assert sum("worse" in one.verdicts for one in seen) <= 18
    assert np.mean([one.low[-1] <= 1.0 <= one.high[-1] for one in seen]) >= 0.9


def test_three_tenths_less_is_shown_within_the_year_and_the_interval_holds_it():
    seen = [looked(seed, drop=0.3) for seed in range(40)]
    assert np.mean([one.shown_after is not None for one in seen]) >= 0.9
    assert np.mean([one.low[-1] <= 0.7 <= one.high[-1] for one in seen]) >= 0.85
    for one in seen[:5]:
        assert (np.diff(one.low) >= 0).all()
        assert (np.diff(one.high) <= 0).all()


def test_a_trend_that_goes_on_is_no_effect():
    generator = np.random.default_rng(5)
    falling = generator.poisson(400 * np.exp(-0.006 * WEEKS)).astype(float)
    assert watch_alone(falling, AFTER).shown_after is None


def test_growth_is_told_as_worse_and_users_are_exposure():
    treated, _ = weeks(4)
    users = np.where(AFTER, 1.4, 1.0)
    grown = np.random.default_rng(4).binomial((treated * 1.6).astype(int), 0.95).astype(float)
    more = np.where(AFTER, grown, treated)
    assert watch_alone(more, AFTER, cycle=YEAR_WEEKS).verdicts[-1] == "worse"
    scaled = np.where(AFTER, np.round(treated * 1.4), treated)
    seen = watch_alone(scaled, AFTER, users=users, cycle=YEAR_WEEKS)
    assert seen.verdicts[-1] == "not_yet_judgeable"


@pytest.mark.parametrize(("cycle", "before"), [(None, LEAST_ALONE), (YEAR_WEEKS, 104)])
def test_too_little_before_says_nothing(cycle, before):
    """A season of which only one turn was seen would pass for an effect."""
    assert least_before(cycle) == before
    treated = np.r_[np.full(before - 1, 100.0), np.full(20, 10.0)]
    seen = watch_alone(treated, np.arange(treated.size) >= before - 1, cycle=cycle)
    assert set(seen.verdicts) == {"not_yet_judgeable"}
    treated = np.r_[100.0, treated]
    treated[:before] += np.arange(before) % 3
    longer = watch_alone(treated, np.arange(treated.size) >= before, cycle=cycle)
    assert "works" in longer.verdicts
