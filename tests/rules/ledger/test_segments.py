"""Rows of a segment are the same facts, byte for byte, as if each stood alone."""

from __future__ import annotations

import random
from hashlib import sha256

import numpy as np
import orjson
import polars as pl
import pyarrow as pa
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from amends.platform.kit.periods import from_ms
from amends.record.facts.canonical import fact_bytes, leaf_hash
from amends.record.facts.fact import Fact, UnableToState
from amends.record.facts.kinds import KINDS
from amends.record.ledger.rules.columns import MAX_ROWS
from amends.record.ledger.rules.lookup import blocks, bucket_of, rows_of
from amends.record.ledger.rules.merkle import is_included, proof_in_memory, root_of
from amends.record.ledger.rules.parts import (
    UnableToUnpack,
    part_id,
    rows_within,
    unpack,
    unpack_cached,
)
from amends.record.ledger.rules.rows import (
    Frame,
    fact_id,
    payload_of,
    row_hash,
    row_hashes,
    row_leaves,
    row_of,
    stated_rows,
)
from amends.record.ledger.rules.segments import chunk_roots, seal

texts = st.text(max_size=12) | st.sampled_from(['"', "\\", "\n\t\x1f", "\u2028é\U0001f600", ""])
integers = st.integers(-(2**53) + 1, 2**53 - 1)
moments = st.integers(0, 4_000_000_000_000)
keys = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12)


@st.composite
def facts_of_a_kind(draw) -> tuple[str, list[dict[str, object]]]:
    kind = draw(st.sampled_from(sorted(KINDS.keys() - {"SourceCovered"})))
    spec = KINDS[kind]
    values = {str: texts, int: integers}
    row = st.fixed_dictionaries(
        {
            "subscriber": keys,
            "subject": keys,
            "happened_at_ms": moments,
            **{name: values[one] for name, one in spec.required.items()},
            **{name: st.none() | values[one] for name, one in spec.optional.items()},
        }
    )
    return kind, draw(st.lists(row, min_size=1, max_size=8))


def frame(kind: str = "ServiceStopped", source: str = "crm") -> Frame:
    return Frame("0" * 27, kind, 1, source, 1_777_887_000_000)


def columns(rows: list[dict[str, object]]) -> dict[str, list[object]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def stopped(count: int) -> dict[str, list[object]]:
    return {
        "subscriber": [f"p{number % 97}" for number in range(count)],
        "subject": [f"svc-{number}" for number in range(count)],
        "happened_at_ms": list(range(count)),
        "initiator": ["system"] * count,
    }


@given(facts_of_a_kind(), texts.filter(bool))
def test_a_row_has_the_bytes_of_the_single_fact_and_of_the_reference_library(drawn, source):
    kind, rows = drawn
    sealed = seal(frame(kind, source), columns(rows))
    written = [bytes(leaf) for leaf in row_leaves(sealed.frame, sealed.columns)]
    for number, (row, leaf) in enumerate(zip(rows, written, strict=True)):
        payload = payload_of(row)
        alone = Fact(
            kind,
            row["subscriber"],
            row["subject"],
            from_ms(row["happened_at_ms"]),
            source,
            payload,
            id=fact_id("0" * 27, number),
        )
        canonical = fact_bytes(alone, recorded_at_ms=sealed.frame.recorded_at_ms)
        assert leaf == b"\x00" + canonical
        assert canonical == rfc8785.dumps(orjson.loads(canonical))
    hashes = row_hashes(sealed.frame, unpack(sealed.parts))
    assert hashes == [leaf_hash(one[1:]) for one in written]
    rows = enumerate(stated_rows(unpack(sealed.parts)))
    assert hashes == [row_hash(sealed.frame, *row) for row in rows]


def test_the_header_is_the_leaf_and_holds_the_root_of_the_rows():
    sealed = seal(frame(), stopped(3000))
    hashes = row_hashes(sealed.frame, sealed.columns)
    header = orjson.loads(sealed.header)
    assert header["root"] == root_of(hashes).hex()
    assert (header["rows"], header["last_happened_at_ms"]) == (3000, 2999)
    assert sealed.leaf == leaf_hash(rfc8785.dumps(header))
    proof = proof_in_memory(hashes, 2999)
    assert is_included(hashes[2999], 2999, 3000, proof, bytes.fromhex(header["root"]))


@given(st.integers(1, 400))
def test_chunks_are_a_level_of_the_tree_of_rows(count):
    hashes = [leaf_hash(str(number).encode()) for number in range(count)]
    level = np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, 32)
    assert root_of(chunk_roots(level)) == root_of(hashes)


def test_rows_are_read_without_those_of_other_parts():
    sealed = seal(frame(), stopped(5000))
    assert [part_id("s", row) for row in (0, 1023, 1024, 4999)] == ["s00", "s00", "s01", "s04"]
    hashes = row_hashes(sealed.frame, sealed.columns)
    for rows in ([1024], [1024, 1025, 1026], [1030, 1024, 2047], [2047]):
        found = rows_within(unpack([sealed.parts[1]]), rows)
        assert found["subject"].to_pylist() == [f"svc-{row}" for row in rows]
        assert row_hashes(sealed.frame, found, rows) == [hashes[row] for row in rows]
    assert unpack(sealed.parts).equals(pa.table(sealed.columns))


