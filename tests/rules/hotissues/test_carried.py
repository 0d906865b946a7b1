"""What carries an excess: the parent where it is the whole parent, the child where it is one."""

from __future__ import annotations

import numpy as np

from amends.hotissues.rules.carried import carriers

VIEWS = [("province", "partner", "channel"), ("area", "product", "channel")]


def rows(many: int, seed: int) -> dict[str, list[str]]:
    """People by chance: two provinces of three areas, two partners of two products."""
    chance = np.random.default_rng(seed)
    areas = [f"{'ab'[n // 3]}{n % 3}" for n in chance.integers(0, 6, many)]
    products = [f"{'xy'[n // 2]}{n % 2}" for n in chance.integers(0, 4, many)]
    return {
        "area": areas, "province": [one[0] for one in areas],
        "product": products, "partner": [one[0] for one in products],
        "channel": [("web", "phone", "app")[n] for n in chance.integers(0, 3, many)],
    }  # fmt: skip


def put(columns: dict[str, list[str]], **fixed: str) -> dict[str, list[str]]:
    return {name: [fixed.get(name, value) for value in values] for name, values in columns.items()}


def told(inside: dict[str, list[str]]) -> list[tuple[tuple[str, str], ...]]:
    found = carriers(inside, rows(400, 1), views=VIEWS, scale=0.05)
    return [one.values for one in found]


def test_a_whole_parent_is_told_and_its_children_are_not() -> None:
    inside = rows(60, 2) | {}
    inside = put(inside, province="a")
    inside["area"] = [f"a{one[1]}" for one in inside["area"]]
    assert told(inside) == [(("province", "a"),)]


def test_one_area_alone_is_told_as_the_area() -> None:
    assert told(put(rows(40, 3), province="a", area="a1")) == [(("area", "a1"),)]


def test_one_product_in_one_area_is_told_as_both() -> None:
    found = told(put(rows(40, 4), province="b", area="b2", partner="x", product="x0"))
    assert found == [(("area", "b2"), ("product", "x0"))]


def test_two_places_are_two_carriers() -> None:
    south = put(rows(30, 5), province="a", area="a0")
    phone = put(rows(30, 6), partner="y", product="y1")
    both = {name: south[name] + phone[name] for name in south}
    assert sorted(told(both)) == [(("area", "a0"),), (("product", "y1"),)]


def test_what_is_not_known_carries_nothing_and_nobody_is_no_issue() -> None:
    assert told(put(rows(40, 7), area="", province="", product="", partner="")) == []
    assert told({name: [] for name in rows(1, 8)}) == []
