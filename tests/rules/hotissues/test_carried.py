"""What carries an excess: the parent where it is the whole parent, the child where it is one."""

from __future__ import annotations

import numpy as np

from amends.engines.detection.attribution import carriers

VIEWS = [("province", "partner", "channel"), ("area", "product", "channel")]


def rows(many: int, seed: int) -> dict[str, list[str]]:
    """People by chance: two provinces of three areas, two partners of two products."""
    chance = np.random.default_rng(seed)
    areas = [f"{'ab'[n // 3]}{n % 3}" for n in chance.integers(0, 6, many)]
    products = [f"{'xy'[n // 2]}{n % 2}" for n in chance.integers(0, 4, many)]
    return {
        "area": areas,
        "province": [one[0] for one in areas],
        "product": products,
        "partner": [one[0] for one in products],
        "channel": [("web", "phone", "app")[n] for n in chance.integers(0, 3, many)],
    }


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


def test_a_whole_partner_is_told_whole_however_few_came_before_in_each_cell() -> None:
    """Nothing is known of the detector's expectation. A cell nobody was in before is no other than
    its neighbours: what falls into one class of one partner is neither its products nor channels.
    """
    for seed in range(6):
        chance = np.random.default_rng(seed)

        def people(many: int, chance: np.random.Generator = chance) -> dict[str, list[str]]:
            products, codes = chance.integers(0, 24, many), chance.integers(0, 24, many)
            return {
                "product": [f"o{one}" for one in products],
                "partner": [f"s{one // 3}" for one in products],
                "channel": [f"c{one}" for one in chance.integers(0, 7, many)],
                "code": [f"k{one}" for one in codes],
                "root": [f"r{one // 4}" for one in codes],
                "area": [f"a{one}" for one in chance.integers(0, 20, many)],
            }

        before, inside = people(1000), put(people(60), partner="s0", code="k5", root="r1")
        inside["product"] = [f"o{at % 3}" for at in range(60)]
        views = [
            ("area", "partner", "channel", "root"),
            ("area", "partner", "channel", "code"),
            ("area", "product", "channel", "code"),
        ]
        found = carriers(inside, before, views=views, scale=0.05)
        assert [one.values for one in found] == [(("partner", "s0"), ("code", "k5"))], seed


def test_parts_of_one_whole_are_told_as_the_whole_where_nobody_was_expected() -> None:
    """A partner nearly nobody complained of before, now by few of the channels; but one class of a
    partner that had many complaints in others is told as the class."""
    before = rows(400, 1)
    kept = [at for at, one in enumerate(before["partner"]) if one == "x" or at % 40 == 0]
    new = {name: [values[at] for at in kept] for name, values in before.items()}
    inside = put(rows(120, 11), partner="y")
    inside["product"] = [f"y{at % 2}" for at in range(120)]
    inside["channel"] = ["phone"] * 70 + ["app"] * 45 + ["web"] * 5
    found = carriers(inside, new, views=VIEWS, scale=0.05)
    assert [one.values for one in found] == [(("partner", "y"),)]
    assert found[0].persons == 120
    assert told(put(inside, channel="app"))[0] == (("partner", "y"), ("channel", "app"))


def test_what_the_detector_expects_of_a_value_carries_nothing() -> None:
    """South has nine of ten of an issue that came in a week in which it was to have them."""
    before = {"area": ["south", "north"] * 120, "channel": ["web", "app", "app", "web"] * 60}
    inside = {"area": ["south"] * 72 + ["north"] * 8, "channel": ["web", "app"] * 40}
    views = [("area", "channel")]
    usual = {"": {"": 40.0}, "area": {"south": 36.0, "north": 4.0}}
    plainly = carriers(inside, before, views=views, scale=1 / 6)
    assert [one.values for one in plainly] == [(("area", "south"),)]
    assert carriers(inside, before, views=views, scale=1 / 6, usual=usual) == []


def test_an_issue_spread_as_usual_is_carried_by_nothing() -> None:
    assert told(rows(80, 9)) == []


def test_the_expectation_told_is_the_detectors() -> None:
    before = {"area": ["south", "north"] * 120, "channel": ["web", "app", "app", "web"] * 60}
    inside = {"area": ["south"] * 40, "channel": ["web", "app"] * 20}
    usual = {"": {"": 20.0}, "area": {"south": 4.0, "north": 16.0}}
    (one,) = carriers(inside, before, views=[("area", "channel")], scale=1.0, usual=usual)
    assert (one.values, one.persons, one.expected) == ((("area", "south"),), 40, 4.0)
