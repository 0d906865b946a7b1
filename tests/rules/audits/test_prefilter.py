"""What is sieved out before the audit looks at lines one by one would have owed nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amends.cases.audits.rules import spending, watched
from amends.cases.audits.rules.frames import in_order, keyed
from amends.cases.audits.rules.months import TERMS, Months
from amends.cases.audits.rules.spending import CHOICES, owed_by_charges
from amends.cases.audits.rules.watched import owed_by_watching
from amends.engines.duties.book import book
from amends.platform.kit.periods import to_ms

RULES = book("cn-41", date(2026, 11, 24))
START = to_ms(datetime(2026, 6, 1, tzinfo=UTC))
SINCE = to_ms(datetime(2026, 10, 1, tzinfo=UTC))
HOURS = 180 * 24
CHARGES = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.sampled_from(["monthly_fee", "value_added", "roaming_data"]),
        st.integers(0, HOURS),
        st.sampled_from([-9_000, 0, 900, 4_900, 9_900, 21_000]),
    ),
    max_size=60,
)
CHOSEN = st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 30_000)), max_size=3)
OWN = st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 31)), max_size=2)


def charges(rows: list[tuple[str, str, int, int]]) -> pl.DataFrame:
    made = [
        (
            f"{number:04}",
            f"p{line}",
            line,
            START + hour * 3_600_000,
            kind,
            amount,
            "CNY",
            None,
            "TH",
        )
        for number, (line, kind, hour, amount) in enumerate(rows)
    ]
    return pl.DataFrame(
        made,
        orient="row",
        schema={
            "id": pl.String,
            "subscriber": pl.String,
            "subject": pl.String,
            "happened_at_ms": pl.Int64,
            "charge_kind": pl.String,
            "amount_minor": pl.Int64,
            "currency": pl.String,
            "unit": pl.String,
            "country": pl.String,
        },
    )


def first_of_each(made: pl.DataFrame, asked_ms: int, quiet_ms: int) -> pl.DataFrame:
    return made.with_columns(begun_ms=pl.col("happened_at_ms").min().over("subscriber"))


@settings(deadline=None)
@given(CHARGES, CHOSEN, OWN)
def test_nothing_is_owed_by_what_was_left_out(
    rows: list[tuple[str, str, int, int]],
    chosen: list[tuple[str, int]],
    own: list[tuple[str, int]],
) -> None:
    made, duties = charges(rows), RULES.duties
    terms = pl.DataFrame(
        [(line, "Asia/Shanghai", day, 0, 0, 0) for line, day in dict(own).items()],
        schema=TERMS,
        orient="row",
    )
    choices = pl.DataFrame(
        [(line, "*spend", amount, 0) for line, amount in chosen], schema=CHOICES, orient="row"
    )

    def owed() -> pl.DataFrame:
        by_charges = owed_by_charges(
            made,
            pl.DataFrame(),
            duties,
            months=Months(RULES.zone, terms),
            currency="CNY",
            choices=choices,
            since_ms=SINCE,
        )
        seen = owed_by_watching(made, pl.DataFrame(), duties, RULES, since_ms=SINCE)
        found = keyed(pl.concat([by_charges, seen]))
        # Of what was due before, some may be missing.
        return found.filter(pl.col("due_at_ms") >= SINCE)

    sieved = owed()
    with pytest.MonkeyPatch.context() as without:
        without.setattr(spending, "may_reach", lambda made, least: made)
        without.setattr(spending, "may_be_many_times", lambda made, *asked: made)
        without.setattr(watched, "may_be_first", first_of_each)
        assert sieved.equals(owed())


@given(CHARGES)
def test_facts_are_in_order_however_they_come(rows: list[tuple[str, str, int, int]]) -> None:
    made = charges([(line, kind, hour % 3, amount) for line, kind, hour, amount in rows])
    by_rule = made.sort("happened_at_ms", "id")
    assert in_order(made).equals(by_rule)
    assert in_order(by_rule).equals(by_rule)
    assert in_order(made.reverse()).equals(by_rule)
