"""The scan as a whole: what is stated is kept, what moves with the moon is no issue."""

from datetime import date, timedelta

import numpy as np
import pytest

from amends.engines.detection.baseline.golden_weeks import days_of, places
from amends.engines.detection.calibration import (
    AlarmCalibration,
    calibrate,
    episodes,
    episodes_above,
)
from amends.engines.detection.evidence import ALTERNATIVES, FRESH
from amends.engines.detection.false_discovery_rate import discoveries
from amends.engines.detection.issues import issues
from amends.engines.detection.scan import scan


def overdispersed(generator, mean, size, spread=0.5):
    return generator.poisson(generator.gamma(np.broadcast_to(mean, size) / spread, spread)).astype(
        np.int32
    )


def _at_night(*cases):
    return [pytest.param(*case, marks=pytest.mark.nightly) for case in cases]


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


@pytest.mark.parametrize("hours", [1, 5, 30])
def test_an_hour_is_judged_alike_with_the_rest_of_its_day_and_without(hours):
    """A day has one fit: what it says of an hour does not hang on how many are asked for."""
    counts = overdispersed(np.random.default_rng(9), 1.5, (60 * 24 + 13, 30))
    counts[:700, 4] = -1
    known = AlarmCalibration(3.0, 0.1)
    whole = scan(counts, last=48, period="hour", calibration=known)
    some = scan(counts, last=hours, period="hour", calibration=known)
    assert np.isfinite(some.mean).all()
    np.testing.assert_allclose(some.mean, whole.mean[-hours:], rtol=1e-12)
    np.testing.assert_allclose(some.evidence, whole.evidence[-hours:], rtol=1e-9)


def test_runs_above_every_threshold_are_counted_at_once():
    evidence = np.round(np.random.default_rng(2).normal(size=(26, 300)) * 3, 1)
    grid = np.arange(0.0, 12.0, 0.1)
    one_by_one = [episodes(evidence > threshold) for threshold in grid]
    assert episodes_above(evidence, grid).tolist() == one_by_one


def test_the_same_seed_says_the_same():
    counts = overdispersed(np.random.default_rng(1), 5.0, (320, 20))
    one, two = (scan(counts, last=10, workers=workers) for workers in (1, 2))
    assert (one.evidence == two.evidence).all()
    assert one.calibration == two.calibration


def test_a_threefold_week_is_found():
    counts = overdispersed(np.random.default_rng(2), 10.0, (320, 40))
    counts[-1] *= 3
    assert scan(counts, last=1).alarms.mean() >= 0.5


@pytest.mark.parametrize(
    ("mean", "unlike"), [(5.0, 0.3), (20.0, 0.0), *_at_night((5.0, 0.0), (20.0, 0.3))]
)
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


