"""Checkpoints (C2SP tlog-checkpoint) and what witnesses put under them (C2SP tlog-cosignature).

    amends/ledger/4f2a9c…            the log
    1000                             entries
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
    settled 1777887000000            every fact recorded before this moment is among the entries

The last line is the extension that makes back-dating show: a fact that enters the log later, and
claims to have been recorded before, contradicts a signed promise.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from amends.kit.errors import gettext_noop as _
from amends.ledger.rules.merkle import HASH_BYTES
from amends.ledger.rules.notes import (
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

_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}").fullmatch
_SETTLED = "settled "


@dataclass(frozen=True, slots=True)
class CheckpointText:
    """What a checkpoint says.

    origin      name of the log, the same as its key's
    size        number of entries
    root        32 bytes: the tree's root over them
    settled_ms  every fact recorded before it (milliseconds since 1970) is among the entries
    """

    origin: str
    size: int
    root: bytes
    settled_ms: int = 0

    def __str__(self) -> str:
        root = base64.b64encode(self.root).decode()
        return f"{self.origin}\n{self.size}\n{root}\n{_SETTLED}{self.settled_ms}\n"


def read_checkpoint(text: str) -> CheckpointText:
    """Read the text of a checkpoint note, in the one spelling it is written in.

    >>> read_checkpoint(str(CheckpointText("log", 1, bytes(32), 5))).size
    1
    """
    lines = text.split("\n")
    if len(lines) != 5 or lines[4] or not lines[3].startswith(_SETTLED):
        raise UnableToReadNote(
            _("A checkpoint has four lines: log, size, root and settled moment.")
        )
    settled = lines[3].removeprefix(_SETTLED)
    root = unbase64(lines[2])
    if not _NUMBER(lines[1]) or not _NUMBER(settled) or len(root) != HASH_BYTES or not lines[0]:
        raise UnableToReadNote(
            _("The size, root or settled moment of a checkpoint is not readable.")
        )
    return CheckpointText(lines[0], int(lines[1]), root, int(settled))


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
