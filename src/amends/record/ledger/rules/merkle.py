"""The tree of RFC 9162, section 2.1: roots, inclusion and consistency proofs, and their checks.

A leaf is hashed behind a zero byte and a node behind a one, so neither can pass for the other. A
tree of n leaves splits at the largest power of two below n; every subtree left of its right edge is
therefore perfect, stays as it is when the tree grows, and is named by its level and its number from
the left: `(0, 5)` is the sixth leaf, `(3, 1)` the node over leaves 8 to 15.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np

from amends.platform.kit.digests import Bytes, digests
from amends.record.ledger.rules.tile_sizes import HASH_BYTES

EMPTY_ROOT = sha256(b"").digest()

Range = tuple[int, int]
Node = tuple[int, int]
Nodes = Callable[[int, int], bytes]


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of a one byte and the two children."""
    return sha256(b"\x01" + left + right).digest()


def parents(hashes: Sequence[bytes]) -> list[bytes]:
    """The level above: one node for each pair, and a last odd one as it is."""
    above = [
        sha256(b"\x01" + left + right).digest()
        for left, right in zip(hashes[0::2], hashes[1::2], strict=False)
    ]
    if len(hashes) % 2:
        above.append(hashes[-1])
    return above


def parents_in_columns(hashes: Bytes) -> Bytes:
    """`parents` of [node, 32] hashes, as [node, 32]: for the thousands.

    >>> one = np.arange(96, dtype=np.uint8).reshape(3, 32)
    >>> parents_in_columns(one).tobytes() == b"".join(parents([row.tobytes() for row in one]))
    True
    """
    pairs = len(hashes) // 2
    nodes = np.ones((pairs, 1 + 2 * HASH_BYTES), np.uint8)
    nodes[:, 1:] = hashes[: 2 * pairs].reshape(pairs, 2 * HASH_BYTES)
    above = digests(nodes.reshape(-1), np.arange(pairs + 1) * nodes.shape[1])
    return np.concatenate([above, hashes[2 * pairs :]])


def each_of(hashes: Bytes) -> list[bytes]:
    """[node, 32] hashes as bytes each."""
    body = hashes.tobytes()
    return [body[at : at + HASH_BYTES] for at in range(0, len(body), HASH_BYTES)]


def root_of(leaf_hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes in memory.

    >>> root_of([]) == EMPTY_ROOT
    True
    """
    if not leaf_hashes:
        return EMPTY_ROOT
    level = leaf_hashes
    while len(level) > 1:
        level = parents(level)
    return level[0]


@dataclass(slots=True)
class Frontier:
    """A growing tree that remembers only the perfect subtrees at its right edge.

    `hashes[h]` is the edge's subtree of 2**h leaves, present where bit h of `size` is set.

    >>> tree = Frontier()
    >>> tree.extend([b"a" * 32, b"b" * 32, b"c" * 32])
    >>> tree.root() == root_of([b"a" * 32, b"b" * 32, b"c" * 32])
    True
    """

    size: int = 0
    hashes: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash at the right."""
        carried, height, size = leaf, 0, self.size
        while size & 1:
            carried = sha256(b"\x01" + self.hashes[height] + carried).digest()
            size >>= 1
            height += 1
        if height == len(self.hashes):
            self.hashes.append(carried)
        else:
            self.hashes[height] = carried
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes in order."""
        for leaf in leaves:
            self.append(leaf)

    def root(self) -> bytes:
        """The root at the present size."""
        root_hash: bytes | None = None
        for height, subtree in enumerate(self.hashes):
            if self.size >> height & 1:
                root_hash = subtree if root_hash is None else node_hash(subtree, root_hash)
        return EMPTY_ROOT if root_hash is None else root_hash


def split(count: int) -> int:
    """The largest power of two below `count` (at least 2).

    >>> [split(count) for count in (2, 3, 4, 5)]
    [1, 2, 2, 4]
    """
    return 1 << (count - 1).bit_length() - 1


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The leaves each hash of an inclusion proof stands for, from the leaf upwards.

    >>> inclusion_ranges(2, 5)
    [(3, 4), (0, 2), (4, 5)]
    """
    if not 0 <= index < size:
        raise ValueError(f"There is no entry {index} in a tree of {size}.")
    low, high, path = 0, size, []
    while high - low > 1:
        middle = low + split(high - low)
        if index < middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low = middle
    return path[::-1]


def consistency_ranges(first: int, second: int) -> list[Range]:
    """The leaves each hash of a consistency proof stands for (RFC 9162, section 2.1.4.1).

    >>> consistency_ranges(3, 7)
    [(2, 3), (3, 4), (0, 2), (4, 7)]
    """
    if not 0 < first <= second:
        raise ValueError(f"There is no proof from a tree of {first} to one of {second}.")
    low, high, path, is_old_tree = 0, second, [], True
    while first != high:
        middle = low + split(high - low)
        if first <= middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low, is_old_tree = middle, False
    if not is_old_tree:
        path.append((low, high))
    return path[::-1]


def perfect_nodes(leaves: Range) -> list[Node]:
    """The perfect subtrees, largest first, that a range of a proof consists of.

    >>> perfect_nodes((4, 7))
    [(1, 2), (0, 6)]
    """
    low, high = leaves
    node_addresses = []
    while low < high:
        height = (high - low).bit_length() - 1
        if low:
            height = min(height, (low & -low).bit_length() - 1)
        node_addresses.append((height, low >> height))
        low += 1 << height
    return node_addresses


def range_root(leaves: Range, nodes: Nodes) -> bytes:
    """The hash over a range of a proof, from perfect subtrees that `nodes` looks up."""
    *larger, last = perfect_nodes(leaves)
    root_hash = nodes(*last)
    for part in reversed(larger):
        root_hash = node_hash(nodes(*part), root_hash)
    return root_hash


def tree_root(size: int, nodes: Nodes) -> bytes:
    """The root of the first `size` leaves."""
    return range_root((0, size), nodes) if size else EMPTY_ROOT


def proof_in_memory(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The inclusion proof of one of a few leaf hashes (see `tiles` for a log's)."""
    if not 0 <= index < len(leaf_hashes):
        raise ValueError(f"There is no entry {index} in a tree of {len(leaf_hashes)}.")
    level, proof = leaf_hashes, []
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            proof.append(level[sibling])
        level, index = parents(level), index >> 1
    return proof


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows the leaf hash at `index` of the tree of `size` leaves with `root`.

    RFC 9162, section 2.1.3.2; hashes of another length than 32 bytes are refused.
    """
    if not 0 <= index < size or not _are_hashes([leaf, *proof]):
        return False
    number, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if number & 1 or number == last:
            computed = node_hash(sibling, computed)
            while number and not number & 1:
                number, last = number >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        number, last = number >> 1, last >> 1
    return last == 0 and computed == root


def is_consistent(
    first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes
) -> bool:
    """Whether `proof` shows that the tree of `first` leaves is the beginning of that of `second`.

    RFC 9162, section 2.1.4.2. From an empty tree nothing can be shown, so `first` is at least 1.
    """
    if not 0 < first <= second or not _are_hashes(proof):
        return False
    if first == second:
        return not proof and first_root == second_root
    # A perfect first tree is itself the first node of the path, and is then left out of the proof.
    path = list(proof) if first & first - 1 else [first_root, *proof]
    if not path:
        return False
    number, last = first - 1, second - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if number & 1 or number == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while number and not number & 1:
                number, last = number >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        number, last = number >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _are_hashes(hashes: Sequence[bytes]) -> bool:
    return all(len(digest) == HASH_BYTES for digest in hashes)
