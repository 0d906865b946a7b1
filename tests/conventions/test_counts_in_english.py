"""One person is no people: English texts agree with their count, and Chinese ones need not."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import translation
from tests.source_tree import source_files, source_path

from amends.problems.hotissues.models import Cause, HotIssue
from amends.problems.hotissues.texts.cause_words import cause_sentence
from amends.problems.hotissues.texts.words import details_of

APPS_WITH_PAGES = ("portals", "confirmations", "remedies", "access", "channels", "partners")
COUNTED = re.compile(r"%\(\w+\)s (people|persons|users|facts|complaints|minutes|services)\b")
COUNTED_IN_ALL = re.compile(
    r"%\(\w+\)s (periods|series|contacts|enquiries|issues|notices|duties|decisions|voices|"
    r"messages|tickets|records|alarms)\b"
)
# Limits that are more than one wherever they stand.
NEVER_ONE = {
    "Fewer than %(k)s complaints were received.",
    "Fewer than %(least)s periods since the measure.",
    "Fewer than %(least)s periods before it.",
    "%(file)s has %(series)s series in %(periods)s periods: too many to scan at once.",
    "%(file)s spans %(count)s periods; at most %(most)s are scanned.",
    "%(file)s has %(count)s series; at most %(most)s are scanned at once.",
    "%(file)s has %(count)s periods; at most %(most)s are judged.",
}


def _unpaired(source: str, counted: re.Pattern[str] = COUNTED) -> Iterator[str]:
    """Texts marked for translation in one form that count something."""
    for node in ast.walk(ast.parse(source)):
        called = getattr(node, "func", None)
        name = getattr(called, "id", "")
        if isinstance(node, ast.Call) and name in {"_", "gettext", "gettext_lazy", "gettext_noop"}:
            for one in node.args:
                said = one.value if isinstance(one, ast.Constant) else ""
                if isinstance(said, str) and counted.search(said) and said not in NEVER_ONE:
                    yield said


@pytest.mark.no_database
@pytest.mark.parametrize("app", APPS_WITH_PAGES)
def test_what_counts_is_said_in_two_forms(app: str) -> None:
    pages = source_path(app).rglob("*.py")
    assert [said for page in pages for said in _unpaired(page.read_text("utf-8"))] == []


@pytest.mark.no_database
def test_no_command_says_one_periods() -> None:
    pages = source_files("*.py")
    said = [one for page in pages for one in _unpaired(page.read_text("utf-8"), COUNTED_IN_ALL)]
    assert said == []


@pytest.mark.parametrize(
    ("details", "english", "chinese"),
    [
        ({"people": 1}, "1 person", "1人"),
        ({"people": 2}, "2 people", "2人"),
        ({"persons": 1}, "1 person affected", "涉及1人"),
        ({"persons": 3}, "3 people affected", "涉及3人"),
        ({"complaints": 1}, "1 complaint", "1件投诉"),
        ({"complaints": 5, "people": 1}, "1 person · 5 complaints", "1人 · 5件投诉"),
    ],
)
def test_a_happening_says_one_person(details: dict[str, Any], english: str, chinese: str) -> None:
    for language, words in (("en", english), ("zh-hans", chinese)):
        with translation.override(language):
            assert details_of(HotIssue(), details) == words


@pytest.mark.django_db
@pytest.mark.parametrize(("touched", "said"), [(1, "1 person"), (2, "2 people")])
@pytest.mark.parametrize("kind", ["campaign", "claim", "partner", "offer_change", "lookups"])
def test_a_cause_says_one_person(kind: str, touched: int, said: str) -> None:
    numbers = {"touched": touched, "members": 4, "touched_members": 1}
    at = datetime(2026, 11, 20, tzinfo=UTC)
    cause = Cause(kind=kind, reference="x", numbers=numbers, rank=1, from_at=at, fit=0.5)
    with translation.override("en"):
        assert f" {said}" in f" {cause_sentence(cause)}"
    with translation.override("zh-hans"):
        assert f"{touched}人" in cause_sentence(cause)
