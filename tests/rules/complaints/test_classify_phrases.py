"""Folding, hashing and finding phrases: the fast way finds what the plain way finds."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.engines.classification.classify import classify, shipped_phrases
from amends.engines.classification.model.features import Features, features, norms
from amends.engines.classification.model.phrases import (
    UnableToReadPhrases,
    find,
    read_phrases,
)
from amends.engines.classification.model.texts import SEPARATOR, Windows, fold, fold_phrase, mix

ENTRIES = {
    "concept": [
        {"name": "operator", "en": ["acme", "acme net"]},
        {"name": "cap", "en": ["data cap*", "cap"], "zh": ["封顶"]},
        {"name": "data", "en": ["data"], "zh": ["流量", "流量包"]},
        {"name": "cancel", "en": ["cancel*"], "zh": ["退订"]},
    ]
}
PATTERNS = {  # longest first, as written by hand
    "data caps?\\w*": "cap",
    "流量包": "data",
    "cancel\\w*": "cancel",
    "流量": "data",
    "封顶": "cap",
    "退订": "cancel",
    "data": "data",
    "cap": "cap",
}


def found(text: str) -> list[tuple[str, str]]:
    """(words, concept) of every hit in one text."""
    _, phrases = read_phrases(ENTRIES)
    folded = fold([text])
    hits = find(phrases, folded, Windows(folded.codes))
    words = "".join(map(chr, folded.codes))
    return [
        (words[start:end], phrases.concepts[concept])
        for start, end, concept in zip(
            hits.start.tolist(), hits.end.tolist(), hits.concept.tolist(), strict=True
        )
    ]


def test_the_longest_phrase_wins_and_whole_words_count() -> None:
    assert found("data caps, captain's data") == [("data caps", "cap"), ("data", "data")]
    assert found("退订流量包") == [("退订", "cancel"), ("流量包", "data")]
    assert found("Cancelled") == [("cancelled", "cancel")]


@given(
    st.lists(
        st.sampled_from(
            ["data", "cap", "caps", "cancelled", "xcap", "流量", "包", "封顶", "退订", "a"]
        ),
        max_size=7,
    )
)
def test_finding_agrees_with_patterns(words: list[str]) -> None:
    text = " ".join(words)
    free = f" {text} "
    expected: list[tuple[int, str, str]] = []
    for pattern, concept in PATTERNS.items():
        edge = "" if pattern[0] >= "\u4e00" else "\\b"
        for match in re.finditer(edge + pattern + edge, free, re.ASCII):
            expected.append((match.start(), match[0], concept))
            free = free[: match.start()] + "#" * len(match[0]) + free[match.end() :]
    assert found(text) == [(word, concept) for _, word, concept in sorted(expected)]


def test_a_phrase_stands_in_one_concept() -> None:
    twice = {"concept": [{"name": "one", "en": ["bill"]}, {"name": "two", "en": ["Bill"]}]}
    with pytest.raises(UnableToReadPhrases, match="“one” and in “two”"):
        read_phrases(twice)
    with pytest.raises(UnableToReadPhrases, match="is empty"):
        read_phrases({"concept": [{"name": "one", "en": ["!"]}]})


def test_the_shipped_phrases_are_read() -> None:
    names, phrases = shipped_phrases()
    assert names.concepts == ("operator",)
    assert len(phrases.concepts) == len(set(phrases.concepts)) > 40


@given(st.lists(st.text(max_size=30), max_size=5))
def test_folding_remembers_where_each_character_stood(texts: list[str]) -> None:
    folded = fold(texts)
    assert folded.codes.shape == folded.text.shape == folded.origin.shape
    assert int((folded.codes == SEPARATOR).sum()) >= len(texts)
    for code, text, origin in zip(
        folded.codes.tolist(), folded.text.tolist(), folded.origin.tolist(), strict=True
    ):
        if code > 0x7F and 0 <= origin < len(texts[text]):
            assert fold_phrase(texts[text][origin]) in {chr(code), ""} or code >= 0x3040


@given(st.lists(st.text(alphabet="abc 流量", min_size=1, max_size=20), min_size=1, max_size=4))
def test_windows_hash_alike_wherever_they_stand(texts: list[str]) -> None:
    codes = fold(texts).codes
    windows = Windows(codes)
    length = min(3, codes.size)
    starts = np.arange(codes.size - length + 1)
    rolling = windows.hashes(starts, starts + length, salt=1)
    seen: dict[bytes, int] = {}
    for start, value in zip(starts.tolist(), rolling.tolist(), strict=True):
        word = codes[start : start + length].tobytes()
        assert seen.setdefault(word, value) == value
    assert len(set(seen.values())) == len(seen)


def test_several_salts_at_once_mix_as_each_alone() -> None:
    values = np.arange(5, dtype=np.uint64)
    each = [mix(values[:2], salt=7), mix(values[2:], salt=8)]
    assert mix(values, salt=(7, 8), sizes=(2, 3)).tolist() == np.concatenate(each).tolist()


@pytest.mark.parametrize("others", [0, 1, 400])
def test_a_text_alone_has_the_features_it_has_among_others(others: int) -> None:
    names, phrases = read_phrases(ENTRIES)
    said = "My data cap: 流量用完了 cancel the fee 2 times"
    alone = features([said], names=names, phrases=phrases)
    among = features([said, *["何时 data"] * others], names=names, phrases=phrases)

    def of_first(found: Features) -> list[tuple[int, ...]]:
        return sorted(
            (family.group, *each)
            for family in found.families
            for text, *each in zip(family.text, family.row, family.start, family.end, strict=True)
            if text == 0
        )

    assert of_first(alone) == of_first(among)


def test_no_feature_reaches_into_the_next_text() -> None:
    names, phrases = read_phrases(ENTRIES)
    found_in = features(["data", "cap", "流", "量"], names=names, phrases=phrases)
    for family in found_in.families:
        text = found_in.folded.text
        assert (text[family.start] == family.text).all()
        assert (text[family.end - 1] == family.text).all()
    assert norms(found_in).shape == (3, 4)


@pytest.mark.parametrize("text", ["", " \n\t", "。！？…", "12345", "😀😀"])
def test_a_text_without_words_is_asked_about_and_nothing_is_sure_of_it(text: str) -> None:
    (answer,) = classify([text])
    assert (answer.code, answer.code2, answer.ask) == ("other.unspecific", "", True)
    assert answer.confidence < 0.6
