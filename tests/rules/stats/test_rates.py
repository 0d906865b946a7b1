"""Rates and ratios: exact intervals cover, units convert, tests agree with other software."""

import doctest
from math import isinf, isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.rates import confint_poisson

from amends.engines.stats import negative_binomial, rates


@pytest.mark.parametrize("module", [rates, negative_binomial])
def test_the_examples_run(module):
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0


@given(st.integers(0, 5_000), st.floats(1, 1e9))
def test_the_interval_is_statsmodels_exact_one(count, users):
    found = rates.rate(count, users)
    low, high = confint_poisson(count, users, method="exact-c")
    assert found.low == pytest.approx(np.nan_to_num(low) * 1e6, rel=1e-6)
    assert found.high == pytest.approx(high * 1e6, rel=1e-6)


@pytest.mark.parametrize("mean", [0.7, 3.0, 12.5, 80.0])
def test_the_interval_covers_at_least_its_level(mean):
    counts = np.arange(0, int(mean + 12 * mean**0.5 + 12))
    share = stats.poisson.pmf(counts, mean)
    covered = [
        found.low <= mean <= found.high
        for found in (rates.rate(int(c), 1.0, per=1.0) for c in counts)
    ]
    assert 0.95 <= float(share[covered].sum()) <= 1.0


@given(st.integers(0, 300), st.integers(0, 300), st.floats(1, 1e6), st.floats(1, 1e6))
def test_turning_the_ratio_round_turns_the_interval_round(count, other, users, other_users):
    one = rates.rate_ratio(count, users, other, other_users)
    two = rates.rate_ratio(other, other_users, count, users)
    assert one.p_value == pytest.approx(two.p_value, rel=1e-6)
    if count and other:
        assert one.ratio * two.ratio == pytest.approx(1.0)
        assert one.low * two.high == pytest.approx(1.0, rel=1e-6)
        assert one.low < one.ratio < one.high


def test_nothing_counted_says_nothing():
    found = rates.rate_ratio(0, 1.0, 0, 1.0)
    assert isnan(found.ratio)
    assert (found.low, found.p_value) == (0.0, 1.0)
    assert isinf(rates.rate_ratio(3, 1.0, 0, 1.0).ratio)


@pytest.mark.parametrize(("count", "users"), [(-1, 10.0), (1, 0.0), (1, float("nan"))])
def test_no_rate_without_users(count, users):
    with pytest.raises(ValueError):
        rates.rate(count, users)


@given(st.floats(0, 1e6), st.sampled_from(list(rates.UNITS)), st.sampled_from(list(rates.UNITS)))
def test_units_convert_back(value, unit, to):
    there = rates.convert(value, unit=unit, to=to)
    assert rates.convert(there, unit=to, to=unit) == pytest.approx(value)
