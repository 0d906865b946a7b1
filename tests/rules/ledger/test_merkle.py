"""The tree: public vectors as they state, and everything else against a tree written naively."""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amends.record.ledger.rules.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_ranges,
    inclusion_ranges,
    is_consistent,
    is_included,
    node_hash,
    proof_in_memory,
    range_root,
    root_of,
)

sizes = st.integers(min_value=1, max_value=600)


def leaf(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def leaves(count: int) -> list[bytes]:
    return [leaf(str(number).encode()) for number in range(count)]


def naive_root(hashes: list[bytes]) -> bytes:
    """RFC 9162, section 2.1.1, word for word."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return sha256(b"\x01" + naive_root(hashes[:k]) + naive_root(hashes[k:])).digest()


def naive_inclusion(index: int, hashes: list[bytes]) -> list[bytes]:
    """RFC 9162, section 2.1.3.1."""
    if len(hashes) == 1:
        return []
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    if index < k:
        return [*naive_inclusion(index, hashes[:k]), naive_root(hashes[k:])]
    return [*naive_inclusion(index - k, hashes[k:]), naive_root(hashes[:k])]


def naive_consistency(first: int, hashes: list[bytes], known: bool = True) -> list[bytes]:
    """RFC 9162, section 2.1.4.1."""
    if first == len(hashes):
        return [] if known else [naive_root(hashes)]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    if first <= k:
        return [*naive_consistency(first, hashes[:k], known), naive_root(hashes[k:])]
    return [*naive_consistency(first - k, hashes[k:], False), naive_root(hashes[:k])]


def perfect(hashes: list[bytes]):
    return lambda level, number: naive_root(hashes[number << level : number + 1 << level])


def proof(ranges, hashes):
    return [range_root(one, perfect(hashes)) for one in ranges]


@pytest.mark.shared
def test_public_tree_heads(shared: Path):
    heads = json.loads((shared / "vectors/merkle_tree_heads_rfc6962.json").read_text())
    hashes = [leaf(bytes.fromhex(data)) for data in heads["leaves_hex"]]
    roots = [bytes.fromhex(root) for root in heads["root_by_size_hex"]]
    grown = Frontier()
    assert grown.root() == roots[0] == EMPTY_ROOT
    for size, root in enumerate(roots[1:], 1):
        grown.append(hashes[size - 1])
        assert grown.root() == root == root_of(hashes[:size])
    known = {one["what"]: one["hex"] for one in heads["primitives"]}
    assert leaf(b"L123456").hex() == known["leaf, ASCII L123456"]
    assert node_hash(b"N123", b"N456").hex() == known["node, ASCII N123 and N456"]


def decoded(text: str | None) -> bytes:
    return base64.b64decode(text or "")


@pytest.mark.shared
def test_all_196_public_proofs_come_out_as_stated(shared: Path):
    cases = json.loads((shared / "vectors/merkle_proofs_rfc6962.json").read_text())
    wrong = []
    for case in cases["inclusion"]:
        accepted = is_included(
            decoded(case["leafHash"]),
            case["leafIdx"],
            case["treeSize"],
            [decoded(one) for one in case["proof"] or []],
            decoded(case["root"]),
        )
        if accepted == case["wantErr"]:
            wrong.append(case["file"])
    for case in cases["consistency"]:
        accepted = is_consistent(
            case["size1"],
            case["size2"],
            [decoded(one) for one in case["proof"] or []],
            decoded(case["root1"]),
            decoded(case["root2"]),
        )
        if accepted == case["wantErr"]:
            wrong.append(case["file"])
    assert len(cases["inclusion"]) + len(cases["consistency"]) == 196
    assert wrong == []


@settings(deadline=None)
@given(sizes)
def test_the_root_is_the_naive_root_however_the_tree_grew(size):
    hashes = leaves(size)
    grown = Frontier()
    grown.extend(hashes)
    assert naive_root(hashes) == root_of(hashes) == grown.root()


@settings(deadline=None)
@given(sizes, st.data())
def test_an_inclusion_proof_is_the_naive_one_and_shows_its_leaf_only(size, data):
    hashes = leaves(size)
    index = data.draw(st.integers(0, size - 1))
    found = proof(inclusion_ranges(index, size), hashes)
    assert found == naive_inclusion(index, hashes) == proof_in_memory(hashes, index)
    assert is_included(hashes[index], index, size, found, naive_root(hashes))
    other = data.draw(st.integers(0, size - 1))
    if other != index:
        assert not is_included(hashes[other], index, size, found, naive_root(hashes))
        assert not is_included(hashes[index], other, size, found, naive_root(hashes))


@settings(deadline=None)
@given(sizes, st.data())
def test_a_consistency_proof_is_the_naive_one_and_shows_no_other_beginning(size, data):
    hashes = leaves(size)
    first = data.draw(st.integers(1, size))
    found = proof(consistency_ranges(first, size), hashes)
    old, new = naive_root(hashes[:first]), naive_root(hashes)
    assert found == naive_consistency(first, hashes)
    assert is_consistent(first, size, found, old, new)
    assert not is_consistent(first, size, [*found, new], old, new)
    altered = data.draw(st.integers(0, first - 1))
    forged = [*hashes[:altered], leaf(b"forged"), *hashes[altered + 1 : first]]
    assert not is_consistent(first, size, found, naive_root(forged), new)
    other = data.draw(st.integers(1, size))
    accepted = is_consistent(other, size, found, naive_root(hashes[:other]), new)
    assert accepted == (found == naive_consistency(other, hashes))


@settings(deadline=None)
@given(sizes, st.data())
def test_one_changed_bit_of_a_proof_is_refused(size, data):
    hashes = leaves(size)
    index = data.draw(st.integers(0, size - 1))
    found = proof(inclusion_ranges(index, size), hashes)
    if not found:
        return
    place, bit = data.draw(st.integers(0, len(found) - 1)), data.draw(st.integers(0, 255))
    changed = int.from_bytes(found[place], "big") ^ 1 << bit
    forged = [*found[:place], changed.to_bytes(32, "big"), *found[place + 1 :]]
    assert not is_included(hashes[index], index, size, forged, naive_root(hashes))


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_proof_of_what_is_not_there(index, size):
    with pytest.raises(ValueError, match="no entry"):
        inclusion_ranges(index, size)
    with pytest.raises(ValueError, match="no entry"):
        proof_in_memory(leaves(size), index)
    assert not is_included(leaf(b""), index, size, [], EMPTY_ROOT)


@pytest.mark.parametrize(("first", "second"), [(0, 3), (4, 3), (-1, 2)])
def test_there_is_no_proof_from_an_empty_or_larger_tree(first, second):
    with pytest.raises(ValueError, match="no proof"):
        consistency_ranges(first, second)
    assert not is_consistent(first, second, [], EMPTY_ROOT, EMPTY_ROOT)