def test_a_changed_part_is_refused_and_never_read_past_its_end():
    sealed = seal(frame(), stopped(200))
    part = sealed.parts[0]
    digest = sha256(part).digest()
    assert unpack_cached(part, digest).num_rows == 200
    chance = random.Random(5)
    for _ in range(400):
        changed = bytearray(part)
        changed[chance.randrange(len(part))] ^= 1 << chance.randrange(8)
        with pytest.raises(UnableToUnpack, match="not those that were recorded"):
            unpack_cached(bytes(changed), digest)
        try:
            row_hashes(sealed.frame, unpack([bytes(changed)]))
        except (UnableToUnpack, KeyError, pa.ArrowException):
            continue


@pytest.mark.parametrize(
    "table",
    [
        pa.table(stopped(5)),
        pa.table(stopped(9)).slice(2, 5),
        pa.concat_tables([pa.table(stopped(3)), pa.table(stopped(2))]),
        pl.DataFrame(stopped(5)),
        pl.DataFrame(stopped(5)).with_columns(pl.col("initiator").cast(pl.Categorical)),
        pl.DataFrame(stopped(5)).with_columns(pl.col("happened_at_ms").cast(pl.UInt32)),
    ],
)
def test_columns_may_come_from_arrow_or_polars(table):
    assert seal(frame(), table).rows == 5


def test_an_optional_column_without_values_is_the_same_as_none():
    bare = seal(frame(), stopped(3))
    nulls = seal(frame(), {**stopped(3), "reason": [None] * 3})
    assert (bare.header, bare.parts) == (nulls.header, nulls.parts)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"colour": ["red"] * 3}, "no field colour"),
        ({"initiator": [None, "a", None]}, "lacks initiator in row 0"),
        ({"initiator": [1, 2, 3]}, "initiator must be str"),
        ({"happened_at_ms": [1.5, 2, 3]}, "happened_at_ms must be int"),
        ({"happened_at_ms": [True, False, True]}, "happened_at_ms must be int"),
        ({"happened_at_ms": [2**53, 2, 3]}, "beyond the integers"),
        ({"happened_at_ms": pa.array([2**64 - 1, 2, 3], pa.uint64())}, "cannot be read"),
        ({"happened_at_ms": [1, None, 3]}, "lacks happened_at_ms in row 1"),
        ({"subscriber": ["p", "q" * 65, "r"]}, "longer than 64"),
        ({"subject": ["p", "q\x00", "r"]}, "NUL"),
        ({"subject": ["p", "q"]}, "do not make a table"),
        ({"subject": ["p", "q", "\ud800"]}, "do not make a table"),
        ({"initiator": pa.array([b"\xff", b"a", b"b"]).view(pa.string())}, "cannot be read"),
        ({"reason": [b"a", None, None]}, "reason must be str"),
    ],
)
def test_columns_that_are_not_facts_are_refused_by_name(change, words):
    with pytest.raises(UnableToState, match=words):
        seal(frame(), {**stopped(3), **change})


def test_missing_columns_empty_and_oversized_tables_and_unknown_kinds():
    with pytest.raises(UnableToState, match="lacks initiator"):
        seal(frame(), {name: one for name, one in stopped(1).items() if name != "initiator"})
    with pytest.raises(UnableToState, match="not 0"):
        seal(frame(), stopped(0))
    with pytest.raises(UnableToState, match="not 10,001"):
        seal(frame(), stopped(MAX_ROWS + 1))
    with pytest.raises(UnableToState, match="no kind"):
        seal(frame("Nothing"), stopped(1))


def test_no_kind_has_a_field_that_would_hide_a_row_s_place():
    places = {"subscriber", "subject", "happened_at_ms"}
    assert not [kind for kind, spec in KINDS.items() if places & {*spec.required, *spec.optional}]
    assert all(spec.required for spec in KINDS.values())


def test_a_fact_s_id_tells_its_segment_and_row():
    assert row_of(fact_id("a" * 27, 9999)) == ("a" * 27, 9999)


@given(st.lists(st.lists(keys, min_size=1, max_size=30), min_size=1, max_size=5), st.data())
def test_every_row_of_a_key_is_found_and_few_others(segments, data):
    indexed = {
        str(number): blocks(pa.array(one, pa.string())) for number, one in enumerate(segments)
    }
    known = sorted({key for one in segments for key in one} - {""})
    if not known:
        assert not any(indexed.values())
        return
    key = data.draw(st.sampled_from(known))
    bucket = bucket_of(key)
    found = rows_of([key], [(s, one[bucket]) for s, one in indexed.items() if bucket in one])
    for number, one in enumerate(segments):
        rows = {row for row, other in enumerate(one) if other == key}
        assert rows <= set(found.get(str(number), []))
