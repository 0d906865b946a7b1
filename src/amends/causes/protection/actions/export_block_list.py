"""Write the changes of the block list for systems of the network, with a signed note beside."""

from __future__ import annotations

import io
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from amends.causes.protection.queries.block_list import BlockedNumber, block_list_changes
from amends.platform.tabular.exports import write_csv
from amends.platform.vault.signed_notes import sign_note
from amends.record.ledger.queries.keys import signing_key

AT_A_TIME = 50_000
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
    """Write the changes after the one numbered `since` to `out`, and the note to `out.note`.

    The changes are read and written in parts: millions of them need no more memory than a few.
    """
    digest, count, last = sha256(), 0, since
    part_file = out.with_name(f"{out.name}.part")
    try:
        with part_file.open("wb") as file:
            while True:
                changes = block_list_changes(last, limit=AT_A_TIME)
                content = _table(changes, with_header=last == since).encode()
                digest.update(content)
                file.write(content)
                if not changes:
                    break
                count, last = count + len(changes), changes[-1].sequence
        part_file.replace(out)
    finally:
        part_file.unlink(missing_ok=True)
    note = out.with_name(f"{out.name}.note")
    signed = sign_note(f"{FORMAT}\n{last}\n{digest.hexdigest()}\n", signing_key())
    note.write_text(signed, encoding="utf-8")
    return BlockListFile(
        changes=count, last=last, sha256=digest.hexdigest(), out=str(out), note=str(note)
    )


def _table(changes: list[BlockedNumber], *, with_header: bool) -> str:
    """CSV of some changes."""
    table = io.StringIO()
    write_csv(
        table,
        HEADER,
        (
            [
                change.sequence,
                change.number,
                "add" if change.added else "remove",
                change.at.isoformat(),
                change.until.isoformat() if change.until else "",
            ]
            for change in changes
        ),
    )
    content = table.getvalue()
    return content if with_header else content.partition("\n")[2]
