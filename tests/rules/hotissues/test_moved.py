"""Whether what rose was only moved: what siblings lost by chance makes no move."""

import numpy as np
import pytest

from amends.engines.detection.clusters import moved

pytestmark = pytest.mark.no_database


@pytest.mark.parametrize("areas", [10, 100, 300])
def test_a_rise_among_many_areas_is_none(areas: int) -> None:
    """Before, among 300 areas of 15 each, a rise of 30 was taken for a move in seven of ten cases:
    of so many some are always low."""
    chance = np.random.default_rng(1)
    expected = np.full(areas - 1, 15.0)
    taken = [moved(30.0, chance.poisson(expected).astype(float), expected) for _ in range(200)]
    assert np.mean(taken) <= 0.02


@pytest.mark.parametrize("areas", [10, 100, 300])
def test_an_area_that_was_drawn_anew_is_one(areas: int) -> None:
    chance = np.random.default_rng(2)
    expected = np.full(areas - 1, 15.0)
    known = []
    for _ in range(200):
        seen = chance.poisson(expected).astype(float)
        seen[0] = 0.0
        known.append(moved(15.0, seen, expected))
    assert np.mean(known) >= 0.98
