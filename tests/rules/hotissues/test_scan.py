"""The scan as a whole: what is stated is kept, what moves with the moon is no issue."""

from datetime import date, timedelta

import numpy as np
import pytest

from amends.hotissues.rules.baseline.spring_festival import places
from amends.hotissues.rules.calibration import calibrate, episodes
from amends.hotissues.rules.discoveries import discoveries
from amends.hotissues.rules.evidence import ALTERNATIVES, FRESH
from amends.hotissues.rules.issues import issues
from amends.hotissues.rules.scan import scan


def overdispersed(generator, mean, size, spread=0.5):
    return generator.poisson(generator.gamma(np.broadcast_to(mean, size) / spread, spread)).astype(
        np.int32
    )


@pytest.mark.parametrize("alternatives", [*ALTERNATIVES.values(), FRESH])
def test_weights_are_a_prior(alternatives):
    assert alternatives.weights.sum() == pytest.approx(1.0)


@pytest.mark.parametrize(("mean", "asked"), [(0.4, 0.45), (8.0, 0.45), (60.0, 1.5)])
def test_false_issues_are_as_many_as_stated(mean, asked):
    counts = overdispersed(np.random.default_rng(11), mean, (380, 500))
    found = scan(counts, last=49, false_per_series_year=asked)
    realised = episodes(found.alarms) / found.alarms.size * 52.18
    assert found.calibration.expected <= asked
    # 470 series-years: four standard deviations of a Poisson count.
    assert realised == pytest.approx(
        found.calibration.expected, abs=4 * (asked / 470) ** 0.5 + 0.12 * asked
    )


def test_the_same_seed_says_the_same():
    counts = overdispersed(np.random.default_rng(1), 5.0, (320, 20))
    one, two = (scan(counts, last=10, workers=workers) for workers in (1, 2))
    assert (one.evidence == two.evidence).all()
    assert one.calibration == two.calibration


def test_a_threefold_week_is_found():
    counts = overdispersed(np.random.default_rng(2), 10.0, (320, 40))
    counts[-1] *= 3
    assert scan(counts, last=1).alarms.mean() >= 0.5


@pytest.mark.parametrize("mean", [5.0, 20.0])
@pytest.mark.parametrize("unlike", [0.0, 0.3])
def test_a_twofold_spring_festival_learnt_from_earlier_years_is_no_issue(mean, unlike):
    """No more alarms than elsewhere, though it does not do the same in all cells."""
    start = date(2019, 1, 7)
    days = [start + timedelta(weeks=week, days=3) for week in range(376)]
    special = places(days)
    generator = np.random.default_rng(3)
    factor = 2.0 * np.exp(generator.normal(0.0, unlike, 300))
    means = mean * np.where(special[:, None] > 0, factor, 1.0)
    counts = overdispersed(generator, means, means.shape)
    last = 376 - next(n for n, day in enumerate(days) if day > date(2025, 11, 1))
    learnt = scan(counts, last=last, start=start, special=special)
    blind = scan(counts, last=last, start=start)
    festival = special[-last:] > 0
    assert festival.sum() == 3
    # 900 places at some 1.4 %: three standard deviations of a binomial.
    assert learnt.alarms[festival].mean() < 0.014 + 3 * 0.0039
    assert blind.alarms[festival].mean() > 4 * learnt.alarms[festival].mean()
    assert learnt.mean[festival].mean() == pytest.approx(mean * factor.mean(), rel=0.05)


def test_the_festival_of_one_series_alone_is_learnt_from_its_own_years():
    start = date(2017, 1, 2)
    days = [start + timedelta(weeks=week, days=3) for week in range(480)]
    special = places(days)
    counts = overdispersed(
        np.random.default_rng(4), np.where(special > 0, 200.0, 100.0)[:, None], (480, 1)
    )
    found = scan(counts, last=20, start=start, special=special)
    festival = special[-20:] > 0
    assert festival.any()
    assert not found.alarms[festival].any()
    assert found.mean[festival, 0] == pytest.approx(200.0, rel=0.12)


def test_a_short_list_holds_mostly_true_cells():
    generator = np.random.default_rng(4)
    counts = overdispersed(generator, 6.0, (330, 600))
    counts[-1, :40] += 25
    found = scan(counts, last=30, alternatives=FRESH)
    named = discoveries(found.evidence[-1], found.null, share=0.1)
    assert named[:40].mean() > 0.8
    assert named[40:].sum() <= 0.3 * named.sum()


def test_fewer_false_ones_ask_for_more_evidence():
    null = np.random.default_rng(5).normal(-3, 2, (52, 1_000))
    asked = [5.0, 0.5, 0.05, 0.001]
    found = [calibrate(null, per_year=each, periods_a_year=52.18) for each in asked]
    thresholds = [each.threshold for each in found]
    assert thresholds == sorted(thresholds)
    assert all(each.expected <= rate for each, rate in zip(found, asked, strict=True))


def test_alarms_near_each_other_are_one_issue():
    alarms = np.zeros((20, 2), dtype=bool)
    alarms[[3, 5, 12], 0] = True
    alarms[19, 1] = True
    found = issues(alarms, period="week")
    assert [(issue.cell, issue.first, issue.last) for issue in found] == [
        (1, 19, 19),
        (0, 12, 12),
        (0, 3, 5),
    ]


def test_a_class_that_begins_anew_is_not_an_outbreak_for_ever():
    """Nothing was known of the cell before: it has no history, not a history of zeros."""
    counts = overdispersed(np.random.default_rng(6), 20.0, (320, 30))
    counts[:280] = -1
    found = scan(counts, last=12)
    assert found.alarms.mean() < 0.1
