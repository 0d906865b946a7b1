"""Files that are not apps, or are built to harm their reader, are refused."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from amends.causes.vetting.rules.apk.errors import UnableToReadApk
from amends.causes.vetting.rules.apk.inspect import inspect_app
from apk_builder import apk, binary_xml, manifest

pytestmark = pytest.mark.no_database


def archive(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return buffer.getvalue()


def encrypted() -> bytes:
    data = bytearray(apk(key=""))
    place = data.index(b"PK\x01\x02")
    data[place + 8] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not an Android app"),
        (b"#!/bin/sh\n", "not an Android app"),
        (b"PK\x03\x04", "damaged"),
        (apk()[: len(apk()) // 2], "damaged"),
        (archive(readme=b"x"), "no AndroidManifest.xml"),
        (archive(**{"base.apk": b"PK"}), "bundle"),
        (apk(b"<manifest/>"), "plain text"),
        (apk(b"\x03\0\x08\0" + b"\xff" * 40), "damaged"),
        (apk(files={"../../etc/cron.d/x": b"x"}), "leads outside"),
        (apk(files={"/etc/passwd": b"x"}), "leads outside"),
        (encrypted(), "encrypted"),
        (archive(**{"AndroidManifest.xml": b"\0" * 30_000_000}), "unpack"),
        (apk(binary_xml(manifest(package=""))), "names no package"),
    ],
)
def test_a_file_that_is_not_an_app_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(UnableToReadApk, match=words):
        inspect_app(io.BytesIO(data))


def test_two_entries_of_one_name_are_refused() -> None:
    buffer = io.BytesIO(apk(key=""))
    with zipfile.ZipFile(buffer, "a") as made, pytest.warns(UserWarning, match="Duplicate"):
        made.writestr("AndroidManifest.xml", b"another")
    with pytest.raises(UnableToReadApk, match="same name"):
        inspect_app(buffer)


def test_an_entry_without_a_name_is_refused() -> None:
    buffer = io.BytesIO(apk(key=""))
    nameless = zipfile.ZipInfo("x")
    nameless.filename = ""
    with zipfile.ZipFile(buffer, "a") as made:
        made.writestr(nameless, b"x")
    with pytest.raises(UnableToReadApk, match="damaged"):
        inspect_app(buffer)


def test_damaged_code_is_reported_not_passed_over() -> None:
    facts = inspect_app(io.BytesIO(apk(files={"classes2.dex": b"dex\n035\0" + b"\xff" * 200})))
    assert facts.code.unread == ["classes2.dex"]


def test_a_string_pool_that_claims_more_than_there_is_is_refused() -> None:
    good = bytearray(binary_xml(manifest()))
    struct.pack_into("<I", good, 16, 0xFFFFFFF0)
    with pytest.raises(UnableToReadApk):
        inspect_app(io.BytesIO(apk(bytes(good))))


def test_every_byte_may_be_wrong() -> None:
    """A changed byte of manifest or code gives facts or a refusal, never a crash."""
    text, code = bytearray(binary_xml(manifest())), apk(key="")
    for place in range(8, len(text), 7):
        text[place] ^= 0xA5
        try:
            inspect_app(io.BytesIO(apk(bytes(text), key="")))
        except UnableToReadApk:
            pass
        text[place] ^= 0xA5
    from amends.causes.vetting.rules.apk.dex import dex_facts
    from apk_builder import dex

    data = bytearray(dex({"LA;": (("call", "Landroid/telephony/SmsManager;", "sendTextMessage"),)}))
    for place in range(0x38, len(data)):
        data[place] ^= 0xFF
        try:
            dex_facts(bytes(data), "classes.dex")
        except UnableToReadApk:
            pass
        data[place] ^= 0xFF
    assert code
