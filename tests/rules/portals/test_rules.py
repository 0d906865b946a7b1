"""Tracking codes as people type them, and the four steps of any history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.cases.complaints.actions.intake import Receipt
from amends.cases.complaints.rules.states import table
from amends.entrances.portals.api.shapes import Accepted, accepted
from amends.entrances.portals.rules.codes import tidy_code
from amends.entrances.portals.rules.steps import steps
from amends.platform.kit.ids import tracking_code

DAY = datetime(2026, 11, 1, tzinfo=UTC)


def on(number: int) -> datetime:
    return DAY + timedelta(days=number)


@pytest.mark.parametrize(
    "typed",
    [
        "4f7k-2m9p-xq3t",
        "4F7K2M9PXQ3T",
        " 4f7k 2m9p xq3t ",
        "4F7K–2M9P–XQ3T",
        "４Ｆ７Ｋ２Ｍ９ＰＸＱ３Ｔ",
    ],
)
def test_case_spaces_dashes_and_width_do_not_matter(typed: str) -> None:
    assert tidy_code(typed) == "4F7K-2M9P-XQ3T"


def test_letters_taken_for_digits_are_read_as_such() -> None:
    assert tidy_code("oOiI-lL00-1111") == "0011-1100-1111"


@pytest.mark.parametrize(
    "typed", ["", "4F7K-2M9P", "4F7K-2M9P-XQ3T-9", "UUUU-UUUU-UUUU", "漢" * 12]
)
def test_what_cannot_be_a_code_is_nothing(typed: str) -> None:
    assert tidy_code(typed) == ""


def test_every_code_we_give_out_reads_as_itself() -> None:
    for code in (tracking_code() for _ in range(200)):
        assert tidy_code(code.lower().replace("-", " ")) == code


@given(st.text())
def test_reading_a_code_never_fails_and_is_stable(typed: str) -> None:
    assert tidy_code(tidy_code(typed)) == tidy_code(typed)


def shape(state: str, *entered: tuple[datetime, str]) -> list[tuple[str, str]]:
    return [(step.id, step.how) for step in steps(DAY, state, on(9), entered)]


def test_a_proposal_waits_at_the_answer() -> None:
    found = steps(DAY, "proposed", on(5), [(on(2), "investigating"), (on(5), "proposed")])
    assert [(step.how, step.at) for step in found] == [
        ("done", DAY),
        ("done", on(2)),
        ("now", on(5)),
        ("ahead", None),
    ]


def test_reopened_is_looked_at_once_more_and_old_steps_do_not_count() -> None:
    history = [
        (on(1), "investigating"),
        (on(2), "implementing"),
        (on(3), "resolved"),
        (on(4), "reopened"),
    ]
    found = steps(DAY, "reopened", on(4), history)
    assert [(step.id, step.how, step.at) for step in found] == [
        ("received", "done", DAY),
        ("looked_at", "now", None),
        ("answered", "ahead", None),
        ("done", "ahead", None),
    ]


def test_a_withdrawn_complaint_shows_no_step_that_never_came() -> None:
    assert shape("withdrawn") == [("received", "done"), ("done", "done")]


@pytest.mark.parametrize("state", sorted(table().states))
def test_every_state_of_the_table_has_its_steps(state: str) -> None:
    found = shape(state, (on(1), "investigating"))
    assert found[0] == ("received", "done" if state != "received" else "now")
    ended = not table().states[state].open
    assert ended == all(how == "done" for _, how in found)


@pytest.mark.parametrize("due", [None, datetime(2026, 11, 9, 8, tzinfo=ZoneInfo("Asia/Shanghai"))])
def test_a_receipt_is_answered_as_its_shape_says(due: datetime | None) -> None:
    receipt = Receipt(
        "cmp-1",
        "4F7K-2M9P-XQ3T",
        "con-1",
        "near",
        "network.speed",
        opened=False,
        next_step="resolve",
        due_at=due,
    )
    said, read = accepted(receipt), Accepted.model_validate(receipt)
    assert said == read
    assert said.model_dump_json() == read.model_dump_json()
