"""What other trades advertise is not held against a telecom offer's record."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from tests.rules.publicity.other_trades import CHINESE, ENGLISH

from amends.causes.publicity.queries.rulebook import rulebook_on
from amends.causes.publicity.rules.check import Checker
from amends.causes.publicity.rules.copies import Copy
from amends.record.facts.offers.key_facts import key_facts_of

ON = date(2026, 11, 29)


@pytest.fixture(scope="module")
def checker() -> Checker:
    with (Path(__file__).parent / "offers.csv").open(encoding="utf-8") as file:
        return Checker([key_facts_of(row) for row in csv.DictReader(file)], rulebook_on(ON))


def test_there_are_two_hundred_and_sixty() -> None:
    assert len({*ENGLISH, *CHINESE}) >= 260


def test_none_is_blocked_beside_any_offer(checker: Checker) -> None:
    blocked = [
        (text, offer, one.code)
        for text in (*ENGLISH, *CHINESE)
        for offer in checker.offers
        for one in checker.check(Copy("c", text, offer, "web"), on=ON)
        if one.severity == "block"
    ]
    assert blocked == []
