"""Looking every week does not spoil the verdict; the check by blocks; regression to the mean."""

import numpy as np
import pytest

from amends.engines.detection.effect import effect
from amends.engines.detection.permutation_test import permuted
from amends.engines.detection.sequential_test import watch

WEEKS = np.arange(156)
AFTER = WEEKS >= 104


def shocks(generator):
    found = np.zeros(WEEKS.size)
    for week in range(1, WEEKS.size):
        found[week] = 0.6 * found[week - 1] + generator.normal(0, 0.08)
    return np.exp(found)


def weeks(seed, *, drop=0.0, noise="shared"):
    """200 treated and 600 control complaints a week, season and trend shared."""
    generator = np.random.default_rng([seed, 17])
    level = np.exp(0.3 * np.cos(2 * np.pi * WEEKS / 52) + 0.002 * WEEKS)
    one, other = shocks(generator), shocks(generator)
    one, other = {"shared": (one, one), "own": (one, other)}[noise]
    means = 200 * level * one * np.where(AFTER, 1 - drop, 1.0), 600 * level * other
    return [generator.poisson(generator.gamma(m / 0.5, 0.5)).astype(float) for m in means]


@pytest.mark.parametrize("noise", ["shared", "own"])
def test_52_weekly_looks_call_no_effect_one_in_at_most_5_percent(noise):
    # Nominal 5 % at any time; of 300 runs more than 26 would come in one of 200 tries.
    false = sum(
        watch(y, AFTER, control=c).shown_after is not None
        for y, c in (weeks(seed, noise=noise) for seed in range(300))
    )
    assert false <= 26


def test_a_tenth_less_is_shown_within_half_a_year():
    shown = [
        watch(y, AFTER, control=c).shown_after or 99
        for y, c in (weeks(seed, drop=0.1) for seed in range(60))
    ]
    assert np.mean(np.array(shown) <= 26) >= 0.9


def test_what_was_shown_stays_shown_and_the_interval_only_narrows():
    treated, control = weeks(3, drop=0.2)
    seen = watch(treated, AFTER, control=control)
    assert set(seen.verdicts[seen.shown_after - 1 :]) == {"works"}
    assert (np.diff(seen.low) >= 0).all()
    assert (np.diff(seen.high) <= 0).all()
    assert seen.low[-1] < 0.8 < seen.high[-1]


def test_growth_is_told_as_worse_and_users_are_exposure():
    treated, control = weeks(4)
    users = np.where(AFTER, 1.4, 1.0)
    treated = np.round(treated * users)
    assert watch(treated, AFTER, control=control).verdicts[-1] == "worse"
    grown = watch(treated, AFTER, control=control, users=users)
    assert grown.verdicts[-1] == "not_yet_judgeable"


def test_too_little_before_is_not_judged():
    treated, control = weeks(5, drop=0.5)
    late = WEEKS >= 3
    assert set(watch(treated, late, control=control).verdicts) == {"not_yet_judgeable"}


def test_blocks_call_no_step_one_at_about_the_level_and_see_a_real_one():
    cycle = 52.0
    quiet = [permuted(weeks(s, noise="own")[0], AFTER, cycle=cycle).p for s in range(60)]
    assert np.mean(np.array(quiet) <= 0.05) <= 0.12
    fallen = [permuted(weeks(s, drop=0.4)[0], AFTER, cycle=cycle).p for s in range(10)]
    assert np.mean(np.array(fallen) <= 0.05) >= 0.9


def test_a_series_too_short_for_blocks_has_no_check():
    assert permuted(np.ones(12), np.arange(12) >= 6) is None
    assert permuted(np.ones(80), np.zeros(80, bool)) is None


def test_what_alarmed_and_was_left_alone_fell_as_well():
    """A cell is chosen for its alarm; what comes back by itself is no effect."""
    generator = np.random.default_rng(6)
    raised = np.where(AFTER, 1.0, 1.6)
    treated, alarmed = (generator.poisson(100 * raised).astype(float) for _ in range(2))
    control = generator.poisson(300.0, WEEKS.size).astype(float)
    naive = effect(treated, AFTER, control=control)
    guarded = effect(treated, AFTER, control=control, alarmed=alarmed)
    assert naive.verdict == "works"
    assert guarded.verdict == "not_shown_to_work"
    assert guarded.against_alarmed[2] >= 1.0
    assert "alarmed" in guarded.reasons[0]
    cured = effect(
        np.round(treated * np.where(AFTER, 0.5, 1)), AFTER, control=control, alarmed=alarmed
    )
    assert cured.verdict == "works"


def test_a_handful_that_alarmed_elsewhere_hides_no_effect():
    """One complaint a week in a cell that ran hot tells neither a drop nor that there is none."""
    generator = np.random.default_rng(6)
    after = np.where(AFTER, 0.5, 1.0)
    treated, control = generator.poisson(200 * after), generator.poisson(600, AFTER.size)
    few = generator.poisson(np.where(AFTER, 0.5, 1.0)).astype(float)
    found = effect(treated.astype(float), AFTER, control=control.astype(float), alarmed=few)
    assert (found.verdict, found.alarmed_tell) == ("works", False)
    assert found.against_alarmed[2] >= 1.0
    assert "too few" in found.reasons[0]
    many = effect(
        treated.astype(float),
        AFTER,
        control=control.astype(float),
        alarmed=generator.poisson(200 * after).astype(float),
    )
    assert (many.verdict, many.alarmed_tell) == ("not_shown_to_work", True)
