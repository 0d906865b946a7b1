"""Write the changes of the block list for systems of the network, with a signed note beside."""

from __future__ import annotations

import io
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from amends.ledger.queries.keys import signing_key
from amends.protection.queries import block_list_changes
from amends.tabular.exports import write_csv
from amends.vault.signed_notes import sign_note

FORMAT = "amends-block-list-1"
HEADER = ("sequence", "number", "action", "at", "until")


@dataclass(frozen=True, slots=True)
class BlockListFile:
    """The changes that were written.

    last    number of the last change, `since` where there is none: next time ask for those after it
    sha256  of the file, as the signed note states it
    note    the file of the note: format, last change and digest, signed with the ledger's key
    """

    changes: int
    last: int
    sha256: str
    out: str
    note: str


def export_block_list(out: Path, *, since: int) -> BlockListFile:
    """Write the changes after the one numbered `since` to `out`, and the note to `out.note`."""
    changes = block_list_changes(since)
    table = io.StringIO()
    write_csv(
        table,
        HEADER,
        (
            [
                one.sequence,
                one.number,
                "add" if one.added else "remove",
                one.at.isoformat(),
                one.until.isoformat() if one.until else "",
            ]
            for one in changes
        ),
        for_spreadsheet=False,
    )
    content = table.getvalue().encode()
    last = changes[-1].sequence if changes else since
    digest = sha256(content).hexdigest()
    note = out.with_name(f"{out.name}.note")
    out.write_bytes(content)
    note.write_text(sign_note(f"{FORMAT}\n{last}\n{digest}\n", signing_key()), encoding="utf-8")
    return BlockListFile(len(changes), last, digest, str(out), str(note))
