"""Proofs of single facts, of rows in segments, and of the log's growth."""

from __future__ import annotations

import orjson
import pytest

from amends.record.facts.canonical import leaf_hash
from amends.record.ledger.models import Tile
from amends.record.ledger.queries import (
    checkpoint_note,
    consistency_proof,
    inclusion_proof,
    proof_bundle,
    tree,
)
from amends.record.ledger.refusals import UnableToProve, UnableToReadTree
from amends.record.ledger.rules.merkle import is_consistent, is_included

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


def holds(proof) -> bool:
    leaf = leaf_hash(proof.canonical)
    if proof.row is not None:
        header = orjson.loads(proof.row.header)
        root = bytes.fromhex(header["root"])
        if not is_included(leaf, proof.row.number, header["rows"], proof.row.path, root):
            return False
        leaf = leaf_hash(proof.row.header)
    root = bytes(tree.Checkpoint.objects.get(size=proof.size).root)
    return is_included(leaf, proof.index, proof.size, proof.path, root)


def test_single_facts_and_rows_are_proved_at_every_size(record, numbered):
    ids = record(300)
    ids += record(1000, rows=True)
    first = numbered()
    for fact in (ids[0], ids[299], ids[300], ids[363], ids[364], ids[1259], ids[1299]):
        assert holds(inclusion_proof(fact))
    ids += record(80)
    ids += record(65, rows=True)
    second = numbered()
    assert (first, second) == (301, 382)
    for fact in (ids[0], ids[450], ids[1299], ids[1300], ids[-1], ids[-2]):
        proof = inclusion_proof(fact)
        assert holds(proof)
        assert proof.size == second
        assert orjson.loads(proof.canonical)["id"] == fact
    assert holds(inclusion_proof(ids[450], size=first))
    with pytest.raises(UnableToProve, match="no entry"):
        inclusion_proof(ids[1300], size=first)


def test_the_log_s_growth_is_proved(record, numbered):
    sizes = []
    for count in (1, 6, 300, 2):
        record(count)
        sizes.append(numbered())
    roots = {one.size: bytes(one.root) for one in tree.Checkpoint.objects.all()}
    for first in sizes:
        for second in sizes:
            if first <= second:
                proof = consistency_proof(first, second)
                assert is_consistent(first, second, proof, roots[first], roots[second])
    assert consistency_proof(sizes[0]) == consistency_proof(sizes[0], sizes[-1])
    with pytest.raises(UnableToProve, match="No log of 0"):
        consistency_proof(0)


def test_what_is_not_there_is_not_proved(record, numbered):
    with pytest.raises(UnableToProve, match="Nothing is numbered"):
        inclusion_proof("0" * 32)
    with pytest.raises(UnableToProve, match="Nothing is numbered"):
        checkpoint_note()
    (known,) = record(1)
    numbered()
    (pending,) = record(1)
    *_, row = record(3, rows=True)
    for fact in (pending, row):
        with pytest.raises(UnableToProve, match="not numbered yet"):
            inclusion_proof(fact)
    numbered()
    for fact in ("0" * 32, row[:-1] + "3", "f" * 32):
        with pytest.raises(UnableToProve, match="no fact"):
            inclusion_proof(fact)
    for text in ("", "nonsense", row[:-1] + "z", row.upper(), row + "\n", "\x00" * 32):
        with pytest.raises(UnableToProve, match="not the id of a fact"):
            inclusion_proof(text)
    with pytest.raises(UnableToProve, match="at least one fact"):
        proof_bundle([])
    with pytest.raises(UnableToProve, match="no checkpoint of size 77"):
        proof_bundle([known], size=77)


def test_a_damaged_tree_gives_no_proof(record, numbered, unguarded):
    ids = record(10)
    numbered()
    Tile.objects.all().delete()
    with pytest.raises(UnableToReadTree):
        inclusion_proof(ids[0])


def test_a_proof_takes_few_reads(record, numbered, django_assert_max_num_queries):
    single, row = record(600)[5], record(5000, rows=True)[4321]
    numbered()
    with django_assert_max_num_queries(3):
        inclusion_proof(single)
    with django_assert_max_num_queries(4):
        inclusion_proof(row)
