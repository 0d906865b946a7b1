"""Adverts get exactly the findings written down for them before the rules were."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from tests.rules.publicity.copies import CLEAN, FAULTY, ORDINARY, VARIED

from amends.causes.publicity.queries.rulebook import rulebook_on
from amends.causes.publicity.rules.check import Checker
from amends.causes.publicity.rules.copies import Copy
from amends.causes.publicity.rules.findings import Finding
from amends.record.facts.offers.key_facts import key_facts_of

ON = date(2026, 11, 29)


@pytest.fixture(scope="module")
def checker() -> Checker:
    with (Path(__file__).parent / "offers.csv").open(encoding="utf-8") as file:
        offers = [key_facts_of(row) for row in csv.DictReader(file)]
    return Checker(offers, rulebook_on(ON))


def codes(found: list[Finding]) -> set[str]:
    return {one.code for one in found if one.severity in ("block", "warn")}


def checked(checker: Checker, offer: str, day: str, text: str) -> set[str]:
    on = date.fromisoformat(day) if day else None
    return codes(checker.check(Copy("c", text, offer, "web", on=on), on=date(2026, 11, 15)))


@pytest.mark.parametrize(("offer", "day", "text", "expected"), FAULTY)
def test_faulty_copies_get_exactly_their_codes(
    checker: Checker, offer: str, day: str, text: str, expected: str
) -> None:
    assert checked(checker, offer, day, text) == set(expected.split())


@pytest.mark.parametrize(("offer", "day", "text", "expected"), VARIED)
def test_other_wordings_get_exactly_their_codes(
    checker: Checker, offer: str, day: str, text: str, expected: str
) -> None:
    assert checked(checker, offer, day, text) == set(expected.split())


@pytest.mark.parametrize(("offer", "day", "text"), CLEAN)
def test_clean_copies_get_no_finding(checker: Checker, offer: str, day: str, text: str) -> None:
    assert checked(checker, offer, day, text) == set()


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_adverts_get_no_finding(checker: Checker, text: str) -> None:
    assert checked(checker, "", "", text) == set()


@pytest.mark.parametrize(
    "scarce", ["Limited seats, first come first served.", "While stocks last."]
)
def test_an_offer_without_a_limit_is_not_scarce(checker: Checker, scarce: str) -> None:
    copy = Copy("c", f"SIM Only 20: £10 a month for 20GB. {scarce}", "uk-sim", "web")
    found = [one for one in checker.check(copy, on=ON) if one.field == "quota"]
    assert [one.severity for one in found] == ["unsure"], "a person asks how many there are"
