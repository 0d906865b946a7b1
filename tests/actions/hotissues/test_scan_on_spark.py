"""A scan on Spark has the alarms, the evidence and the threshold of a scan in one process."""

from __future__ import annotations

import numpy as np
import pytest

from amends.engines.detection.scan import scan
from amends.problems.hotissues.actions.judge_on_spark import judge_on_spark


def counts(periods: int, cells: int) -> np.ndarray:
    chance = np.random.default_rng(7)
    mean = chance.gamma(2.0, 3.0, cells)
    found = chance.poisson(mean, (periods, cells)).astype(np.int32)
    found[-3:, ::11] += 30
    found[: periods // 2, 5] = -1
    return found


@pytest.mark.spark
def test_alarms_are_equal(spark) -> None:
    for period, size in (("week", 170), ("day", 120)):
        given = counts(size, 60)
        wishes = {"last": 12, "period": period}
        here, there = scan(given, **wishes), scan(given, judge=judge_on_spark(spark), **wishes)
        assert here.alarms.any()
        np.testing.assert_array_equal(here.alarms, there.alarms)
        np.testing.assert_array_equal(here.evidence, there.evidence)
        np.testing.assert_array_equal(here.mean, there.mean)
        assert here.calibration == there.calibration
