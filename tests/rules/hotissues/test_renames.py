"""Only what is surely a new name is said to be one."""

import numpy as np
import pytest

from amends.engines.detection.renames import renames
from amends.engines.detection.scan import scan

pytestmark = pytest.mark.no_database

WEEKS, LAST = 320, 15


def poisson(mean, seed, cells=1):
    return np.random.default_rng(seed).poisson(mean, (WEEKS, cells)).astype(np.int32)


def found(counts):
    done = scan(counts, last=LAST)
    return done, renames(counts[-LAST:], done, [""] * counts.shape[1])


def test_unrelated_series_are_no_renames():
    """600 series, outbreaks in 60 of them and sudden falls in 20 others."""
    counts = poisson(20, 1, 600)
    counts[-6:, :60] += 25
    counts[-6:, 100:120] = poisson(8, 2, 20)[-6:]
    done, said = found(counts)
    assert done.alarms[:, :60].any(axis=0).mean() > 0.9
    assert said == []


def test_a_new_name_among_many_series_is_found():
    counts = poisson(20, 3, 300)
    counts[-8:, 7], counts[-8:, 8] = 0, counts[-8:, 8] + poisson(20, 4)[-8:, 0]
    _done, said = found(counts)
    assert [(one.old, one.new) for one in said] == [((7,), (8,))]
