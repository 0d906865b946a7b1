"""Many values hashed at once give what hashlib and zlib give for each."""

from __future__ import annotations

from hashlib import sha256
from zlib import crc32

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from amends.platform.kit import digests_compiled
from amends.platform.kit.digests import (
    FEW,
    checksums,
    concatenated,
    digests,
    digests_of,
    digests_one_by_one,
    hex_of,
)


def _laid(values: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    data = np.frombuffer(b"".join(values), np.uint8)
    return data, np.cumsum([0, *map(len, values)])


def test_every_length_about_the_end_of_a_block():
    values = [bytes(range(256))[:size] for size in range(257)] * 3
    assert len(values) > FEW
    data, places = _laid(values)
    assert [row.tobytes() for row in digests(data, places)] == [
        sha256(value).digest() for value in values
    ]
    assert checksums(data, places).tolist() == [crc32(value) for value in values]


@pytest.mark.skipif(not digests_compiled.is_possible(), reason="no SHA instructions here")
@given(st.lists(st.binary(max_size=200), max_size=40))
def test_the_compiled_code_equals_hashlib(values):
    data, places = _laid(values)
    out = np.empty((len(values), 32), np.uint8)
    digests_compiled.digest_each(data, places, out)
    assert (out == digests_one_by_one(data, places)).all()


@given(st.lists(st.text(max_size=30), max_size=40), st.integers(0, 5), st.integers(0, 1))
def test_a_part_of_a_column_of_texts(values, skip, many):
    column = pa.array(values * (1 + many * FEW), pa.string())[skip:]
    written = [value.encode() for value in column.to_pylist()]
    assert [row.tobytes() for row in digests_of(column)] == [
        sha256(one).digest() for one in written
    ]
    assert checksums(*concatenated(column)).tolist() == [crc32(one) for one in written]
    assert hex_of(digests_of(column)).to_pylist() == [sha256(one).hexdigest() for one in written]


def test_without_the_instructions_the_answer_is_the_same(monkeypatch):
    data, places = _laid([str(number).encode() for number in range(2 * FEW)])
    expected = digests(data, places).tobytes()
    monkeypatch.setattr("amends.platform.kit.digests._compiled", lambda: None)
    assert digests(data, places).tobytes() == expected


@pytest.mark.skipif(not digests_compiled.is_possible(), reason="no SHA instructions here")
def test_no_wide_instruction_stands_among_those_of_sha():
    """Between them each waits for their registers on some processors; no result would tell."""
    given = (np.zeros(64, np.uint8), np.array([0, 64]), np.empty((1, 32), np.uint8))
    given[0].flags.writeable = False
    alone = njit(digests_compiled.digest_each.py_func)
    alone(*given)
    (written,) = alone.inspect_asm().values()
    _, _, rest = written.partition("amends.sha256.block:")
    block, end, _ = rest.partition("\tretq")
    lines = [line.split()[0] for line in block.splitlines() if line.startswith("\t")]
    assert end
    assert lines.count("sha256rnds2") == 32
    assert not [line for line in lines if line.startswith("v")]
    assert written.count("sha256rnds2") == 32, "none stands elsewhere, among wide ones"
