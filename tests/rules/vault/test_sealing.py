"""Sealed values open at their own place only, under any key still held."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.platform.vault.data_keys import SubscriberKey
from amends.platform.vault.indexes import blind_index, blind_index_many
from amends.platform.vault.keys import Keyring, UnableToReadKeys
from amends.platform.vault.sealing import (
    OVERHEAD_BYTES,
    UnableToUnseal,
    needs_rotation,
    open_many,
    open_sealed,
    open_under,
    seal,
    seal_many,
)

RING = Keyring.new()
PLACES = st.tuples(
    st.sampled_from(["people", "letters"]), st.sampled_from(["phone", "name"]), st.text(max_size=9)
)


@given(PLACES, st.text(max_size=200))
def test_what_is_sealed_opens_again(place: tuple[str, str, str], text: str) -> None:
    sealed = seal(*place, text, ring=RING)
    assert len(sealed) == len(text.encode()) + OVERHEAD_BYTES
    assert open_sealed(*place, sealed, ring=RING) == text


@given(PLACES, PLACES, st.text(max_size=40))
def test_a_sealed_value_moved_elsewhere_does_not_open(
    place: tuple[str, str, str], other: tuple[str, str, str], text: str
) -> None:
    if place == other:
        return
    sealed = seal(*place, text, ring=RING)
    with pytest.raises(UnableToUnseal):
        open_sealed(*other, sealed, ring=RING)


@given(st.text(min_size=1, max_size=30), st.data())
def test_any_changed_bit_is_noticed(text: str, data: st.DataObject) -> None:
    sealed = bytearray(seal("t", "c", "r", text, ring=RING))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises((UnableToUnseal, UnableToReadKeys)):
        open_sealed("t", "c", "r", bytes(sealed), ring=RING)


def test_a_key_id_written_over_another_is_noticed() -> None:
    ring = RING.with_new_key()
    old = seal("t", "c", "r", "text", ring=RING)
    forged = old[:3] + ring.current + old[7:]
    with pytest.raises(UnableToUnseal):
        open_sealed("t", "c", "r", forged, ring=ring)


def test_old_keys_open_and_ask_for_rotation() -> None:
    old = seal("t", "c", "r", "text", ring=RING)
    ring = RING.with_new_key()
    assert open_sealed("t", "c", "r", old, ring=ring) == "text"
    assert needs_rotation(old, ring=ring)
    assert not needs_rotation(seal("t", "c", "r", "text", ring=ring), ring=ring)


def test_a_lost_key_says_what_to_do() -> None:
    sealed = seal("t", "c", "r", "text", ring=Keyring.new())
    with pytest.raises(UnableToReadKeys, match="backup"):
        open_sealed("t", "c", "r", sealed, ring=RING)


def test_the_same_text_never_seals_alike() -> None:
    sealed = seal_many("t", "c", ["r"] * 1000, ["text"] * 1000, ring=RING)
    assert len({bytes(one[7:19]) for one in sealed}) == 1000


def test_many_open_in_order() -> None:
    texts = [f"text {number}" for number in range(50)]
    sealed = seal_many("t", "c", range(50), texts, ring=RING)
    assert open_many("t", "c", range(50), sealed, ring=RING) == texts


def test_a_data_key_seals_apart_from_the_master_key() -> None:
    of_one = SubscriberKey("somebody", bytes(36))
    key, sealed = of_one.key, of_one.seal_row("t", "r", {"c": "text"})["c"]
    assert open_under(key, "t", "c", "r", sealed) == "text"
    with pytest.raises(UnableToUnseal):
        open_sealed("t", "c", "r", sealed, ring=RING)
    with pytest.raises(UnableToUnseal):
        open_under(key, "t", "c", "other", sealed)
    with pytest.raises(UnableToUnseal):
        open_under(b"\x01" * 32, "t", "c", "r", sealed)
    assert not needs_rotation(sealed, ring=RING)


@pytest.mark.parametrize("junk", [b"", b"AV", b"AV\x01" + bytes(10), b"XX\x01" + bytes(60)])
def test_junk_is_refused(junk: bytes) -> None:
    with pytest.raises(UnableToUnseal):
        open_sealed("t", "c", "r", junk, ring=RING)


def test_blind_indexes_differ_by_column_and_by_key() -> None:
    entry = blind_index("phone", "+8613812348000", ring=RING)
    assert entry == blind_index("phone", "+8613812348000", ring=RING.with_new_key())
    assert entry != blind_index("email", "+8613812348000", ring=RING)
    assert entry != blind_index("phone", "+8613812348000", ring=Keyring.new())
    assert blind_index_many("phone", ["a", "b"], ring=RING)[0] == blind_index(
        "phone", "a", ring=RING
    )
