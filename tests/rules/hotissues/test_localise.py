"""Where an excess sits."""

import numpy as np
import pytest

from amends.engines.detection.localise import localise, relative_noise

SHAPE = (6, 5, 4)


@pytest.fixture
def expected():
    return np.random.default_rng(3).gamma(2.0, 1.5, SHAPE)


def counted(mean):
    return np.random.default_rng(4).poisson(mean).astype(float)


def test_nothing_is_found_in_chance(expected):
    assert localise(counted(expected), expected) == []


def test_a_value_a_pair_and_their_strength(expected):
    mean = expected.copy()
    mean[2] *= 3.0
    mean[4, 1] *= 5.0
    found = localise(counted(mean), expected)
    assert {element.values for element in found} == {((0, 2),), ((0, 4), (1, 1))}
    assert found[0].score >= found[1].score
    assert all(element.seen > element.expected for element in found)


def test_siblings_are_not_shown_as_their_parent(expected):
    mean = expected * 4.0
    mean[:, 0] *= 4.0
    raised = mean.copy()
    raised[1, 0] *= 3.0
    raised[1, 1] *= 3.0
    found = {element.values for element in localise(counted(raised), mean)}
    assert found == {((0, 1), (1, 0)), ((0, 1), (1, 1))}


def test_a_child_explained_by_its_parent_is_not_shown_again(expected):
    mean = expected.copy()
    mean[:, :, 2] *= 4.0
    assert [element.values for element in localise(counted(mean), expected)] == [((2, 2),)]


def test_lack_is_found_only_where_asked_for(expected):
    mean = expected * 20.0
    less = mean.copy()
    less[3] *= 0.2
    seen = counted(less)
    assert localise(seen, mean) == []
    found = localise(seen, mean, noise=relative_noise(seen, mean), rise=False)
    assert [element.values for element in found] == [((0, 3),)]
