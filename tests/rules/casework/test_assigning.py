"""Which rule a case is assigned by, and to whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from amends.platform.kit.placeholders import UnableToFillPlaceholder, fill_placeholders
from amends.work.casework.rules.assigning import (
    CaseTraits,
    RuleTerms,
    WorkScope,
    least_loaded,
    matching_rule,
)
from amends.work.casework.rules.mentions import mentions_in

pytestmark = pytest.mark.no_database
DAY = date(2026, 11, 24)
CASE = CaseTraits("complaint", "billing.fee", "area-11", "zh-hans", "star")
ANY = RuleTerms(1, "", WorkScope(), WorkScope(), "", DAY, None)


@pytest.mark.parametrize(
    "rule",
    [
        ANY,
        replace(ANY, case_kind="complaint"),
        replace(ANY, scope=WorkScope(classes=("billing",), areas=("area-11",), languages=("zh",))),
        replace(ANY, team_brand="star", valid_until=DAY),
    ],
)
def test_a_rule_matches(rule: RuleTerms) -> None:
    assert matching_rule([rule], CASE, on=DAY) == 1


@pytest.mark.parametrize(
    "rule",
    [
        replace(ANY, case_kind="appeal"),
        replace(ANY, scope=WorkScope(classes=("network",))),
        replace(ANY, scope=WorkScope(areas=("area-12",))),
        replace(ANY, scope=WorkScope(languages=("en",))),
        replace(ANY, team_scope=WorkScope(languages=("en",))),
        replace(ANY, team_brand="moon"),
        replace(ANY, valid_from=date(2026, 11, 25)),
        replace(ANY, valid_from=date(2026, 1, 1), valid_until=date(2026, 11, 23)),
    ],
)
def test_a_rule_does_not_match(rule: RuleTerms) -> None:
    assert matching_rule([rule], CASE, on=DAY) is None


def test_the_first_rule_that_matches_counts() -> None:
    assert matching_rule([replace(ANY, id=7), ANY], CASE, on=DAY) == 7


def test_nobody_above_the_limit_gets_another() -> None:
    assert least_loaded(["a", "b"], {"a": 5, "b": 5}, max_open=5) == ""
    assert least_loaded(["b", "a"], {}) == "a"
    assert least_loaded([], {}) == ""


def test_mentions_are_names_and_not_mailboxes() -> None:
    assert mentions_in("请@li_na看；ask (@wang-wei), x@y.example @@") == ["li_na", "wang-wei"]


def test_every_missing_value_is_named() -> None:
    with pytest.raises(UnableToFillPlaceholder) as refusal:
        fill_placeholders("{{ a }} {{b}} {{ c }} {{ }}", {"a": "1", "b": " "})
    assert refusal.value.names == ["b", "c", ""]
