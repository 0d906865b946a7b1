"""Columns read at once are the rows Django reads, whatever the texts hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from amends.cases.complaints.models import Complaint
from amends.platform.database.columns import UnableToReadColumns, read, types_of

pytestmark = pytest.mark.postgres_too

NAMES = ("id", "received_at", "code", "area", "person", "text_print", "history")
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
WORDS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12
) | st.sampled_from(["", "\x1f", 'a"b', "a,b", "a\nb", "a\r\nb", "\\N", "NULL", "宽带,“慢”"])


def lay(rows: list[tuple[str, str, int, int, bool]]) -> None:
    Complaint.objects.bulk_create(
        Complaint(
            id=f"{number:032x}",
            channel="web",
            jurisdiction="cn",
            first_words="x",
            code="other",
            classified_by="test",
            state_since=NOW,
            recorded_at=NOW,
            area=area,
            person=person,
            text_print=print_,
            received_at=NOW - timedelta(microseconds=back),
            history=history,
        )
        for number, (area, person, print_, back, history) in enumerate(rows)
    )


def plainly(names: tuple[str, ...]) -> pl.DataFrame:
    rows = list(Complaint.objects.order_by("id").values_list(*names))
    return pl.DataFrame(rows, schema=types_of(Complaint, names), orient="row")


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(
            WORDS, WORDS, st.integers(-(2**63), 2**63 - 1), st.integers(0, 10**13), st.booleans()
        ),
        max_size=8,
    )
)
def test_the_same_as_row_by_row(db: None, rows: list[tuple[str, str, int, int, bool]]) -> None:
    Complaint.objects.all().delete()
    lay(rows)
    assert_frame_equal(read(Complaint.objects.all(), NAMES).sort("id"), plainly(NAMES))


def test_what_was_asked_for_and_no_more(db: None) -> None:
    lay([("a", "p", n, n, False) for n in range(30)])
    some = read(Complaint.objects.filter(text_print__lt=3, area="a"), ("text_print", "area"))
    assert sorted(some["text_print"]) == [0, 1, 2]
    assert read(Complaint.objects.filter(area="b"), NAMES).schema == plainly(NAMES).schema
    assert read(Complaint.objects.none(), NAMES).height == 0
    assert read(Complaint.objects.filter(id__in=[]), NAMES).height == 0


@pytest.mark.parametrize("name", ["hot_issue", "because", "next_due_at"])
def test_a_field_that_columns_cannot_hold_is_refused(name: str) -> None:
    with pytest.raises(UnableToReadColumns, match=name):
        types_of(Complaint, (name,))
