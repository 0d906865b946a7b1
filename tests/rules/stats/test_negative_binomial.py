"""Tails of counts against SciPy's distributions, and the compiled form against the array form."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from amends.engines.stats.negative_binomial import tail_of, upper_tail


@settings(deadline=None)  # the first example compiles
@given(
    count=st.integers(0, 3_000),
    mean=st.floats(0.001, 2_000),
    dispersion=st.one_of(st.just(1.0), st.floats(1.01, 30)),
)
def test_tails_are_those_of_the_distributions(count, mean, dispersion):
    if dispersion == 1.0:
        expected = stats.poisson.sf(count - 1, mean)
    else:
        expected = stats.nbinom.sf(count - 1, mean / (dispersion - 1), 1 / dispersion)
    assert upper_tail(count, mean=mean, dispersion=dispersion) == pytest.approx(expected, abs=1e-9)
    assert tail_of(float(count), mean, dispersion) == pytest.approx(expected, abs=1e-9)


def test_nothing_expected_and_nothing_seen():
    assert upper_tail([0, 1], mean=0.0, dispersion=1.0).tolist() == [1.0, 0.0]
    assert tail_of(0.0, 0.0, 1.0) == 1.0
    assert tail_of(1.0, 0.0, 1.0) == 0.0