def hours_of_festivals(seed, mean, cells, weeks=61):
    """Hours from 6 January 2025 on, with a day's rhythm and twice as much in two festivals."""
    days = [date(2025, 1, 6) + timedelta(days=hour // 24) for hour in range(weeks * 168)]
    special = days_of(days)
    busy = np.where((np.arange(len(days)) % 24 > 8) & (np.arange(len(days)) % 24 < 22), 1.4, 0.45)
    means = mean * busy * np.where(special > 0, 2.0, 1.0)
    counts = overdispersed(
        np.random.default_rng(seed), np.repeat(means[:, None], cells, axis=1), (len(days), cells)
    )
    return counts, special, means


@pytest.mark.parametrize(("seed", "mean"), [(5, 3.0), *_at_night((7, 0.5))])
def test_hours_of_a_festival_raise_no_more_than_others_where_one_is_known(seed, mean):
    """Fourteen months are known: last year's festival lies far beyond what hours are held to."""
    counts, special, means = hours_of_festivals(seed, mean, cells=8)
    last = 5 * 168
    wishes = {"last": last, "period": "hour", "start": date(2025, 1, 6)}
    learnt = scan(counts, special=special, **wishes)
    blind = scan(counts, calibration=learnt.calibration, **wishes)
    festival = special[-last:] > 0
    assert festival.sum() == 504
    # 0.45 episodes a series and year ask for 0.2 in these hours.
    assert episodes(learnt.alarms[festival]) <= 3
    assert blind.alarms[festival].mean() > 0.015
    assert blind.alarms[festival].mean() > 20 * learnt.alarms[festival].mean()
    assert learnt.mean[festival].mean() == pytest.approx(means[-last:][festival].mean(), rel=0.06)


def test_hours_after_a_festival_are_not_held_against_it():
    """What the festival brought is no usual hour of the weeks that follow."""
    counts, special, means = hours_of_festivals(8, 3.0, cells=8, weeks=63)
    found = scan(
        counts,
        last=168,
        period="hour",
        start=date(2025, 1, 6),
        special=special,
        calibration=AlarmCalibration(5.0, 0.45),
    )
    assert not special[-168:].any()
    assert found.mean.mean() == pytest.approx(means[-168:].mean(), rel=0.05)


def test_an_issue_in_the_hours_of_a_festival_is_found():
    counts, special, _ = hours_of_festivals(9, 3.0, cells=8, weeks=58)
    assert special[-1] > 0
    counts[-6:, 3] *= 3
    found = scan(
        counts,
        last=24,
        period="hour",
        start=date(2025, 1, 6),
        special=special,
        calibration=AlarmCalibration(6.0, 0.45),
    )
    assert np.flatnonzero(found.alarms[-6:].any(axis=0)).tolist() == [3]


@pytest.mark.parametrize("period", ["day", "hour"])
def test_the_week_of_national_day_is_learnt_and_its_first_day_too(period):
    """Last year it brought twice as much, its first day five times: so much is expected again."""
    each = 24 if period == "hour" else 1
    start, weeks = date(2025, 7, 7), 66
    days = [start + timedelta(days=row // each) for row in range(weeks * 7 * each)]
    special = days_of(days)
    lift = np.where(special == 22, 5.0, np.where(special > 22, 2.0, 1.0))
    means = np.repeat((24.0 / each * lift)[:, None], 12, axis=1)
    counts = overdispersed(np.random.default_rng(21), means, means.shape)
    last = 14 * each
    counts, special, means = (one[: 458 * each] for one in (counts, special, means))
    wishes = {"last": last, "period": period, "start": start}
    learnt = scan(counts, special=special, **wishes)
    blind = scan(counts, calibration=learnt.calibration, **wishes)
    first = special[-last:] == 22
    holiday = special[-last:] > 0
    assert (first.sum(), holiday.sum()) == (each, 7 * each)
    assert learnt.mean[first].mean() == pytest.approx(means[-last:][first].mean(), rel=0.12)
    assert learnt.mean[holiday].mean() == pytest.approx(means[-last:][holiday].mean(), rel=0.06)
    assert learnt.alarms[holiday].mean() < 0.02
    assert blind.alarms[holiday].mean() > 0.2


@pytest.mark.parametrize(("begins", "height"), [(150, 220), (300, 220), (60, 1_100)])
def test_an_old_epidemic_swallows_no_later_week(begins, height):
    """Before, 18 were counted in sixteen ordinary weeks against 1.7 or 170 expected."""
    counts = np.random.default_rng(5).poisson(1.1, (624, 40)).astype(np.int32)
    counts[begins : begins + 30] += np.random.default_rng(6).poisson(height, (30, 40))
    found = scan(counts, last=16)
    expected = np.nansum(found.mean, axis=0)
    assert 12 < np.median(expected) < 22
    assert found.alarms.mean() < 0.03


def test_a_period_in_which_nothing_was_counted_is_in_no_alarm():
    counts = np.zeros((320, 30), dtype=np.int32)
    counts[100::80] = 1
    counts[-2] = 9
    found = scan(counts, last=4)
    assert found.alarms[-2].all()
    assert not found.alarms[-1].any()
