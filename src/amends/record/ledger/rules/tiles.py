"""Where the nodes of the tree are kept: tiles of 32 neighbours each.

A tile of level 0 holds leaf hashes, one of level 1 the roots of 32 leaves each, and so on; the four
levels of nodes between are hashed again when needed. A proof in a log of a million entries reads
four tiles and hashes about a hundred times; tiles of 256 (C2SP tlog-tiles) would mean five hundred.
Only the last tile of a level is incomplete, and it only grows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from amends.record.ledger.rules.merkle import Node, parents, root_of, tree_root
from amends.record.ledger.rules.tile_sizes import HASH_BYTES, TILE_HEIGHT, TILE_WIDTH

_LEVEL_SHIFT = 56

Tiles = Mapping[int, bytes]


def address(level: int, number: int) -> int:
    """One integer for a tile's level and its number from the left; levels stay apart.

    >>> address(1, 3) - address(1, 0)
    3
    """
    return level << _LEVEL_SHIFT | number


def place(tile: int) -> tuple[int, int]:
    """The level and number an address stands for.

    >>> place(address(2, 7))
    (2, 7)
    """
    return tile >> _LEVEL_SHIFT, tile & (1 << _LEVEL_SHIFT) - 1


def tile_of(node: Node) -> tuple[int, int, int]:
    """The address of the tile below a node, and the first and last-plus-one hash it is made of.

    >>> tile_of((2, 9)) == (address(0, 1), 4, 8)
    True
    """
    height, number = node
    level, within = divmod(height, TILE_HEIGHT)
    first = number << within
    start = first % TILE_WIDTH
    return address(level, first >> TILE_HEIGHT), start, start + (1 << within)


def hashes_in(tile: bytes, start: int = 0, end: int = TILE_WIDTH) -> list[bytes]:
    """The hashes `start` to `end` of a tile, as far as it is filled."""
    stop = min(end * HASH_BYTES, len(tile))
    return [tile[at : at + HASH_BYTES] for at in range(start * HASH_BYTES, stop, HASH_BYTES)]


def tiles_for(nodes: Iterable[Node]) -> set[int]:
    """The addresses of the tiles these nodes are found in."""
    return {tile_of(node)[0] for node in nodes}


def nodes_in(tiles: Tiles) -> Callable[[int, int], bytes]:
    """A look-up of perfect subtrees in `tiles`; `KeyError` where a tile is missing or too short."""

    def node(height: int, number: int) -> bytes:
        tile, start, end = tile_of((height, number))
        hashes = hashes_in(tiles[tile], start, end)
        if len(hashes) != end - start:
            raise KeyError(tile)
        return root_of(hashes)

    return node


def edge_tiles(size: int) -> list[int]:
    """The addresses of the incomplete last tiles of a tree of `size` leaves, lowest level first."""
    edge_addresses, level, count = [], 0, size
    while count:
        if count % TILE_WIDTH:
            edge_addresses.append(address(level, count >> TILE_HEIGHT))
        level, count = level + 1, count >> TILE_HEIGHT
    return edge_addresses


def root_at(size: int, tiles: Tiles) -> bytes:
    """The root at `size`; its edge tiles suffice."""
    return tree_root(size, nodes_in(tiles))


@dataclass(frozen=True, slots=True)
class Extension:
    """A grown tree: its size and root, the tiles that are new or longer, and the edge to go on."""

    size: int
    root: bytes
    changed: dict[int, bytes]
    edge: dict[int, bytes]


def extend(size: int, edge: Tiles, leaves: Iterable[bytes]) -> Extension:
    """The tree of `size` leaves with `edge` (its incomplete tiles) after adding leaf hashes."""
    changed: dict[int, bytes] = {}
    level, count, added = 0, size, list(leaves)
    grown = size + len(added)
    while added:
        number = count >> TILE_HEIGHT
        present = edge.get(address(level, number), b"")
        if len(present) != count % TILE_WIDTH * HASH_BYTES:
            raise ValueError(f"The last tile of level {level} does not fit a tree of {size}.")
        run = [*hashes_in(present), *added]
        for offset in range(0, len(run), TILE_WIDTH):
            tile = b"".join(run[offset : offset + TILE_WIDTH])
            changed[address(level, number + offset // TILE_WIDTH)] = tile
        # Whole tiles only, so five times pairing neighbours gives the root of each.
        added = run[: len(run) - len(run) % TILE_WIDTH]
        for _ in range(TILE_HEIGHT):
            added = parents(added)
        level, count = level + 1, count >> TILE_HEIGHT
    merged = {**edge, **changed}
    new_edge = {tile: merged[tile] for tile in edge_tiles(grown)}
    return Extension(size=grown, root=root_at(grown, new_edge), changed=changed, edge=new_edge)
