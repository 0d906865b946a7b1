"""A sample of what the grammar of test copies writes is judged exactly; the whole runs as a bench."""

from __future__ import annotations

from datetime import date

import pytest
from tests.rules.publicity.copies_grammar import CURRENCIES, Written, copies

from amends.causes.publicity.queries.rulebook import rulebook_on
from amends.causes.publicity.rules.check import Checker
from amends.causes.publicity.rules.copies import Copy

RULES = rulebook_on(date(2026, 11, 29))


def codes(written: Written) -> set[str]:
    copy = Copy(
        "c",
        written.text,
        written.offer.id,
        written.channel,
        written.language,
        pack=written.pack,
    )
    found = Checker([written.offer], RULES).check(copy, on=written.on)
    return {one.code for one in found if one.severity in ("block", "warn")}


@pytest.mark.parametrize("pack", CURRENCIES)
def test_each_jurisdiction_is_judged_exactly(pack: str) -> None:
    drawn = [one for one in copies(1_800, seed=5) if one.pack == pack]
    wrong = [(one.text, one.codes, codes(one)) for one in drawn if codes(one) != one.codes]
    assert len(drawn) > 200
    assert len(wrong) <= 0.005 * len(drawn), wrong[:3]


def test_clean_copies_get_no_finding() -> None:
    clean = [one for one in copies(1_800, seed=6) if not one.codes]
    assert [one.text for one in clean if codes(one)] == []
