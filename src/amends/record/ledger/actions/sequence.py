"""Number what was appended, extend the tree, and sign a checkpoint: one sequencer at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from django.db import connection, transaction

from amends.platform.database.lease import LEASE_MS, LeaseLost, give_back, renew, take
from amends.platform.kit.errors import Unavailable
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.periods import to_ms
from amends.platform.vault.signed_notes import SigningKey, read_note
from amends.record.ledger.models import Checkpoint, Segment, SingleFact, Tile
from amends.record.ledger.queries import tree
from amends.record.ledger.queries.keys import signing_key
from amends.record.ledger.refusals import UnableToSignCheckpoint
from amends.record.ledger.rules.checkpoints import (
    NO_NOTE,
    CheckpointText,
    note_digest,
    sign_checkpoint,
)
from amends.record.ledger.rules.tiles import edge_tiles, extend

LEASE_NAME = "sequencer"
# A fact may reach the log this long after its recorded moment: its transaction was still open.
LONGEST_TRANSACTION_MS = 3_600_000
_FEWEST, _MOST = 500, 20_000
# SQLite has one writer: nobody should wait for the sequencer longer than a tenth of a second.
_SLICE_S = {"sqlite": 0.025, "postgresql": 0.5}


class UnableToSequence(Unavailable):
    """The tree cannot be extended; facts are still recorded, but not numbered."""

    code = "ledger_not_sequenced"


@dataclass(frozen=True, slots=True)
class Sequenced:
    """What one run did: how many entries it numbered, and the latest checkpoint ("" if none)."""

    entries: int
    size: int
    checkpoint: str


def sequence(*, now: datetime, holder: str) -> Sequenced | None:
    """Number every pending fact and segment, and sign; None if another holder is at it.

    now      the present, for the lease and the checkpoint's time
    holder   a name no other process uses, e.g. host and process id

    Works in slices, each a transaction of its own: on SQLite short ones, so that writers wait at
    most a tenth of a second. A crash between two statements loses and doubles nothing: numbers,
    tiles and checkpoint of a slice are one transaction. Call it outside a transaction.
    """
    started, now_ms = monotonic(), to_ms(now)
    if not take(LEASE_NAME, holder, now_ms):
        return None
    key = signing_key()
    entries, count, latest = 0, _FEWEST, tree.head()
    _check_key(key, latest)
    try:
        while True:
            slice_started = monotonic()
            lease_ms = LEASE_MS + round((slice_started - started) * 1000)
            sequenced, drained, latest = _slice(count, holder, now_ms, now_ms + lease_ms, key)
            entries += sequenced
            if drained:
                break
            seconds = monotonic() - slice_started
            fitting = int(count * _SLICE_S[connection.vendor] / max(seconds, 0.001))
            count = max(_FEWEST, min(_MOST, 2 * count, fitting))
    except LeaseLost:
        latest = tree.head()
    finally:
        give_back(LEASE_NAME, holder)
    return Sequenced(entries, latest.size if latest else 0, latest.note if latest else "")


def _check_key(key: SigningKey, latest: Checkpoint | None) -> None:
    if latest is not None and read_note(latest.note).by(key.verifier) is None:
        raise UnableToSignCheckpoint(
            _("The log was begun with another key than keys/ledger.key holds."),
            meaning=_("Who verifies the log would not recognise what is signed now."),
            next_step=_("Restore keys/ledger.key from the backup that belongs to this database."),
        )


@transaction.atomic
def _slice(
    count: int, holder: str, now_ms: int, lease_until_ms: int, key: SigningKey
) -> tuple[int, bool, Checkpoint | None]:
    """Number up to `count` facts and segments: how many, whether none is left, and the head."""
    renew(LEASE_NAME, holder, lease_until_ms)
    facts = list(_pending(SingleFact, count))
    segments = list(_pending(Segment, count - len(facts)))
    latest = tree.head()
    drained = len(facts) + len(segments) < count
    if not facts and not segments:
        return 0, True, latest
    size = latest.size if latest else 0
    try:
        grown = extend(
            size, tree.tiles(edge_tiles(size)), [bytes(leaf) for _, leaf in facts + segments]
        )
    except ValueError as error:
        raise UnableToSequence(
            _("The stored tree does not fit its checkpoint (%(why)s)."),
            next_step=_(
                "Run amends ledger verify; restore the database from a backup if it fails."
            ),
            values={"why": error},
        ) from error
    _number(SingleFact, facts, size)
    _number(Segment, segments, size + len(facts))
    Tile.objects.bulk_create(
        [Tile(address=address, hashes=hashes) for address, hashes in grown.changed.items()],
        update_conflicts=True,
        unique_fields=["address"],
        update_fields=["hashes"],
    )
    settled_ms = latest.settled_ms if latest else 0
    if drained:
        settled_ms = max(settled_ms, now_ms - LONGEST_TRANSACTION_MS)
    before = note_digest(latest.note) if latest else NO_NOTE
    stated = CheckpointText(
        origin=key.name,
        size=grown.size,
        root=grown.root,
        settled_ms=settled_ms,
        signed_ms=now_ms,
        before=before,
    )
    signed = Checkpoint.objects.create(
        size=grown.size,
        root=grown.root,
        settled_ms=settled_ms,
        signed_at_ms=now_ms,
        note=sign_checkpoint(stated, key),
    )
    return len(facts) + len(segments), drained, signed


def _pending(model: type[SingleFact] | type[Segment], count: int) -> Sequence[tuple[str, bytes]]:
    pending = model.objects.filter(seq__isnull=True).order_by("id")
    return pending.values_list("id", "leaf_hash")[:count]


def _number(
    model: type[SingleFact] | type[Segment], rows: Sequence[tuple[str, bytes]], first: int
) -> None:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET seq = %s WHERE id = %s",  # noqa: S608 (own name)
            [(first + offset, row[0]) for offset, row in enumerate(rows)],
        )
