"""The audit against a plain oracle: one verdict a charge, row by row, from the same rules in words."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amends.causes.confirmations.rules.audit import (
    GRACE_MS,
    LOOKBACK_MS,
    UNDATED_LOOKBACK_MS,
    audit,
)
from amends.causes.confirmations.rules.ranking import PartnerCount, interval, ranked
from amends.causes.confirmations.rules.required import demanded_in
from amends.causes.confirmations.rules.summary import document, findings

DAY = 86_400_000
REFS, OFFERS = ("a", "b", "c"), ("x", "y")
MOMENTS = st.integers(100 * DAY, 110 * DAY).map(lambda ms: ms // 1000 * 1000)
CHARGE = st.tuples(
    st.sampled_from(REFS),
    st.sampled_from(OFFERS),
    MOMENTS,
    st.none() | MOMENTS,
)
EVENT = st.tuples(st.sampled_from(REFS), st.sampled_from(OFFERS), MOMENTS, st.sampled_from((1, 2)))
GAP = st.tuples(MOMENTS, st.integers(0, 3 * DAY)).map(lambda one: (one[0], one[0] + one[1]))


def frame(rows, names) -> pl.DataFrame:
    types = {"service": pl.String, "offer": pl.String}
    return pl.DataFrame(
        {n: [row[i] for row in rows] for i, n in enumerate(names)},
        schema={n: types.get(n, pl.Int64) for n in names},
    )


def charges_of(rows) -> pl.DataFrame:
    return frame(rows, ("service", "offer", "charged_at_ms", "started_at_ms"))


def events_of(rows) -> pl.DataFrame:
    return frame(rows, ("service", "offer", "at_ms", "event"))


def oracle(charges, events, gaps) -> list[str]:
    said = []
    for service, offer, charged, started in charges:
        same = [c for c in charges if c[:2] == (service, offer)]
        first = min(c[2] for c in same) if started is None else started
        back = UNDATED_LOOKBACK_MS if started is None else LOOKBACK_MS
        mine = [
            (at - (GRACE_MS if what == 1 else 0), what)
            for ref, of, at, what in events
            if (ref, of) == (service, offer)
        ]
        before = sorted(row for row in mine if row[0] <= charged)
        if before:
            said.append("confirmed" if before[-1][1] == 1 else "withdrawn")
        elif any(first - back < end and first + GRACE_MS > start for start, end in gaps):
            said.append("not_covered")
        else:
            said.append("late" if any(what == 1 for _, what in mine) else "unconfirmed")
    return said


@settings(deadline=None)
@given(st.lists(CHARGE, max_size=12), st.lists(EVENT, max_size=12), st.lists(GAP, max_size=2))
def test_columns_say_what_the_oracle_says(charges, events, gaps) -> None:
    found = audit(charges_of(charges), events_of(events), gaps=gaps)
    assert found.names().to_list() == oracle(charges, events, gaps)
    keys = {}
    for key, charge in zip(found.key.tolist(), charges, strict=True):
        assert keys.setdefault(key, charge[:2]) == charge[:2]
    assert len(keys) == len({charge[:2] for charge in charges})


def test_what_the_rules_of_the_day_did_not_ask_is_not_held_against_anybody() -> None:
    moments = np.array([1_146_441_600_000, 1_400_000_000_000, 1_770_000_000_000])
    needed = demanded_in("cn", on=date(2026, 11, 24))
    assert needed(pl.Series(["value_added"] * 3), moments).tolist() == [False, True, True]
    assert needed(pl.Series(["usage"] * 3), moments).tolist() == [False, False, True]
    rows = [("s", "x", int(moment), int(moment)) for moment in moments]
    found = audit(charges_of(rows), events_of([]), is_demanded=needed)
    assert found.names().to_list() == ["not_demanded", "not_demanded", "unconfirmed"]


def test_amounts_and_groups_add_up() -> None:
    rows = [("s1", "x", DAY, DAY), ("s1", "x", 2 * DAY, DAY), ("s2", "x", DAY, DAY)]
    charges = charges_of(rows).with_columns(
        pl.Series("amount_minor", [100, 200, 400]),
        pl.Series("currency", ["CNY"] * 3),
        pl.Series("partner", ["p", "p", "q"]),
    )
    found = audit(charges, events_of([("s2", "x", DAY, 1)]))
    said = document(charges, found)
    assert said["unconfirmed_charges"] == 2
    (whole,) = said["amounts"]
    assert (whole["unconfirmed_minor"], whole["amount_minor"]) == (300, 700)
    assert (whole["services"], whole["unconfirmed_services"]) == (2, 1)
    assert [row["partner"] for row in said["by_partner"]] == ["p", "q"]
    assert [(row["name"], row["judged"], row["wrong"]) for row in said["partners"]] == [
        ("p", 1, 1),
        ("q", 1, 0),
    ]
    (only,) = findings(charges, found).to_dicts()
    assert (only["service"], only["charges"], only["amount_minor"]) == ("s1", 2, 300)


def test_two_partners_inside_the_noise_share_a_rank() -> None:
    close = ranked([PartnerCount("a", 100, 5), PartnerCount("b", 100, 8)])
    assert [one.rank for one in close] == [1, 1]
    apart = ranked(
        [PartnerCount("a", 10_000, 50), PartnerCount("b", 10_000, 800), PartnerCount("c", 3, 1)]
    )
    assert [(one.name, one.rank) for one in apart][:2] == [("c", 1), ("b", 1)]
    assert apart[-1].name == "a"
    assert [one.name for one in apart if one.stands_out] == ["b"]


def test_the_interval_holds_at_least_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    held = 0
    for wrong in rng.binomial(60, 0.1, size=2_000):
        low, high = interval(int(wrong), 60)
        held += low <= 0.1 <= high
    assert held / 2_000 >= 0.95


@pytest.mark.parametrize("charges", [[], [("a", "x", DAY, None)]])
def test_empty_tables_are_tables(charges) -> None:
    found = audit(charges_of(charges), events_of([]))
    assert len(found.code) == len(charges)
