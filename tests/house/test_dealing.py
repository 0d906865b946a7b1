"""A run begins with what is long, loses no test and runs none twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.conftest import SLOW_FILES
from tests.conftest import __file__ as conftest
from tests.dealing import dealt
from tests.environment import runs_tests

pytestmark = pytest.mark.no_database


@pytest.mark.parametrize("shares", [1, 2, 3, 4])
def test_each_share_begins_with_its_long_groups_and_nothing_is_lost(shares: int) -> None:
    items = [f"{name}{number}" for name in "abcdefgh" for number in range(5)]
    order = dealt(items, lambda one: {"h": 0, "b": 1, "e": 2}.get(one[0]), shares)
    assert sorted(order) == items
    assert "".join(order).count("h0h1h2h3h4") == 1, "a group stays whole"
    size = len(items) // shares
    starts = {order[number * size] for number in range(min(shares, 3))}
    assert starts <= {"h0", "b0", "e0"}


def test_long_groups_alone_are_dealt_too() -> None:
    assert sorted(dealt("aabb", {"a": 0, "b": 1}.get, 3)) == list("aabb")


def test_the_long_files_are_there() -> None:
    assert [one for one in SLOW_FILES if not (Path(conftest).parent / one).is_file()] == []


def test_who_only_deals_tests_out_starts_no_database() -> None:
    assert not runs_tests(3, None)
    assert runs_tests(3, "gw0")
    assert runs_tests(0, None)
    assert runs_tests(None, None)
