"""One pass over the log in order: entries against their hashes, the tree, and signed promises."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection

from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.translatable import Translatable
from amends.record.facts.canonical import leaf_hash
from amends.record.ledger.actions.verification.findings import Findings, Progress
from amends.record.ledger.models import Checkpoint, Segment, SingleFact, Tile
from amends.record.ledger.queries import tree
from amends.record.ledger.rules.tile_sizes import FULL_TILE_BYTES, HASH_BYTES, TILE_WIDTH
from amends.record.ledger.rules.tiles import Extension, address, extend, place

# A whole number of tiles, so a step seldom leaves a tile half compared.
STEP = TILE_WIDTH * 256
KINDS = {"fact": Translatable(_("fact")), "segment": Translatable(_("segment"))}


class LedgerEntry(NamedTuple):
    """A numbered row as it is stored: `what` is "fact" or "segment"."""

    seq: int
    id: str
    leaf: bytes
    canonical: bytes
    recorded_at_ms: int
    what: str


@dataclass(slots=True)
class Promises:
    """Which moment was settled when an entry was numbered, from the stored checkpoints."""

    sizes: list[int] = field(default_factory=list)
    settled_ms: list[int] = field(default_factory=list)

    @classmethod
    def stored(cls) -> Promises:
        """Those of all checkpoints, by size."""
        promises = cls()
        for size, settled in Checkpoint.objects.order_by("size").values_list("size", "settled_ms"):
            promises.sizes.append(size)
            promises.settled_ms.append(settled)
        return promises

    def at(self, entry: int) -> int:
        """Facts recorded before this moment (ms) were all numbered below `entry`."""
        before = bisect_right(self.sizes, entry)
        return self.settled_ms[before - 1] if before else 0


def verify_entries(size: int, findings: Findings, progress: Progress) -> Extension:
    """Compare the first `size` entries with their hashes and the tree; the tree they make."""
    grown = extend(0, {}, [])
    promises = Promises.stored()
    for first in range(0, size, STEP):
        end = min(first + STEP, size)
        rows = rows_between(first, end)
        stored = tree.tiles(
            address(0, number) for number in range(first // TILE_WIDTH, -(-end // TILE_WIDTH))
        )
        tree_hashes = b"".join(stored[tile] for tile in sorted(stored))
        leaves = [sha256(b"\x00" + row[3]).digest() for row in rows]
        if not _all_fit(rows, leaves, first, end, tree_hashes):
            leaves = _named_differences(
                map(LedgerEntry._make, rows), first, end, tree_hashes, findings
            )
        grown = extend(grown.size, grown.edge, leaves)
        _compare_tiles(grown, stored, findings)
        _compare_promises(rows, promises, findings)
        progress(end, size)
    _compare_edge(size, grown, findings)
    return grown


def rows_between(first: int, end: int) -> list[tuple[Any, ...]]:
    """The numbered rows from `first` to before `end`, in order; gaps and doubles as they are.

    Plain tuples of an `Entry`'s fields: a million objects would take longer than a million hashes.
    """
    facts = _rows(SingleFact, first, end, "fact")
    segments = _rows(Segment, first, end, "segment")
    return sorted([*facts, *segments], key=itemgetter(0)) if segments else facts


def _rows(
    model: type[SingleFact] | type[Segment], first: int, end: int, what: str
) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT seq, id, leaf_hash, canonical, recorded_at_ms, '{what}' "  # noqa: S608 (own names)
            f"FROM {model._meta.db_table} WHERE seq >= %s AND seq < %s ORDER BY seq",
            [first, end],
        )
        return cursor.fetchall()


def _all_fit(
    rows: list[tuple[Any, ...]], leaves: list[bytes], first: int, end: int, tree_hashes: bytes
) -> bool:
    """Whether each number stands once, with the hash of its row and the one the tree holds."""
    return (
        [row[0] for row in rows] == list(range(first, end))
        and leaves == [row[2] for row in rows]
        and b"".join(leaves) == tree_hashes[: len(leaves) * HASH_BYTES]
    )


def _named_differences(
    entries: Iterable[LedgerEntry], first: int, end: int, tree_hashes: bytes, findings: Findings
) -> list[bytes]:
    """Tell what differs; the leaf hashes to go on with.

    Where a row is missing, what the tree holds stands in, so that the others are still compared.
    """
    by_seq: dict[int, LedgerEntry] = {}
    for entry in entries:
        if entry.seq in by_seq:
            findings.add(
                _("has a number that another entry has, too"), entry=entry.seq, fact=entry.id
            )
        by_seq[entry.seq] = entry
    leaves = []
    for seq in range(first, end):
        place_in_held = (seq - first) * HASH_BYTES
        in_tree = tree_hashes[place_in_held : place_in_held + HASH_BYTES]
        ledger_entry = by_seq.get(seq)
        if ledger_entry is None:
            findings.add(_("the entry is missing"), entry=seq)
            leaves.append(in_tree if len(in_tree) == HASH_BYTES else bytes(HASH_BYTES))
            continue
        computed = leaf_hash(bytes(ledger_entry.canonical))
        if computed != bytes(ledger_entry.leaf):
            findings.add(
                _("the %(kind)s and its hash differ"),
                entry=seq,
                fact=ledger_entry.id,
                kind=KINDS[ledger_entry.what],
            )
        if computed != in_tree:
            findings.add(
                _("the %(kind)s is not the one the tree holds here"),
                entry=seq,
                fact=ledger_entry.id,
                kind=KINDS[ledger_entry.what],
            )
        leaves.append(computed)
    return leaves


def _compare_tiles(grown: Extension, stored: dict[int, bytes], findings: Findings) -> None:
    """Every tile this step completed or began, with the stored one (which may be longer by now)."""
    above = [tile for tile in grown.changed if tile not in stored]
    all_tiles = {**stored, **tree.tiles(above)}
    for tile, hashes in grown.changed.items():
        stored_hashes = all_tiles.get(tile, b"")
        # A tile that is not full yet may hold what later steps add; `_compare_edge` comes last.
        if stored_hashes != hashes and (
            len(hashes) == FULL_TILE_BYTES or not stored_hashes.startswith(hashes)
        ):
            level, number = place(tile)
            first, width = number * TILE_WIDTH ** (level + 1), TILE_WIDTH ** (level + 1)
            findings.add(
                _(
                    "the tree over entries %(first)s to %(last)s is not the one stored "
                    "(level %(level)s)"
                ),
                entry=first,
                first=first,
                last=first + width - 1,
                level=level,
            )


def _compare_edge(size: int, grown: Extension, findings: Findings) -> None:
    """The tiles that are not full hold nothing more, and there are no other tiles."""
    stored = tree.tiles(grown.edge)
    is_longer = any(len(stored.get(tile, b"")) > len(hashes) for tile, hashes in grown.edge.items())
    expected, count = 0, size
    while count:
        expected += -(-count // TILE_WIDTH)
        count //= TILE_WIDTH
    if is_longer or Tile.objects.count() != expected:
        findings.add(
            _("the tree has tiles, or hashes in them, that no entries belong to, or lacks some")
        )


def _compare_promises(rows: list[tuple[Any, ...]], promises: Promises, findings: Findings) -> None:
    if not rows or min(row[4] for row in rows) >= promises.at(rows[-1][0]):
        return
    for entry in map(LedgerEntry._make, rows):
        if entry.recorded_at_ms < promises.at(entry.seq):
            findings.add(
                _(
                    "the %(kind)s claims to have been recorded before a moment that the log had "
                    "already settled without it"
                ),
                entry=entry.seq,
                fact=entry.id,
                kind=KINDS[entry.what],
            )
