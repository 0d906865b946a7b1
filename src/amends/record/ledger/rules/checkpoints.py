"""Checkpoints (C2SP tlog-checkpoint) and what witnesses put under them (C2SP tlog-cosignature).

    amends/ledger/4f2a9c…            the log
    1000                             entries
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
    settled 1777887000000            every fact recorded before this moment is among the entries
    signed 1777890600000             when it was signed
    before 9f64a747…                 SHA-256 of the checkpoint before, 64 zeros in the first

The last three lines are extensions. The settled moment makes back-dating show: a fact that enters
the log later, and claims to have been recorded before, contradicts a signed promise. The hash makes
a checkpoint that is taken away show.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from hashlib import sha256

from amends.platform.kit.errors import gettext_noop as _
from amends.platform.vault.signed_notes import (
    COSIGNATURE,
    Note,
    SignatureLine,
    SigningKey,
    UnableToReadNote,
    UnableToTrust,
    VerifierKey,
    sign_note,
    unbase64,
    verified_note,
)
from amends.record.ledger.rules.tile_sizes import HASH_BYTES

NO_NOTE = bytes(HASH_BYTES)
"""Stands in the first checkpoint for the one before."""
_NUMBER = "(0|[1-9][0-9]{0,17})"
_TEXT = re.compile(
    rf"(.+)\n{_NUMBER}\n(.+)\nsettled {_NUMBER}\nsigned {_NUMBER}\nbefore ([0-9a-f]{{64}})\n"
).fullmatch


@dataclass(frozen=True, slots=True)
class CheckpointText:
    """What a checkpoint says.

    origin      name of the log, the same as its key's
    size        number of entries
    root        32 bytes: the tree's root over them
    settled_ms  every fact recorded before it (milliseconds since 1970) is among the entries
    signed_ms   when it was signed
    before      `note_digest` of the checkpoint before it, so that none can be taken away
    """

    origin: str
    size: int
    root: bytes
    settled_ms: int = 0
    signed_ms: int = 0
    before: bytes = NO_NOTE

    def __str__(self) -> str:
        root = base64.b64encode(self.root).decode()
        return (
            f"{self.origin}\n{self.size}\n{root}\n"
            f"settled {self.settled_ms}\nsigned {self.signed_ms}\nbefore {self.before.hex()}\n"
        )


def note_digest(note: str) -> bytes:
    """SHA-256 of a checkpoint's note, for the next one to hold."""
    return sha256(note.encode()).digest()


def read_checkpoint(text: str) -> CheckpointText:
    """Read the text of a checkpoint note, in the one spelling it is written in.

    >>> read_checkpoint(str(CheckpointText("log", 1, bytes(32), 5))).size
    1
    """
    text_match = _TEXT(text)
    root = unbase64(text_match[3]) if text_match else b""
    if text_match is None or len(root) != HASH_BYTES:
        raise UnableToReadNote(
            _(
                "A checkpoint has six lines: log, size, root, settled and signed moment, and the "
                "hash of the one before."
            )
        )
    origin, size, _root, settled, signed, before = text_match.groups()
    return CheckpointText(
        origin=origin,
        size=int(size),
        root=root,
        settled_ms=int(settled),
        signed_ms=int(signed),
        before=bytes.fromhex(before),
    )


def sign_checkpoint(stated: CheckpointText, key: SigningKey) -> str:
    """The checkpoint as a signed note."""
    return sign_note(str(stated), key)


def verified_checkpoint(note: str, key: VerifierKey) -> CheckpointText:
    """What a checkpoint says, if `key` signed it for the log of the same name."""
    stated = read_checkpoint(verified_note(note, [key]).text)
    if stated.origin != key.name:
        raise UnableToTrust(
            _("The checkpoint is one of %(origin)s, not of %(name)s."),
            values={"origin": stated.origin, "name": key.name},
        )
    return stated


def cosign(note: Note, witness: SigningKey, *, at_s: int) -> SignatureLine:
    """A witness's line: it saw this checkpoint at `at_s` (seconds since 1970) and no other history.

    The caller has verified the log's signature and consistency with what the witness saw before.
    """
    if witness.algorithm != COSIGNATURE:
        raise UnableToTrust(_("A witness signs with a key made for cosignatures."))
    signature = witness.sign(_cosigned(note.text, at_s))
    key_id = witness.verifier.key_id
    return SignatureLine(witness.name, key_id, at_s.to_bytes(8, "big") + signature)


def cosigned_at_s(note: Note, witness: VerifierKey) -> int:
    """When `witness` signed the checkpoint (seconds since 1970), or `UnableToTrust`."""
    line = note.by(witness)
    if line is None or witness.algorithm != COSIGNATURE or len(line.signature) != 72:
        raise UnableToTrust(
            _("The checkpoint bears no cosignature of %(name)s."),
            values={"name": witness.name},
        )
    at_s = int.from_bytes(line.signature[:8], "big")
    if not witness.verifies(_cosigned(note.text, at_s), line.signature[8:]):
        raise UnableToTrust(
            _("The cosignature of %(name)s does not fit the checkpoint."),
            values={"name": witness.name},
        )
    return at_s


def _cosigned(text: str, at_s: int) -> bytes:
    return f"cosignature/v1\ntime {at_s}\n{text}".encode()
