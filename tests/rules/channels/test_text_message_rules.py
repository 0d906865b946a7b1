"""Text messages, purely: any words go out whole, any bytes that come are read without harm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.channels.sms.reading.deliveries import (
    DeliveredMessage,
    UnableToReadDelivery,
    read_delivery,
)
from amends.channels.sms.reading.receipts import answered_id, normal_id, read_receipt
from amends.channels.sms.reading.segments import read_segment
from amends.channels.sms.reading.statuses import kind_of
from amends.channels.sms.writing.alphabets import gsm7_text, gsm7_units
from amends.channels.sms.writing.parts import GSM7, UnableToCompose, compose, count_parts
from amends.platform.kit.ids import tracking_code
from amends.platform.kit.tracking_codes import find_tracking_code

WRITABLE = st.text(st.characters(exclude_categories=("Cs",)), max_size=900)
GSM = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./09:;<=>?¡AZÄÖÑÜ§¿azäöñüà^{}\\[~]|€"


def delivered(part, **changes):
    fields = {
        "sequence": 1,
        "source_ton": 1,
        "source": "8613812348000",
        "destination": "10086",
        "esm_class": 0x40 if part.joined else 0,
        "data_coding": part.data_coding,
        "octets": part.octets,
    } | changes
    return DeliveredMessage(**fields)


@given(WRITABLE | st.text(GSM, max_size=900))
def test_what_is_cut_is_read_again_as_it_was(text: str) -> None:
    wanted = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not wanted:
        with pytest.raises(UnableToCompose):
            compose(text, reference=1)
        return
    parts = compose(text, reference=1)
    segments = [read_segment(delivered(part)) for part in parts]
    assert "".join(segment.text for segment in segments) == wanted
    assert [(s.number, s.of) for s in segments] == [
        (n, len(parts)) for n in range(1, len(parts) + 1)
    ]
    limit = 160 if parts[0].data_coding == GSM7 else 140
    septets = 6 * 8 / 7 if parts[0].data_coding == GSM7 else 6
    assert all(len(p.octets) - 6 + septets <= limit + 1 for p in parts if p.joined)
    assert all(len(p.octets) <= limit for p in parts if not p.joined)


@given(st.text(GSM))
def test_the_seven_bit_alphabet_is_its_own_inverse(text: str) -> None:
    units = gsm7_units(text)
    assert units is not None
    assert gsm7_text(b"".join(units)) == text


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152 + "b", 3),
        ("费" * 70, 1),
        ("费" * 71, 2),
        ("费" * 134, 2),
        ("费" * 135, 3),
        ("🙂" * 35, 1),
        ("🙂" * 36, 2),
        ("费" * 66 + "🙂" + "费" * 66, 3),
    ],
)
def test_parts_are_counted_as_a_centre_counts_them(text: str, parts: int) -> None:
    assert count_parts(text) == parts


@given(st.binary(max_size=400))
def test_no_bytes_do_harm(noise: bytes) -> None:
    try:
        delivery = read_delivery(noise)
    except UnableToReadDelivery:
        return
    read_segment(delivery)
    read_receipt(delivery)


@given(
    st.binary(max_size=254),
    st.integers(0, 255),
    st.integers(0, 255),
    st.dictionaries(st.integers(0, 0xFFFF), st.binary(max_size=70), max_size=5),
)
def test_a_message_with_any_content_is_read(
    octets: bytes, coding: int, esm_class: int, tlvs: dict[int, bytes]
) -> None:
    delivery = DeliveredMessage(1, 1, "1", "2", esm_class, coding, octets, b"", tlvs)
    segment = read_segment(delivery)
    assert 1 <= segment.number <= segment.of
    read_receipt(delivery, ids="decimal")


def receipt_of(text: bytes, **tlvs: bytes):
    named = {int(tag[1:], 16): value for tag, value in tlvs.items()}
    return read_receipt(DeliveredMessage(1, 1, "1", "2", 0x04, 0, text, b"", named))


def test_a_receipt_is_read_from_text_or_from_optional_parameters() -> None:
    text = (
        b"id:0A1 sub:001 dlvrd:001 submit date:1 done date:2 stat:DELIVRD err:000 text:id:9 stat:X"
    )
    found = receipt_of(text)
    assert (found.provider_id, found.state, found.meaning) == ("0A1", "DELIVRD", "delivered")
    found = receipt_of(b"", t001E=b"0A1", t0427=b"\x05")
    assert (found.provider_id, found.state, found.meaning) == ("0A1", "UNDELIV", "failed")
    assert receipt_of(b"", t001E=b"0A1\x00", t0427=b"\x01").meaning == ""
    assert receipt_of(b"stat:DELIVRD") is None


@given(st.integers(1, 2**40))
def test_ids_meet_however_a_centre_writes_them(number: int) -> None:
    assert normal_id(str(number), "decimal") == answered_id(f"{number:010X}", "decimal")
    assert normal_id(f"{number:X}", "hexadecimal") == answered_id(f"{number:012d}", "hexadecimal")
    assert normal_id("a-1", "as-given") == answered_id("a-1", "as-given")


def test_a_status_nobody_has_heard_of_is_tried_again() -> None:
    assert {kind_of(status) for status in range(0x400, 0x500)} == {"passing"}


def test_every_tracking_code_is_found_again_in_what_somebody_writes() -> None:
    codes = [tracking_code() for _ in range(2_000)]
    assert [find_tracking_code(f"编号{code} 还没有人联系我") for code in codes] == codes
