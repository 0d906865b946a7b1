"""A commitment opens with its value and key, and with nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.ledger.rules.commitments import commit, opens

keys = st.binary(min_size=32, max_size=32)


@given(st.binary(), keys, st.binary(), keys)
def test_it_opens_with_its_value_and_key_only(value, key, other_value, other_key):
    made = commit(value, key)
    assert opens(made, value, key)
    if other_value != value:
        assert not opens(made, other_value, key)
    if other_key != key:
        assert not opens(made, value, other_key)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_key_has_32_bytes(length):
    with pytest.raises(ValueError, match="32 bytes"):
        commit(b"value", bytes(length))
