"""Signed notes and checkpoints: the public example, and every one-byte change of it refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.platform.vault.signed_notes import (
    COSIGNATURE,
    SigningKey,
    UnableToReadNote,
    UnableToTrust,
    VerifierKey,
    read_note,
    sign_note,
    unbase64,
    verified_note,
)
from amends.record.ledger.rules.checkpoints import (
    CheckpointText,
    cosign,
    cosigned_at_s,
    read_checkpoint,
    sign_checkpoint,
    verified_checkpoint,
)

LOG = SigningKey("log.example", bytes(range(32)))
OTHER = SigningKey("log.example", bytes(32))
WITNESS = SigningKey("regulator.example", bytes(range(1, 33)), COSIGNATURE)
STATED = CheckpointText(
    "log.example", 1000, bytes(range(32)), 1_777_887_000_000, 1_777_890_600_000, bytes(range(1, 33))
)


@pytest.mark.shared
def test_the_public_note_is_verified_and_every_changed_byte_refused(shared: Path):
    case = json.loads((shared / "vectors/signed_note.json").read_text())
    key = VerifierKey.parse(case["verifier_key"])
    assert str(key) == case["verifier_key"]
    note = case["note"]
    assert verified_note(note, [key]).text.endswith("problem is.\n")
    raw = note.encode()
    for place in range(len(raw)):
        for change in (1, 0x20, 0x80):
            forged = bytearray(raw)
            forged[place] ^= change
            with pytest.raises((UnableToReadNote, UnableToTrust, UnicodeDecodeError)):
                verified_note(forged.decode(), [key])
    for place in range(len(raw)):
        with pytest.raises((UnableToReadNote, UnableToTrust, UnicodeDecodeError)):
            verified_note((raw[:place] + raw[place + 1 :]).decode(), [key])
    with pytest.raises((UnableToReadNote, UnableToTrust)):
        verified_note(note.replace("\n\n", "\n"), [key])
    with pytest.raises((UnableToReadNote, UnableToTrust)):
        verified_note(note.replace("PeterNeumann", "PeterNewmann"), [key])


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_what_is_signed_verifies_and_only_with_its_key(line):
    note = sign_note(f"{line}\n", LOG)
    assert verified_note(note, [LOG.verifier, WITNESS.verifier]).text == f"{line}\n"
    with pytest.raises(UnableToTrust, match="not signed with a key"):
        verified_note(note, [OTHER.verifier])


def test_a_false_signature_of_a_known_key_is_refused_beside_a_true_one():
    note = sign_note("hello\n", LOG)
    false = sign_note("other\n", SigningKey("second", bytes(32))).split("\n\n")[1]
    second = SigningKey("second", bytes(32)).verifier
    assert verified_note(note + false, [LOG.verifier])
    with pytest.raises(UnableToTrust, match="does not fit"):
        verified_note(note + false, [LOG.verifier, second])


@pytest.mark.parametrize("text", ["no newline", "tab\there\n", "nul\x00\n"])
def test_text_a_note_cannot_hold(text):
    with pytest.raises(UnableToReadNote):
        sign_note(text, LOG)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b", "a\x07"])
def test_names_a_key_cannot_have(name):
    key = SigningKey(name, bytes(32)).verifier
    with pytest.raises(UnableToReadNote):
        VerifierKey.parse(str(key))
    with pytest.raises(UnableToReadNote):
        read_note(sign_note("x\n", SigningKey(name, bytes(32))))


def test_keys_are_read_back_and_a_false_hash_is_refused():
    for key in (LOG, WITNESS):
        assert SigningKey.parse(key.written()) == key
        assert VerifierKey.parse(str(key.verifier)) == key.verifier
        forged = key.written().replace(key.verifier.key_id.hex(), "00000000")
        with pytest.raises(UnableToReadNote):
            SigningKey.parse(forged)
        with pytest.raises(UnableToReadNote):
            VerifierKey.parse(str(key.verifier).replace(key.verifier.key_id.hex(), "00000000"))
    for text in ("", "PRIVATE+KEY+x", "PRIVATE+KEY+x+00+AAAA", "x+00000000+AAAA"):
        with pytest.raises(UnableToReadNote):
            SigningKey.parse(text)
        with pytest.raises(UnableToReadNote):
            VerifierKey.parse(text)


def test_a_secret_is_not_shown_by_accident():
    assert bytes(range(32)).hex() not in repr(LOG)
    assert "\\x01\\x02" not in repr(LOG)


def test_base64_has_one_spelling():
    assert unbase64("AAA=") == b"\0\0"
    for spelling in ("AAB=", "AAA", "AAA=\n", "A-A=", "é"):
        with pytest.raises(UnableToReadNote):
            unbase64(spelling)


def test_two_lines_of_one_key_are_refused():
    note = sign_note("x\n", LOG)
    with pytest.raises(UnableToReadNote, match="one signature of a key"):
        read_note(note + note.split("\n\n")[1])


def test_a_checkpoint_is_read_back():
    note = sign_checkpoint(STATED, LOG)
    assert verified_checkpoint(note, LOG.verifier) == STATED
    with pytest.raises(UnableToTrust, match=r"not of log\.example"):
        verified_checkpoint(
            sign_checkpoint(CheckpointText("elsewhere", 1, bytes(32)), LOG), LOG.verifier
        )


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (0, ""),
        (1, "01"),
        (1, "-1"),
        (1, "٣"),
        (2, "AAAA"),
        (3, "settled 1.0"),
        (3, "unsettled"),
        (4, "signed"),
        (4, "signed 01"),
        (5, "before 00"),
        (5, "before " + "A" * 64),
        (6, "more\n"),
    ],
)
def test_a_checkpoint_has_one_spelling(line, text):
    lines = str(STATED).split("\n")
    assert read_checkpoint("\n".join(lines)) == STATED
    lines[line] = text
    with pytest.raises(UnableToReadNote):
        read_checkpoint("\n".join(lines))
    with pytest.raises(UnableToReadNote):
        read_checkpoint(str(STATED)[:-1])


def test_a_witness_signs_what_it_saw_and_when():
    note = sign_checkpoint(STATED, LOG)
    line = cosign(read_note(note), WITNESS, at_s=1_777_887_060)
    seen = read_note(note + str(line))
    assert cosigned_at_s(seen, WITNESS.verifier) == 1_777_887_060
    assert verified_checkpoint(note + str(line), LOG.verifier) == STATED
    later = sign_checkpoint(CheckpointText("log.example", 1001, bytes(32)), LOG) + str(line)
    with pytest.raises(UnableToTrust, match="does not fit"):
        cosigned_at_s(read_note(later), WITNESS.verifier)
    with pytest.raises(UnableToTrust, match="no cosignature"):
        cosigned_at_s(read_note(note), WITNESS.verifier)
    with pytest.raises(UnableToTrust, match="made for cosignatures"):
        cosign(read_note(note), LOG, at_s=1)
