"""The likelihood ratio an alarm rests on."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from amends.engines.detection.evidence import log_ratio


@settings(deadline=None)
@given(mean=st.floats(0.05, 300), more=st.floats(0.1, 50), dispersion=st.floats(1.0, 8))
def test_a_likelihood_ratio_has_mean_one(mean, more, dispersion):
    counts = np.arange(0, 6_000)
    if dispersion < 1.02:
        share = stats.poisson.pmf(counts, mean)
    else:
        share = stats.nbinom.pmf(counts, mean / (dispersion - 1), 1 / dispersion)
    there = share > 0
    ratio = [log_ratio(float(y), mean, more, dispersion) for y in counts[there]]
    assert float((share[there] * np.exp(ratio)).sum()) == pytest.approx(1.0, abs=1e-3)


@settings(deadline=None)
@given(mean=st.floats(0.05, 300), more=st.floats(0.1, 500), dispersion=st.floats(1.0, 8))
def test_more_complaints_never_speak_for_less(mean, more, dispersion):
    ratio = [log_ratio(float(y), mean, more, dispersion) for y in range(0, 5_000, 7)]
    assert np.diff(ratio).min() >= -1e-9
