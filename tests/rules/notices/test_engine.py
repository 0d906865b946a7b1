"""The engine is the function that the oracle writes down in words."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.rules.notices import engine_world as world
from tests.rules.notices import oracle

from amends.engines.metering.engine.layout import (
    COUNTED,
    LARGEST,
    MONEY,
    NO_PERIOD,
    ROAMING,
    TREATMENTS,
    UNKNOWN_LINE,
    UsageColumns,
    country_code,
)
from amends.engines.metering.engine.marks import MeteringPlan
from amends.engines.metering.engine.seen import grown_for, mark, restored
from amends.platform.kit.errors import BadInput

SEEDS = st.integers(0, 2**32)


def everything(by, seed, size=400, sizes=None, lines=12, prepare=None):
    chance = np.random.default_rng(seed)
    rules, memory = world.rules(), world.memory(lines)
    batch = world.random_batch(chance, size, lines)
    if prepare:
        prepare(memory, np.random.default_rng(seed))
    notices, treatment, memory = world.run(rules, memory, batch, by, sizes)
    seen = {day: sorted(one.listed().tolist()) for day, one in memory.seen.items()}
    return (
        notices.tobytes(),
        treatment.tobytes(),
        memory.lines.state.tobytes(),
        memory.lines.terms.tobytes(),
        seen,
    )


@given(seed=SEEDS)
def test_engine_and_oracle_are_equal(seed):
    expected = everything("oracle", seed)
    assert everything("engine", seed) == expected


def near_the_end(memory, chance):
    memory.lines.state["used"][:] = LARGEST - chance.integers(
        0, 2**24, memory.lines.state["used"].shape
    )
    memory.lines.state["period"] = 74


def known_past(memory, chance):
    memory.lines.state["past"] = chance.integers(0, 300, memory.lines.state["past"].shape)
    memory.lines.state["period"] = chance.integers(71, 75, 12)


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS)
def test_equal_with_periods_behind_them(seed):
    expected = everything("oracle", seed, prepare=known_past)
    assert everything("engine", seed, prepare=known_past) == expected


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS)
def test_counters_near_their_end_stop_there(seed):
    expected = everything("oracle", seed, prepare=near_the_end)
    assert everything("engine", seed, prepare=near_the_end) == expected


def travellers(chance, size, lines):
    """Records of one period, nothing taken away, half of them abroad, over six days."""
    at = world.START_MS + 8 * world.DAY + np.sort(chance.integers(0, 6 * world.DAY, size))
    codes = [country_code(iso) for iso in ("TH", "FR", "JP")]
    kind = chance.choice(4, size, p=[0.5, 0.2, 0.2, 0.1]).astype(np.uint8)
    columns = (
        chance.permutation(size).astype(np.uint64) + 1,
        chance.integers(0, lines, size),
        at,
        kind,
        np.where(kind == 0, chance.integers(0, 12 * world.MB, size), chance.integers(0, 90, size)),
        np.where(chance.random(size) < 0.5, chance.integers(0, 6_000, size), 0),
        np.where(chance.random(size) < 0.5, chance.choice(codes, size), 0).astype(np.uint16),
    )
    return UsageColumns(*columns)


WITHOUT_RECURRING = tuple(
    replace(duty, steps=tuple(step for step in duty.steps if step.kind != "every"))
    for duty in world.DUTIES
)


@given(
    seed=SEEDS,
    lines=st.integers(1, 30),
    size=st.integers(1, 300),
    cut=st.integers(0, 300),
    by_volume=st.booleans(),
    of_all=st.booleans(),
)
def test_journeys_are_equal(seed, lines, size, cut, by_volume, of_all):
    batch = travellers(np.random.default_rng(seed), size, lines)
    found = {}
    for by in ("oracle", "engine"):
        rules = replace(
            world.rules(WITHOUT_RECURRING), roaming_by_volume=by_volume, roaming_of_all=of_all
        )
        sizes = [min(cut, size), size - min(cut, size)]
        notices, treatment, memory = world.run(rules, world.memory(lines), batch, by, sizes, day=20)
        state = memory.lines.state
        found[by] = (
            notices.tobytes(),
            treatment.tobytes(),
            state.tobytes(),
            memory.lines.terms.tobytes(),
        )
    assert found["engine"] == found["oracle"]


def over_two_counters(rules):
    """The mark `high` on what is charged and what is charged abroad together."""
    place = next(n for n, mark in enumerate(rules.marks) if mark.step == "high")
    masks, lowest, open_marks = rules.masks.copy(), rules.lowest.copy(), rules.open_marks.copy()
    masks[place] = 1 << ROAMING | 1 << MONEY
    for counter in (ROAMING, MONEY):
        lowest[:, counter] = -LARGEST
        open_marks[:, counter] |= 1 << place
    return replace(rules, masks=masks, lowest=lowest, open_marks=open_marks)


@given(seed=SEEDS, lines=st.integers(1, 30), size=st.integers(1, 400), cut=st.integers(0, 400))
def test_plain_lines_with_a_past_and_a_mark_over_two_counters_are_equal(seed, lines, size, cut):
    batch = travellers(np.random.default_rng(seed), size, lines)
    rules = over_two_counters(world.rules(WITHOUT_RECURRING))
    sizes = [min(cut, size), size - min(cut, size)]
    found = {}
    for by in ("oracle", "engine"):
        chance, memory = np.random.default_rng(seed), world.memory(lines)
        state = memory.lines.state
        state["past"] = chance.integers(-1, 4_000, state["past"].shape)
        state["used"][:, MONEY] = chance.integers(0, 9_000, lines)
        state["period"] = chance.choice([73, 74, 255], lines)
        memory.lines.terms["carried"] = chance.integers(-3_000, 3_000, lines)
        notices, treatment, memory = world.run(rules, memory, batch, by, sizes, day=20)
        found[by] = (
            notices.tobytes(),
            treatment.tobytes(),
            state.tobytes(),
            memory.lines.terms.tobytes(),
        )
    assert found["engine"] == found["oracle"]


@given(seed=SEEDS, size=st.integers(0, 300), before=st.integers(0, 200), room=st.integers(1, 6))
def test_ids_whose_places_are_alike_are_told_apart(seed, size, before, room):
    """Few places, few of their upper halves, and many that come again, some with other content."""
    chance = np.random.default_rng(seed)
    back = np.uint64(pow(0x9E3779B97F4A7C15, -1, 2**64))
    places = chance.integers(1, 4 + size // 3, size) | chance.integers(0, room, size) << 60
    ids = places.astype(np.uint64) * back
    contents = chance.integers(0, 2, size).astype(np.uint16)
    days = chance.integers(7, 9, size)
    found = []
    for how in (oracle.mark, mark):
        again = np.random.default_rng(seed)
        treatment = again.choice([COUNTED, COUNTED, UNKNOWN_LINE], size).astype(np.uint8)
        known = again.permutation(np.unique(ids))[:before]
        seen = restored(known, np.zeros(len(known), np.uint16))
        seen = grown_for(seen, size)
        new = how(seen, ids, contents, treatment, days=days, day=7)
        found.append((new.tolist(), treatment.tolist()))
    assert found[1] == found[0]
    assert seen.entries == len(known) + len(new)
    listed = sorted(seen.listed()["record"].tolist())
    assert listed == sorted({*known.tolist(), *ids[new].tolist()})


# An altered record and its repeat after the cut: both are held against the first before the cut.
@example(seed=50311, cuts=[162])
@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, cuts=st.lists(st.integers(0, 400), max_size=6))
def test_how_records_are_cut_into_batches_changes_nothing(seed, cuts):
    edges = [0, *sorted(cuts), 400]
    sizes = [later - earlier for earlier, later in pairwise(edges)]
    whole = everything("oracle", seed)
    for by in ("oracle", "engine"):
        assert everything(by, seed, sizes=sizes) == whole


def test_the_random_records_meet_every_treatment_and_every_mark():
    rules, memory = world.rules(), world.memory(12)
    memory.lines.state["past"] = 300
    batch = world.random_batch(np.random.default_rng(5), 60_000, 12, days=140)
    notices, treatment, memory = world.run(rules, memory, batch)
    met = {TREATMENTS[one] for one in np.unique(treatment)}
    assert met >= set(TREATMENTS) - {"malformed", "too_old"}
    assert set(notices["step"].tolist()) == set(range(len(rules.marks)))
    assert (memory.lines.state["period"] != NO_PERIOD).all()


@pytest.mark.parametrize("by", ["oracle", "engine"])
def test_a_balance_does_not_fill_up_again_with_the_month(by):
    rules, memory = (
        world.rules(plans=(MeteringPlan("prepaid", balance_minor=10_000),)),
        world.memory(1),
    )
    memory.lines.terms["plan"] = 0
    use = world.Columns()
    for day, charge in ((6, 9_500), (40, 300), (41, 300)):
        use.use(0, world.START_MS + day * world.DAY, kind=3, charge=charge)
    notices, _, memory = world.run(rules, memory, use.batch(), by, sizes=[1, 1, 1], day=45)
    of_balance = [mark.step for mark in rules.marks if mark.duty == "balance"]
    steps = [rules.marks[int(one["step"])] for one in notices]
    notified = [
        (mark.step, int(one["used"]), int(one["limit"]))
        for mark, one in zip(steps, notices, strict=True)
        if mark.duty == "balance"
    ]
    assert of_balance == ["low", "negative"]
    assert notified == [("low", 9_500, 9_001), ("negative", 10_100, 10_001)]
    assert memory.lines.terms["carried"].tolist() == [9_500]
    assert memory.lines.state["used"][0].tolist()[4] == 600
    assert memory.lines.state["past"][0].tolist() == [9_500, -1, -1]


@pytest.mark.parametrize("by", ["oracle", "engine"])
@pytest.mark.parametrize("counters", [("roaming_data",), ("roaming_data", "money")])
def test_a_cap_on_roaming_charges_counts_calls_and_one_on_data_does_not(by, counters):
    duty = next(one for one in world.DUTIES if one.id == "roaming")
    rules, memory = world.rules((replace(duty, counters=counters),)), world.memory(1)
    use, at = world.Columns(), world.START_MS + 6 * world.DAY
    thailand = country_code("TH")
    use.use(0, at, kind=0, amount=9, charge=2_000, country=thailand)
    use.use(0, at + 1, kind=1, amount=60, charge=3_500, country=thailand)
    use.use(0, at + 2, kind=1, amount=60, charge=1, country=thailand)
    use.use(0, at + 3, kind=3, charge=600, country=thailand)
    notices, treatment, memory = world.run(rules, memory, use.batch(), by, day=8)
    notified = [(rules.marks[int(one["step"])].step, int(one["used"])) for one in notices]
    if "money" in counters:
        assert notified == [("80%", 5_500), ("cap", 5_500)]
        assert [TREATMENTS[one] for one in treatment] == [
            "counted",
            "counted",
            "counted_held",
            "counted",
        ]
        assert memory.lines.state["used"][0, 3] == 6_101
    else:
        assert notified == []
        assert memory.lines.state["used"][0, 3] == 2_000


def test_duties_that_count_roaming_differently_are_refused():
    duty = next(one for one in world.DUTIES if one.id == "roaming")
    with pytest.raises(BadInput, match="every charge abroad"):
        world.rules((duty, replace(duty, id="other", counters=("roaming_data", "money"))))
