"""Many values hashed at once give what hashlib and zlib give for each."""

from __future__ import annotations

from hashlib import sha256
from zlib import crc32

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from amends.platform.kit.digests import checksums, concatenated, digests, digests_of, hex_of


def test_every_length_about_the_end_of_a_block():
    values = [bytes(range(256))[:size] for size in range(257)]
    data = np.frombuffer(b"".join(values), np.uint8)
    places = np.cumsum([0, *map(len, values)])
    assert [row.tobytes() for row in digests(data, places)] == [
        sha256(value).digest() for value in values
    ]
    assert checksums(data, places).tolist() == [crc32(value) for value in values]


@given(st.lists(st.text(max_size=30), max_size=40), st.integers(0, 5))
def test_a_part_of_a_column_of_texts(values, skip):
    column = pa.array(values, pa.string())[skip:]
    encoded = [text.encode() for text in column.to_pylist()]
    assert [row.tobytes() for row in digests_of(column)] == [
        sha256(text).digest() for text in encoded
    ]
    assert checksums(*concatenated(column)).tolist() == [crc32(text) for text in encoded]
    assert hex_of(digests_of(column)).to_pylist() == [sha256(text).hexdigest() for text in encoded]
