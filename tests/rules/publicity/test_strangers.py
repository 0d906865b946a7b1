"""Adverts of somebody who had not seen the rules: the share of exact sets, and nothing clean found.

Committed before any tuning; docs/figures.md has what was found at first sight.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from amends.causes.publicity.queries.files import read_copies, read_offers
from amends.causes.publicity.queries.rulebook import rulebook_on
from amends.causes.publicity.rules.check import Checker
from amends.causes.publicity.rules.findings import Finding

HERE = Path(__file__).parent / "strangers"
ON = date(2026, 11, 29)


@pytest.fixture(scope="module")
def checker() -> Checker:
    offers, refused = read_offers(HERE / "copies_offers.csv")
    assert not refused
    return Checker(offers, rulebook_on(ON))


def _found(checker: Checker, name: str) -> dict[str, list[Finding]]:
    copies, refused = read_copies(HERE / name)
    assert not refused
    return checker.check_all(copies, on=ON)


def test_copies_get_exactly_their_codes_and_clean_ones_none(checker: Checker) -> None:
    lines = (HERE / "copies_strangers.jsonl").read_text(encoding="utf-8").splitlines()
    expected = {row["copy"]: set(row["codes"]) for row in map(json.loads, lines)}
    found = {
        name: {one.code for one in all_ if one.severity in ("block", "warn")}
        for name, all_ in _found(checker, "copies_strangers.jsonl").items()
    }
    exact = [name for name, codes in expected.items() if found[name] == codes]
    assert len(exact) >= 0.95 * len(expected)
    assert [name for name, codes in expected.items() if not codes and found[name]] == []


def test_ordinary_adverts_are_not_blocked(checker: Checker) -> None:
    found = _found(checker, "ordinary_adverts.jsonl")
    blocked = [name for name, all_ in found.items() if any(f.severity == "block" for f in all_)]
    assert len(blocked) <= 0.01 * len(found)
