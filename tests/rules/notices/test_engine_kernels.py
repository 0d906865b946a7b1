"""The three kernels are one function: the oracle says what, NumPy and numba say it fast."""

from itertools import pairwise

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.rules.notices import engine_world as world

from amends.notices.rules.engine.layout import LARGEST, NO_PERIOD, TREATMENTS

SEEDS = st.integers(0, 2**32)


def everything(kernel, seed, size=400, sizes=None, lines=12, prepare=None):
    chance = np.random.default_rng(seed)
    rules, memory = world.rules(), world.memory(lines)
    batch = world.random_batch(chance, size, lines)
    if prepare:
        prepare(memory, np.random.default_rng(seed))
    notices, treatment, memory = world.run(rules, memory, batch, kernel, sizes)
    seen = {
        day: sorted(one.listed().tolist())
        for day, one in memory.seen.items()
    }  # fmt: skip
    return (
        notices.tobytes(), treatment.tobytes(), memory.lines.state.tobytes(),
        memory.lines.terms.tobytes(), seen,
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS)
def test_all_three_are_equal(seed):
    expected = everything("oracle", seed)
    assert everything("numba", seed) == expected
    assert everything("numpy", seed) == expected


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
    assert everything("numba", seed, prepare=known_past) == expected
    assert everything("numpy", seed, prepare=known_past) == expected


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS)
def test_counters_near_their_end_stop_there(seed):
    expected = everything("oracle", seed, prepare=near_the_end)
    assert everything("numba", seed, prepare=near_the_end) == expected
    assert everything("numpy", seed, prepare=near_the_end) == expected


# An altered record and its repeat after the cut: both are held against the first before the cut.
@example(seed=50311, cuts=[162])
@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, cuts=st.lists(st.integers(0, 400), max_size=6))
def test_how_records_are_cut_into_batches_changes_nothing(seed, cuts):
    edges = [0, *sorted(cuts), 400]
    sizes = [later - earlier for earlier, later in pairwise(edges)]
    whole = everything("oracle", seed)
    for kernel in ("oracle", "numba", "numpy"):
        assert everything(kernel, seed, sizes=sizes) == whole


def test_the_random_records_meet_every_treatment_and_every_mark():
    rules, memory = world.rules(), world.memory(12)
    memory.lines.state["past"] = 300
    batch = world.random_batch(np.random.default_rng(5), 60_000, 12, days=140)
    notices, treatment, memory = world.run(rules, memory, batch, "numba")
    met = {TREATMENTS[one] for one in np.unique(treatment)}
    assert met >= set(TREATMENTS) - {"malformed", "too_old"}
    assert set(notices["step"].tolist()) == set(range(len(rules.marks)))
    assert (memory.lines.state["period"] != NO_PERIOD).all()
