"""People's own words find the right article, in both languages, with typing errors."""

from __future__ import annotations

from datetime import date

import pytest
from tests.strangers.knowledge_sets import read_set

from amends.work.knowledge.rules.search_index import IndexedText, SearchHit, SearchIndex, rerank
from amends.work.knowledge.rules.search_terms import concepts_on, terms_of

pytestmark = pytest.mark.no_database

CONCEPTS = concepts_on(date(2026, 12, 1))
TEXTS = [
    IndexedText("stop", "en", "Unsubscribe from a value-added service", "Press Stop."),
    IndexedText("bill", "en", "Your monthly statement", "It lists the fees of your plan."),
    IndexedText("voicemail", "en", "Your answering service", "Press and hold 1."),
    IndexedText("tingyong", "zh", "退订增值业务", "点停用，立即生效。"),
    IndexedText("zhangdan", "zh", "看懂每月账单", "列出套餐月费。"),
]
INDEX = SearchIndex(TEXTS, CONCEPTS)


def first(question: str, index: SearchIndex = INDEX, language: str = "") -> str:
    """The article found first, "" for none."""
    hits = index.search(question, language=language)
    return index.articles[hits[0].row] if hits else ""


@pytest.mark.parametrize(
    ("name", "at_first", "in_three"), [("plain", 0.78, 0.93), ("messy", 0.76, 0.92)]
)
def test_questions_in_peoples_words(name: str, at_first: float, in_three: float) -> None:
    texts, questions = read_set(name)
    index = SearchIndex(texts, CONCEPTS)
    found = [
        (answers, [texts[hit.row].article for hit in index.search(question)])
        for answers, question in questions
    ]
    assert sum(bool(hits) and hits[0] in answers for answers, hits in found) >= at_first * len(
        found
    )
    assert sum(bool(answers & set(hits)) for answers, hits in found) >= in_three * len(found)


def test_other_words_for_the_same_thing() -> None:
    assert first("how do I get rid of the ringtone") == "stop"
    assert first("彩铃不想要了怎么弄") == "tingyong"


def test_typing_errors_are_forgiven() -> None:
    assert first("unsubscrbie frm servise") == "stop"
    assert first("my monthly statemnt") == "bill"


def test_the_readers_language_comes_first_and_the_other_is_better_than_nothing() -> None:
    assert first("退订") == "tingyong"
    assert first("退订", language="en") == "stop"
    assert first("语音信箱怎么用") == "voicemail"


def test_nonsense_and_nothing_find_nothing() -> None:
    assert INDEX.search("") == []
    assert INDEX.search("\x00 🤯 ؟") == []
    assert SearchIndex([], CONCEPTS).search("bill") == []


def test_an_article_in_two_languages_is_one_hit() -> None:
    both = [
        IndexedText("stop", "en", "Unsubscribe", "Press Stop."),
        IndexedText("stop", "zh-CN", "退订业务", "点停用。"),
    ]
    hits = SearchIndex(both, CONCEPTS).search("退订 unsubscribe")
    assert [both[hit.row].article for hit in hits] == ["stop"]


def test_vectors_change_the_order_of_close_hits() -> None:
    hits = [SearchHit(0, 0.50), SearchHit(1, 0.49), SearchHit(2, 0.10)]
    assert [hit.row for hit in rerank(hits, [0.80, 0.90, 0.85])] == [1, 0, 2]


def test_a_concept_has_words_of_both_languages() -> None:
    assert "c:roaming" in terms_of("去泰国玩", CONCEPTS)
    assert "c:roaming" in terms_of("flying to Spain", CONCEPTS)
