"""Tiles hold the same tree, whatever the steps it grew in."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amends.record.ledger.rules.merkle import (
    EMPTY_ROOT,
    consistency_ranges,
    inclusion_ranges,
    is_consistent,
    is_included,
    perfect_nodes,
    range_root,
    root_of,
)
from amends.record.ledger.rules.tiles import (
    address,
    edge_tiles,
    extend,
    nodes_in,
    place,
    root_at,
    tiles_for,
)

LEAVES = [sha256(str(number).encode()).digest() for number in range(70_000)]
steps = st.lists(st.integers(1, 700), min_size=1, max_size=6)


def grown(counts) -> tuple[int, dict[int, bytes], dict[int, bytes]]:
    size, edge, tiles = 0, {}, {}
    for count in counts:
        more = extend(size, edge, LEAVES[size : size + count])
        for tile, hashes in more.changed.items():
            assert hashes.startswith(tiles.get(tile, b"")), "a tile only grows"
        tiles |= more.changed
        size, edge = more.size, more.edge
        assert more.root == root_of(LEAVES[:size])
    return size, edge, tiles


@settings(max_examples=40, deadline=None)
@given(steps, st.data())
def test_growing_in_any_steps_gives_one_tree_and_its_proofs(counts, data):
    size, edge, tiles = grown(counts)
    assert edge == {tile: tiles[tile] for tile in edge_tiles(size)}
    assert root_at(size, tiles) == root_of(LEAVES[:size])
    index = data.draw(st.integers(0, size - 1))
    path = [range_root(one, nodes_in(tiles)) for one in inclusion_ranges(index, size)]
    assert is_included(LEAVES[index], index, size, path, root_of(LEAVES[:size]))
    first = data.draw(st.integers(1, size))
    path = [range_root(one, nodes_in(tiles)) for one in consistency_ranges(first, size)]
    assert is_consistent(first, size, path, root_of(LEAVES[:first]), root_of(LEAVES[:size]))


def test_four_levels_of_tiles_and_a_proof_reads_one_of_each():
    size, edge, tiles = grown([32_767, 1, 1000])
    assert {place(tile)[0] for tile in tiles} == {0, 1, 2, 3}
    assert {place(tile) for tile in edge} == {(0, 1055), (1, 32), (3, 0)}
    index = 32_768 + 5
    path = inclusion_ranges(index, size)
    reads = tiles_for(node for part in path for node in perfect_nodes(part))
    assert len(reads) <= 5


def test_an_empty_tree_has_the_empty_root():
    assert root_at(0, {}) == EMPTY_ROOT
    assert extend(0, {}, []).root == EMPTY_ROOT


def test_an_edge_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="does not fit"):
        extend(5, {address(0, 0): bytes(32 * 4)}, LEAVES[:1])


def test_a_tile_too_short_is_a_missing_one():
    with pytest.raises(KeyError):
        nodes_in({address(0, 0): bytes(32)})(1, 0)
