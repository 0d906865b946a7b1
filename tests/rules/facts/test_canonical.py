"""Canonical bytes: the reference library's, by a faster way."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from amends.record.facts.canonical import canonical_json, fact_bytes, leaf_hash
from amends.record.facts.fact import Fact, UnableToState

integers = st.integers(-(2**53) + 1, 2**53 - 1)
texts = st.text(st.characters(exclude_categories=["Cs"]))
documents = st.recursive(
    st.dictionaries(texts, texts | integers),
    lambda inner: st.dictionaries(texts, texts | integers | inner),
    max_leaves=10,
)


@given(documents)
def test_any_mapping_has_the_reference_library_s_bytes(document):
    assert canonical_json(document) == rfc8785.dumps(document)


def test_keys_stand_in_the_order_of_utf_16():
    document = {"\ufb33": 1, "\U0001f600": 2, "\u20ac": 3, "\r": 4, "1": 5, "é": 6}
    assert list(json.loads(canonical_json(document))) == list(json.loads(rfc8785.dumps(document)))
    assert canonical_json(document).index(b"\xf0\x9f") < canonical_json(document).index(b"\xef\xac")


@pytest.mark.parametrize("value", [1.5, True, None, [1], 2**53, -(2**53), {"a": 1.0}])
def test_only_strings_and_safe_integers_are_facts(value):
    with pytest.raises(UnableToState):
        canonical_json({"a": value})


@pytest.mark.parametrize("text", ["\ud800", "a\udfff"])
def test_text_that_is_not_unicode_is_refused(text):
    with pytest.raises(UnableToState, match="not Unicode"):
        canonical_json({"a": text})
    with pytest.raises(UnableToState, match="not Unicode"):
        canonical_json({text: "a"})


@given(texts, texts, texts, texts, integers, st.integers(0, 2**45))
def test_a_fact_has_the_reference_library_s_bytes(subscriber, subject, source, text, number, ms):
    happened = datetime(2026, 5, 4, 9, 30, 0, 123_000, tzinfo=UTC)
    payload = {
        "charge": text,
        "charge_kind": "usage",
        "offer": text,
        "amount_minor": number,
        "currency": "CNY",
    }
    fact = Fact("ChargeMade", subscriber, subject, happened, source, payload)
    expected = {
        "id": fact.id,
        "kind": "ChargeMade",
        "version": 1,
        "subscriber": subscriber,
        "subject": subject,
        "happened_at_ms": 1_777_887_000_123,
        "recorded_at_ms": ms,
        "source": source,
        "payload": payload,
    }
    canonical = fact_bytes(fact, recorded_at_ms=ms)
    assert canonical == rfc8785.dumps(expected) == canonical_json(expected)
    assert leaf_hash(canonical) == sha256(b"\x00" + canonical).digest()


def test_a_fact_with_a_lone_surrogate_is_refused():
    fact = Fact("ServiceStopped", "p", "\ud800", datetime.now(UTC), "crm", {"initiator": "user"})
    with pytest.raises(UnableToState, match="ServiceStopped has text"):
        fact_bytes(fact, recorded_at_ms=0)


@pytest.mark.shared
def test_the_public_vectors_through_the_reference_library(shared: Path):
    cases = json.loads((shared / "vectors/jcs_rfc8785.json").read_text(encoding="utf-8"))
    assert len(cases) == 6
    for case in cases:
        document = json.loads(case["input_utf8"])
        assert rfc8785.dumps(document).hex() == case["canonical_hex"], case["name"]
    ours = [case for case in cases if case["name"] in ("french", "unicode")]
    for case in ours:
        assert canonical_json(json.loads(case["input_utf8"])).hex() == case["canonical_hex"]
