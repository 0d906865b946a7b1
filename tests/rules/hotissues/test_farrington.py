"""The fit against R's figures, and the compiled fit against a slow oracle.

`farrington_judge.csv` holds the p-values of R 4.5.0 with surveillance 1.24.1 (Debian) for the
counts beside it: 12 of the 42 scenarios of Noufaily et al., seed 11, past outbreaks k = 3, one of
k = 5 in the last 49 weeks, weeks from Monday 4 January 2010, the settings of `farrington.py`; and
one series, `near`, with a residual at the weighting threshold in week 43.
"""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.hotissues import oracle

from amends.engines.detection.baseline import kernel
from amends.engines.detection.baseline.expect import expect
from amends.engines.detection.baseline.farrington import p_values
from amends.engines.detection.baseline.references import References, references

HERE = Path(__file__).parent
MONDAY = date(2010, 1, 4)
FOUND = ("mean", "dispersion", "doubt", "slope", "plain", "kinship")


def table(name):
    return np.loadtxt(HERE / name, delimiter=",", skiprows=1)


def both(counts, at):
    """What the compiled fit leads to expect, and the oracle."""
    with pytest.MonkeyPatch.context() as patch:
        one = expect(counts, at)
        patch.setattr(kernel, "fit", oracle.fit)
        return one, expect(counts, at)


def test_p_values_are_those_of_r():
    counts = table("farrington_counts.csv").astype(np.int32)
    judge = table("farrington_judge.csv")
    found = p_values(counts, range(575, 624), start=MONDAY)
    assert np.abs(found - judge).max() < 1e-4
    for level in (0.005, 0.01):
        assert ((found <= level) == (judge <= level)).all()


def test_a_residual_at_the_threshold_is_weighted_as_r_does():
    """The maximum of the likelihood, unlike its last working weights, puts it on the other side."""
    counts = table("farrington_counts.csv").astype(np.int32)[:, -1:]
    at = references(575 + 43, start=MONDAY, years=5)
    exact, stopped = (expect(counts, at, as_published=flag) for flag in (False, True))
    assert abs(exact.plain[0] / stopped.plain[0] - 1.0) > 1e-4


@settings(deadline=None, max_examples=40)
@given(
    mean=st.floats(0.05, 80),
    seed=st.integers(0, 1_000),
    missing=st.floats(0, 0.2),
    row=st.integers(12, 400),
)
def test_both_engines_fit_the_same(mean, seed, missing, row):
    generator = np.random.default_rng(seed)
    counts = generator.poisson(mean * generator.gamma(2, 0.5, (401, 5))).astype(np.int32)
    counts[generator.random(counts.shape) < missing] = -1
    at = references(row)
    one, other = both(counts, at)
    for name in FOUND:
        np.testing.assert_allclose(
            getattr(one, name), getattr(other, name), rtol=2e-5, atol=1e-7, err_msg=name
        )


@pytest.mark.parametrize("growth", [0.0, 0.01, 0.045, -0.045])
def test_steep_cells_and_their_neighbours_fit_the_same(growth):
    """Beyond a slope the shared power series ends; the block it is in then takes the long way."""
    generator = np.random.default_rng(8)
    level = np.full((300, 20), 6.0)
    level[:, 3] = 2.0 * np.exp(growth * (np.arange(300) - 150))
    counts = generator.poisson(level).astype(np.int32)
    counts[100:103, 5] += 60
    at = references(299)
    one, other = both(counts, at)
    for name in FOUND:
        np.testing.assert_allclose(
            getattr(one, name), getattr(other, name), rtol=2e-5, atol=1e-7, err_msg=name
        )


def test_no_result_hangs_on_the_cells_beside_it_or_on_threads():
    """To the last bit: blocks, their borders, the order of cells, threads."""
    generator = np.random.default_rng(9)
    level = np.exp(generator.uniform(-2, 5, 4_100))
    trend = np.exp(generator.normal(0, 0.008, 4_100) * np.arange(300)[:, None])
    counts = generator.poisson(np.minimum(level * trend, 1e6)).astype(np.int32)
    counts[generator.integers(0, 300, 60), generator.integers(0, 4_100, 60)] = -1
    at = references(299)
    whole = expect(counts, at)
    order = generator.permutation(4_100)
    for cells, workers in ((order, 1), (np.arange(4_100), 2), (np.arange(7, 50), 1)):
        part = expect(np.ascontiguousarray(counts[:, cells]), at, workers=workers)
        for name in ("doubt", "slope", "plain", "plain_dispersion"):
            np.testing.assert_array_equal(getattr(part, name), getattr(whole, name)[cells])


@pytest.mark.parametrize("missing", [0.0, 0.1])
def test_counts_of_many_millions_fit_the_same(missing):
    generator = np.random.default_rng(10)
    counts = generator.poisson(3e7, (300, 3)).astype(np.int32)
    counts[generator.random(counts.shape) < missing] = -1
    one, other = both(counts, references(299))
    for name in FOUND:
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=2e-5, atol=1e-7)


def test_a_past_outbreak_does_not_raise_the_expectation():
    quiet = np.random.default_rng(1).poisson(20, (300, 1)).astype(np.int32)
    struck = quiet.copy()
    struck[150:153] += 120
    calm, after = (float(expect(c, references(299)).mean[0]) for c in (quiet, struck))
    naive = struck[:273].mean() - quiet[:273].mean()
    assert after == pytest.approx(calm, rel=0.06)
    assert naive > 1.0


def test_a_season_of_zeros_leaves_some_expectation():
    counts = np.random.default_rng(2).poisson(1.0, (300, 1)).astype(np.int32)
    at = references(299)
    counts[at.first : at.first + at.fitted][at.levels[: at.fitted] == 0] = 0
    found = expect(counts, at)
    assert found.plain[0] == 0.0
    assert found.mean[0] > 0.0


def test_a_trend_predicts_no_more_than_was_seen():
    """As published it is left out then; of growth that is real that would leave too little."""
    counts = np.round(np.exp(np.arange(300) * 0.02))[:, None].astype(np.int32)
    at = references(299)
    assert isinstance(at, References)
    most = counts[at.first : at.first + at.fitted].max()
    assert expect(counts, at).mean[0] == most
    published = expect(counts, at, as_published=True)
    assert published.slope[0] == 0.0
    assert published.plain[0] < most / 2
