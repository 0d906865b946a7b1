"""The tree as it is stored: its head, its tiles, and proofs read from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from amends.record.ledger import refusals
from amends.record.ledger.models import Checkpoint
from amends.record.ledger.queries import sql
from amends.record.ledger.queries.reading import batches
from amends.record.ledger.rules.merkle import (
    EMPTY_ROOT,
    Range,
    consistency_ranges,
    inclusion_ranges,
    perfect_nodes,
    range_root,
)
from amends.record.ledger.rules.tiles import nodes_in, tiles_for


def head() -> Checkpoint | None:
    """The latest checkpoint, or None while nothing is sequenced."""
    return Checkpoint.objects.order_by("-size").first()


def tiles(addresses: Iterable[int]) -> dict[int, bytes]:
    """The stored tiles at these addresses."""
    tiles_by_address: dict[int, bytes] = {}
    for batch in batches(addresses):
        tiles_by_address |= {
            address: bytes(hashes) for address, hashes in sql.rows_in(sql.TILES, batch)
        }
    return tiles_by_address


def hashes_over(ranges: Sequence[Range]) -> list[bytes]:
    """The hash over each range of leaves, in one read."""
    nodes = [node for leaves in ranges for node in perfect_nodes(leaves)]
    look_up: Callable[[int, int], bytes] = nodes_in(tiles(tiles_for(nodes)))
    try:
        return [range_root(leaves, look_up) for leaves in ranges]
    except KeyError as error:
        raise refusals.tiles_missing() from error


def root(size: int) -> bytes:
    """The root over the first `size` entries, from the stored tiles."""
    return hashes_over([(0, size)])[0] if size else EMPTY_ROOT


def inclusion_path(index: int, size: int) -> list[bytes]:
    """The hashes that show entry `index` in the tree of the first `size` entries."""
    try:
        return hashes_over(inclusion_ranges(index, size))
    except ValueError as error:
        raise refusals.unknown_entry(size=size, index=index) from error


def consistency_path(first: int, second: int) -> list[bytes]:
    """The hashes that show the tree of `first` entries at the beginning of that of `second`."""
    try:
        return hashes_over(consistency_ranges(first, second))
    except ValueError as error:
        raise refusals.not_grown(first=first, second=second) from error
