"""SHA-256 and CRC-32 of many values at once: rows of the ledger and keys of notices."""

from __future__ import annotations

from hashlib import sha256
from itertools import pairwise
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
_DIGITS = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), np.uint16)


def digests(data: Bytes, bounds: npt.NDArray[np.int64]) -> Bytes:
    """[value, 32] the SHA-256 of each value.

    data    the values, one behind the other
    places  where each begins, and at last where the last one ends

    >>> digests(np.frombuffer(b"abc", np.uint8), np.array([0, 3]))[0, :4].tobytes().hex()
    'ba7816bf'
    """
    view = np.ascontiguousarray(data).data
    body = b"".join(
        [sha256(view[first:last]).digest() for first, last in pairwise(bounds.tolist())]
    )
    return np.frombuffer(body, np.uint8).reshape(-1, 32)


def digests_of(texts: Any) -> Bytes:
    """[value, 32] the SHA-256 of the UTF-8 of each text of an Arrow column without nulls.

    >>> import pyarrow as pa
    >>> digests_of(pa.array(["", "abc"]))[:, 0].tolist()
    [227, 186]
    """
    data, bounds = concatenated(texts)
    return digests(data, bounds)


def checksums(data: Bytes, bounds: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
    """The CRC-32 of each value; `data` and `places` as in `digests`.

    >>> checksums(np.frombuffer(b"p1p2", np.uint8), np.array([0, 2, 4])).tolist() == [
    ...     crc32(b"p1"), crc32(b"p2")]
    True
    """
    view = np.ascontiguousarray(data).data
    each = [crc32(view[first:last]) for first, last in pairwise(bounds.tolist())]
    return np.array(each, np.uint32)


def concatenated(texts: Any) -> tuple[Bytes, npt.NDArray[np.int64]]:
    """The UTF-8 of a column of texts one behind the other, and where each begins and the last ends.

    >>> import pyarrow as pa
    >>> data, places = concatenated(pa.array(["ab", "", "c"])[1:])
    >>> data[places[0]:places[-1]].tobytes(), np.diff(places).tolist()
    (b'c', [0, 1])
    """
    import pyarrow as pa

    combined = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    if isinstance(combined, pa.ChunkedArray):
        combined = pa.concat_arrays(combined.chunks)
    large = pa.types.is_large_string(combined.type) or pa.types.is_large_binary(combined.type)
    width = np.int64 if large else np.int32
    _, offsets, data = combined.buffers()
    if offsets is None or not len(combined):
        return np.empty(0, np.uint8), np.zeros(1, np.int64)
    bounds = np.frombuffer(
        offsets, width, len(combined) + 1, combined.offset * np.dtype(width).itemsize
    )
    # A column of empty texts may have no buffer of text at all.
    text = np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
    return text, bounds.astype(np.int64)


def hex_of(body: Bytes) -> Any:
    """[value, n] bytes as an Arrow column of texts of 2n hexadecimal digits.

    >>> hex_of(np.array([[0, 171]], np.uint8)).to_pylist()
    ['00ab']
    """
    import pyarrow as pa

    written = _DIGITS[body]
    bounds = np.arange(len(body) + 1, dtype=np.int32) * (2 * body.shape[1])
    return pa.StringArray.from_buffers(
        len(body), pa.py_buffer(bounds), pa.py_buffer(np.ascontiguousarray(written))
    )
