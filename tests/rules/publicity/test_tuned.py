"""Copies that were written to tune the reader, in six jurisdictions, with their exact codes.

They show what the reader must go on doing; how well it reads new copies only fresh ones can show.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from amends.causes.publicity.queries.files import read_offers
from amends.causes.publicity.queries.rulebook import rulebook_on
from amends.causes.publicity.rules.check import Checker
from amends.causes.publicity.rules.copies import Copy

HERE = Path(__file__).parent / "tuned"
ON = date(2026, 11, 29)


def _rows(name: str) -> list[dict[str, object]]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def checker() -> Checker:
    offers, refused = read_offers(HERE / "offers.jsonl")
    assert not refused
    return Checker(offers, rulebook_on(ON))


def _codes(checker: Checker, copy: Copy) -> set[str]:
    found = checker.check(copy, on=ON)
    return {one.code for one in found if one.severity in ("block", "warn")}


@pytest.mark.parametrize("row", _rows("copies.jsonl"), ids=lambda row: row["copy"])
def test_a_copy_gets_exactly_its_codes(checker: Checker, row: dict[str, str]) -> None:
    copy = Copy(
        row["copy"],
        row["text"],
        row["offer"],
        row["channel"],
        pack=row["pack"],
        on=date.fromisoformat(row["on"]),
    )
    assert _codes(checker, copy) == set(row["codes"])


@pytest.mark.parametrize("row", _rows("wording.jsonl"), ids=lambda row: row["text"][:24])
def test_agreements_and_rivals_get_exactly_their_codes(
    checker: Checker, row: dict[str, str]
) -> None:
    assert _codes(checker, Copy("c", row["text"], channel=row["channel"])) == set(row["codes"])


@pytest.mark.parametrize("row", _rows("absolute_terms.jsonl"), ids=lambda row: row["text"][:24])
def test_absolute_terms_are_told_from_allowed_ones(
    checker: Checker, row: dict[str, object]
) -> None:
    found = _codes(checker, Copy("c", str(row["text"])))
    assert found == ({"ABSOLUTE_TERM"} if row["absolute"] else set())
