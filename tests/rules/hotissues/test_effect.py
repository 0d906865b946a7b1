"""The verdict on a measure: right when it works, silent when it does not."""

import numpy as np
import pytest

from amends.engines.detection.effect import effect

WEEKS = np.arange(130)
AFTER = WEEKS >= 104


def noise(generator, rho=0.6, spread=0.1):
    found = np.zeros(WEEKS.size)
    for week in range(1, WEEKS.size):
        found[week] = rho * found[week - 1] + generator.normal(0, spread * (1 - rho**2) ** 0.5)
    return found


def weeks(seed, *, mean=200.0, drop=0.0, shared=True, own=False):
    """Treated and three times larger control counts, season and trend shared."""
    generator = np.random.default_rng(seed)
    level = np.exp(0.3 * np.cos(2 * np.pi * WEEKS / 52) + 0.002 * WEEKS)
    level = level * np.exp(noise(generator) if shared else 0.0)
    treated = mean * level * np.where(AFTER, 1 - drop, 1.0) * np.exp(noise(generator) if own else 0)
    counts = [generator.poisson(generator.gamma(m / 0.5, 0.5)) for m in (treated, 3 * mean * level)]
    return [each.astype(float) for each in counts]


def verdicts(runs, **kinds):
    found = [effect(y, AFTER, control=c) for y, c in (weeks(seed, **kinds) for seed in range(runs))]
    return {
        name: sum(f.verdict == name for f in found) / runs for name in {f.verdict for f in found}
    }


@pytest.mark.parametrize(("shared", "own"), [(False, False), (True, False), (False, True)])
def test_no_effect_is_seldom_called_one(shared, own):
    # 5 % is nominal; of 300 runs more than 26 would come in less than one of 200 tries.
    assert verdicts(300, shared=shared, own=own).get("works", 0.0) <= 26 / 300


def test_a_tenth_less_is_seen_at_200_a_week():
    assert verdicts(60, drop=0.1).get("works", 0.0) >= 0.9


def test_growth_is_called_worse():
    assert verdicts(20, drop=-0.25).get("worse", 0.0) == 1.0


def test_the_interval_holds_the_truth():
    inside = [
        f.low < 0.8 < f.high
        for f in (effect(y, AFTER, control=c) for y, c in (weeks(s, drop=0.2) for s in range(200)))
    ]
    assert 0.84 <= np.mean(inside) <= 0.96


def test_users_are_exposure():
    treated, control = weeks(1)
    grown = np.where(AFTER, 2.0, 1.0)
    found = effect(treated * grown, AFTER, control=control, users=1e6 * grown)
    assert found.rate_ratio == pytest.approx(1.0, abs=0.1)


def test_an_alarm_left_out_is_not_taken_for_an_effect():
    treated, control = weeks(2, shared=False)
    treated[96:104] *= 2.0
    assert effect(treated, AFTER, control=control).rate_ratio < 0.97
    spared = effect(treated, AFTER, control=control, left_out=(WEEKS >= 96) & ~AFTER)
    assert spared.rate_ratio == pytest.approx(1.0, abs=0.05)


def test_too_early_to_judge():
    treated, control = (each[:106] for each in weeks(3, drop=0.5))
    found = effect(treated, AFTER[:106], control=control)
    assert found.verdict == "not_yet_judgeable"
    assert found.reasons


def test_a_drop_too_small_to_see_is_not_denied():
    treated, control = weeks(4, mean=1.0)
    found = effect(treated, AFTER, control=control, expected_drop=0.1)
    assert found.verdict == "not_yet_judgeable"
    assert found.smallest_detectable_drop > 0.1


@pytest.mark.parametrize("control", [None, np.zeros(130)])
def test_nothing_counted_is_not_judged(control):
    found = effect(np.zeros(130), AFTER, control=control)
    assert found.verdict == "not_yet_judgeable"


@pytest.mark.parametrize("against", [True, False])
def test_a_measure_after_which_nobody_complains_works(against):
    """Before, the best there can be was not judgeable: nought has no logarithm."""
    treated, control = weeks(6, mean=20.0)
    treated[AFTER] = 0
    found = effect(treated, AFTER, control=control if against else None)
    assert (found.verdict, found.rate_ratio, found.low) == ("works", 0.0, 0.0)
    assert 0.0 < found.high < (0.05 if against else 0.2)
    assert found.smallest_detectable_drop < 0.6


def test_none_after_hardly_any_before_shows_nothing():
    """One in four weeks before, and none in the four weeks after."""
    treated = np.r_[np.tile([0.0, 0.0, 0.0, 1.0], 26), np.zeros(4)]
    found = effect(treated, np.arange(108) >= 104, control=np.full(108, 50.0))
    assert found.verdict == "not_yet_judgeable"
    assert found.high > 1.0


def test_the_end_of_an_interval_from_none_holds_the_truth():
    """Of chances to see none after, the true ratio lies above the end in one of twenty at most."""
    generator, beyond = np.random.default_rng(8), 0
    after = np.arange(70) >= 60
    for _ in range(400):
        control = generator.poisson(100.0, 70).astype(float)
        treated = generator.poisson(np.where(after, 0.28, 4.0)).astype(float)
        if treated[after].sum() == 0:
            beyond += effect(treated, after, control=control).high < 0.07
    assert beyond <= 20


def test_without_a_control_a_large_drop_is_seen():
    treated, _ = weeks(5, drop=0.6, shared=False)
    found = effect(treated, AFTER)
    assert found.verdict == "works"
    assert "no control" in found.method
