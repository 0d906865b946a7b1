"""Which rows of which segments may concern a key, without reading the segments.

For every segment the hashes of its keys (subscribers, or subjects) are kept in 64 blocks by their
last six bits; a key is sought in one block of each segment, all at once. A hash has 32 bits and is
no secret: a chance hit costs reading one row, which then turns out to be someone else's.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from zlib import crc32

import numpy as np

from amends.platform.kit.digests import checksums, concatenated

BUCKETS = 64
_HASH = np.dtype("<u4")
_ROW = np.dtype("<u2")
_ENTRY_BYTES = _HASH.itemsize + _ROW.itemsize


def key_hash(key: str) -> int:
    """32 bits of a key.

    >>> key_hash("svc-1") == key_hash("svc-2")
    False
    """
    return crc32(key.encode())


def stored_key(key: str) -> int | None:
    """The 32 bits of a key as a signed integer, None for the empty key.

    >>> stored_key("") is None, -(2**31) <= stored_key("p1") < 2**31
    (True, True)
    """
    return key_hash(key) - 2**31 if key else None


def bucket_of(key: str) -> int:
    """The block a key is sought in, 0 to 63."""
    return key_hash(key) % BUCKETS


def blocks(keys: Any) -> dict[int, bytes]:
    """The blocks of one segment whose row n has the key `keys[n]`; the empty key is left out.

    keys  an Arrow column of texts, at most 65,536

    A block holds the hashes of its rows, four bytes each, and then the row numbers, two each.
    """
    data, key_offsets = concatenated(keys)
    rows = np.flatnonzero(np.diff(key_offsets))
    if not len(rows):
        return {}
    hashes = checksums(data, key_offsets)
    buckets = (hashes % BUCKETS).astype(np.uint8)
    order = rows[np.argsort(buckets[rows], kind="stable")]
    present, starts = np.unique(buckets[order], return_index=True)
    ends = [*starts[1:].tolist(), len(order)]
    of_rows, numbers = hashes[order].astype(_HASH).tobytes(), order.astype(_ROW).tobytes()
    return {
        bucket: of_rows[_HASH.itemsize * start : _HASH.itemsize * end]
        + numbers[_ROW.itemsize * start : _ROW.itemsize * end]
        for bucket, start, end in zip(present.tolist(), starts.tolist(), ends, strict=True)
    }


def rows_of(
    keys: Collection[str], index_blocks: Sequence[tuple[str, bytes]]
) -> dict[str, list[int]]:
    """For each segment the rows that may have one of `keys`, from (segment, block) pairs.

    >>> import pyarrow as pa
    >>> part = blocks(pa.array(["p1", "p2", "p1"]))[bucket_of("p1")]
    >>> rows_of(["p1"], [("s1", part)])
    {'s1': [0, 2]}
    """
    hashes, rows, counts = entries([block for _, block in index_blocks])
    hits = matching(hashes, hashes_of(keys))
    ends = np.cumsum(counts)
    rows_by_segment: dict[str, list[int]] = {}
    for hit, at in zip(hits.tolist(), np.searchsorted(ends, hits, side="right"), strict=True):
        rows_by_segment.setdefault(index_blocks[at][0], []).append(int(rows[hit]))
    return rows_by_segment


def entries(index_blocks: Sequence[bytes]) -> tuple[Any, Any, list[int]]:
    """The hashes and row numbers of some blocks behind each other, and how many each has."""
    counts = [len(block) // _ENTRY_BYTES for block in index_blocks]
    hashes = b"".join(
        block[: _HASH.itemsize * n] for block, n in zip(index_blocks, counts, strict=True)
    )
    rows = b"".join(
        block[_HASH.itemsize * n :] for block, n in zip(index_blocks, counts, strict=True)
    )
    return np.frombuffer(hashes, _HASH), np.frombuffer(rows, _ROW), counts


def hashes_of(keys: Collection[str]) -> Any:
    """The hashes of keys, as an array."""
    return np.array([key_hash(key) for key in keys], _HASH)


def matching(hashes: Any, wanted: Any) -> Any:
    """Where one of the wanted hashes stands."""
    return np.flatnonzero(hashes == wanted[0] if len(wanted) == 1 else np.isin(hashes, wanted))
