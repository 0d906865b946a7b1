"""Proof bundles and checkpoint chains: what a stranger verifies offline, as one JSON document.

The document has one spelling (keys sorted, no spaces), and ends in a statement: a note signed with
the log's key over everything else in it. So the operator stands by the selection of facts, and no
byte of the file can be changed, not even one that no proof depends on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from amends.platform.vault.signed_notes import SigningKey, sign_note

BUNDLE_FORMAT = "amends-proof-bundle@1"
CHAIN_FORMAT = "amends-checkpoint-chain@1"


@dataclass(frozen=True, slots=True)
class RowProof:
    """Where a fact stands in its segment: header (canonical bytes), row, and path to its root."""

    header: bytes
    number: int
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """A fact's canonical bytes and the path from its entry to the root of `size` entries."""

    canonical: bytes
    index: int
    size: int
    path: tuple[bytes, ...]
    row: RowProof | None = None

    def as_dict(self) -> dict[str, Any]:
        """The proof's place in a bundle."""
        document: dict[str, Any] = {
            "canonical": self.canonical.decode(),
            "index": self.index,
            "path": [path_hash.hex() for path_hash in self.path],
        }
        if self.row is not None:
            document["row"] = {
                "header": self.row.header.decode(),
                "number": self.row.number,
                "path": [path_hash.hex() for path_hash in self.row.path],
            }
        return document


def bundle(
    proofs: Iterable[InclusionProof],
    *,
    checkpoint: str,
    witness_keys: Iterable[str],
    key: SigningKey,
    enclosed: Mapping[str, bytes] | None = None,
) -> str:
    """The proof bundle of some facts against a checkpoint and the witnesses that cosigned it.

    enclosed  files that lie beside it, by name: their digests stand in what is signed
    """
    ordered = sorted(proofs, key=lambda proof: (proof.index, proof.row.number if proof.row else -1))
    document: dict[str, Any] = {
        "format": BUNDLE_FORMAT,
        "key": str(key.verifier),
        "witness_keys": list(witness_keys),
        "checkpoint": checkpoint,
        "facts": [inclusion.as_dict() for inclusion in ordered],
    }
    if enclosed:
        document["enclosed"] = {name: sha256(data).hexdigest() for name, data in enclosed.items()}
    return stated(document, key)


def chain(checkpoints: Sequence[str], proofs: Sequence[Sequence[bytes]], *, key: SigningKey) -> str:
    """Checkpoints, oldest first, and the consistency proof from each to the next."""
    return stated(
        {
            "format": CHAIN_FORMAT,
            "key": str(key.verifier),
            "checkpoints": list(checkpoints),
            "proofs": [[proof_hash.hex() for proof_hash in proof] for proof in proofs],
        },
        key,
    )


def written(document: dict[str, Any]) -> str:
    """The one spelling of a document.

    >>> written({"b": 1, "a": "é"})
    '{"a":"é","b":1}'
    """
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def stated(document: dict[str, Any], key: SigningKey) -> str:
    """A document in its one spelling, with a statement signed over the rest of it."""
    digest = sha256(written(document).encode()).hexdigest()
    statement = sign_note(f"{document['format']}\n{digest}\n", key)
    return written({**document, "statement": statement})
