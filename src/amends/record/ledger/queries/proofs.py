"""Proofs of what is on record, read from the stored tree in a few queries each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from itertools import pairwise
from typing import Any

from amends.platform.vault.signed_notes import read_note
from amends.record.facts.canonical import is_fact_id
from amends.record.ledger import refusals
from amends.record.ledger.models import Checkpoint
from amends.record.ledger.offline.verify_bundle import verify as verify_bundle
from amends.record.ledger.queries import sql, tree
from amends.record.ledger.queries.cosignatures import cosignatures, newest_witnessed
from amends.record.ledger.queries.keys import signing_key, verifier_key
from amends.record.ledger.queries.reading import frame_of
from amends.record.ledger.rules import bundles
from amends.record.ledger.rules.bundles import InclusionProof, RowProof
from amends.record.ledger.rules.checkpoints import CheckpointText, read_checkpoint
from amends.record.ledger.rules.merkle import proof_in_memory
from amends.record.ledger.rules.parts import part_id, rows_within, unpack_cached
from amends.record.ledger.rules.rows import row_leaf, row_of, stated_rows
from amends.record.ledger.rules.segments import CHUNK_ROWS
from amends.record.ledger.rules.tiles import hashes_in


def inclusion_proof(fact: str, *, size: int | None = None) -> InclusionProof:
    """The proof that the fact with this id stands among the first `size` entries.

    size   of a checkpoint; the latest one's if None

    Raises `UnableToProve` for a fact that is not on record, or not numbered yet.
    """
    if not is_fact_id(fact):
        raise refusals.not_an_id(fact=fact)
    tree_size = _size() if size is None else size
    single = sql.row(sql.FACT, [fact])
    if single is not None:
        index, canonical = _numbered(single[0]), bytes(single[1])
        return InclusionProof(
            canonical=canonical, index=index, size=tree_size, path=_path(index, tree_size)
        )
    index, canonical, row = _row_proof(fact)
    return InclusionProof(
        canonical=canonical, index=index, size=tree_size, path=_path(index, tree_size), row=row
    )


def consistency_proof(first: int, second: int | None = None) -> list[bytes]:
    """The proof that the log of `first` entries is the beginning of that of `second` (or now)."""
    return tree.consistency_path(first, _size() if second is None else second)


def proof_bundle(
    facts: Iterable[str],
    *,
    size: int | None = None,
    enclosed: Mapping[str, bytes] | None = None,
) -> str:
    """Facts with their proofs, the checkpoint and its cosignatures, as JSON to verify offline.

    size      of a checkpoint; if None the newest one that a witness signed and that holds the
              facts, else the latest
    enclosed  files to hand over beside it, by name; the bundle vouches for them

    `ledger/offline/verify_bundle.py` verifies it with Python and `cryptography` alone.
    """
    wanted = list(dict.fromkeys(facts))
    if not wanted:
        raise refusals.empty_bundle()
    checkpoint = _latest() if size is None else _checkpoint(size)
    proofs = [inclusion_proof(fact, size=checkpoint.size) for fact in wanted]
    witnessed = newest_witnessed() if size is None else None
    if witnessed is not None and all(proof.index < witnessed for proof in proofs):
        return proof_bundle(wanted, size=witnessed, enclosed=enclosed)
    cosigned = cosignatures(checkpoint.size)
    return bundles.bundle(
        proofs,
        checkpoint=checkpoint.note + "".join(cosignature.line for cosignature in cosigned),
        witness_keys=[cosignature.key for cosignature in cosigned],
        key=signing_key(),
        enclosed=enclosed,
    )


def signed_document(document: dict[str, Any]) -> str:
    """A document of another app, with its `format`, signed with the log's key as bundles are."""
    return bundles.stated(document, signing_key())


def checkpoint_chain(sizes: Iterable[int]) -> str:
    """The checkpoints of these sizes and the latest, each proved to continue the one before."""
    wanted = sorted({*sizes, _size()})
    return bundles.chain(
        [_checkpoint(size).note for size in wanted],
        [tree.consistency_path(*pair) for pair in pairwise(wanted)],
        key=signing_key(),
    )


def checkpoint_note() -> str:
    """The latest checkpoint with its cosignatures, to publish or to give to a witness."""
    latest = _latest()
    return latest.note + "".join(cosignature.line for cosignature in cosignatures(latest.size))


def _row_proof(fact: str) -> tuple[int, bytes, RowProof]:
    seq, rows, header, chunk_hashes, part, number = _segment_of(fact)
    index = _numbered(seq)
    first = number - number % CHUNK_ROWS
    numbers = list(range(first, min(first + CHUNK_ROWS, rows)))
    frame, chunk = frame_of(header), stated_rows(rows_within(part, numbers))
    leaves = [row_leaf(frame, *numbered_row) for numbered_row in zip(numbers, chunk, strict=True)]
    hashes = [sha256(leaf).digest() for leaf in leaves]
    chunks = hashes_in(chunk_hashes, 0, len(chunk_hashes))
    path = (
        *proof_in_memory(hashes, number - first),
        *proof_in_memory(chunks, number // CHUNK_ROWS),
    )
    return index, leaves[number - first][1:], RowProof(header, number, path)


def _segment_of(fact: str) -> tuple[int | None, int, bytes, bytes, Any, int]:
    """The segment a fact stands in: number, rows, header, chunk roots; its part, and its row."""
    name, number = row_of(fact)
    part_row = sql.row(sql.PART, [part_id(name, number), number])
    if part_row is None:
        raise refusals.unknown_fact(fact=fact)
    seq, rows, header, chunks, part, digest = part_row
    columns = unpack_cached(bytes(part), bytes(digest))
    return seq, rows, bytes(header), bytes(chunks), columns, number


def _path(index: int, size: int) -> tuple[bytes, ...]:
    return tuple(tree.inclusion_path(index, size))


def _numbered(seq: int | None) -> int:
    if seq is None:
        raise refusals.not_numbered()
    return seq


def _size() -> int:
    newest = sql.row(sql.NEWEST)
    return newest[0] if newest else _latest().size


def _latest() -> Checkpoint:
    latest = tree.head()
    if latest is None:
        raise refusals.no_checkpoint()
    return latest


def _checkpoint(size: int) -> Checkpoint:
    stored_checkpoint = Checkpoint.objects.filter(size=size).first()
    if stored_checkpoint is None:
        raise refusals.unknown_checkpoint(size=size)
    return stored_checkpoint


def verified_lines(bundle: str) -> list[str]:
    """What a bundle of this log proves, line by line, checked as a stranger checks it."""
    check: Callable[[str, str], Iterable[str]] = verify_bundle
    return list(check(bundle, str(verifier_key())))


def stated_in(note: str) -> CheckpointText:
    """What the note of a checkpoint states; raises `UnableToReadNote`."""
    return read_checkpoint(read_note(note).text)
