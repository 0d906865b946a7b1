"""Files by content, retries, codes, and what providers say."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.channels.rules.outcomes import MAX_ERROR, without_addresses
from amends.channels.rules.retries import MAX_ATTEMPTS, WAITS_S, wait_before_retry
from amends.platform.kit.ids import tracking_code
from amends.platform.kit.received_files import MAX_NAME, inspect_file, safe_name, sniff
from amends.platform.kit.tracking_codes import find_tracking_code


def archive(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            made.writestr(name, "x" * 50)
    return out.getvalue()


OFFICE = ("[Content_Types].xml", "word/document.xml")


@pytest.mark.parametrize(
    ("name", "content", "refused"),
    [
        ("photo.jpg", b"\xff\xd8\xff\xe0" + b"x" * 40, ""),
        ("photo.jpeg", b"\xff\xd8\xff\xe0" + b"x" * 40, ""),
        ("录音.m4a", b"\x00\x00\x00\x20ftypM4A " + b"x" * 40, ""),
        ("录音.amr", b"#!AMR\n" + b"x" * 40, ""),
        ("clip.mp4", b"\x00\x00\x00\x20ftypisom" + b"x" * 40, ""),
        ("photo.heic", b"\x00\x00\x00\x20ftypheic" + b"x" * 40, ""),
        ("letter.docx", archive(*OFFICE), ""),
        ("bill.csv", "日期,金额\n2026-05-01,30\n".encode("gb18030"), ""),
        ("bill.txt", "金额".encode("utf-16"), ""),
        ("note", b"plain words", ""),
        ("macro.docx", archive(*OFFICE, "word/vbaProject.bin"), "program"),
        ("app.apk", archive("AndroidManifest.xml"), "program"),
        ("stuff.zip", archive("a.txt"), "type_not_allowed"),
        ("stuff.rar", b"Rar!\x1a\x07\x00", "type_not_allowed"),
        ("run.sh", b"#!/bin/sh\nrm -rf /\n", "program"),
        ("run.bat", b"@echo off\r\ndel *.*\r\n", "type_not_allowed"),
        ("x.txt", b"<html><script>1</script>", "type_not_allowed"),
        ("x.svg", b"<svg onload='x()'/>", "type_not_allowed"),
        ("x.lnk", b"L\x00\x00\x00\x01\x14\x02\x00" + b"x" * 40, "program"),
        ("photo.png.exe", b"MZ" + b"\x00" * 60, "program"),
        ("photo.png", b"GIF89a" + b"x" * 40, "name_disagrees_with_content"),
        ("report.exe", b"%PDF-1.7", "name_disagrees_with_content"),
        ("noise.bin", bytes(range(256)), "type_not_allowed"),
        ("empty.png", b"", "empty"),
    ],
)
def test_a_file_is_judged_by_what_it_contains(name, content, refused):
    assert inspect_file(name, content).refused == refused


def test_a_file_without_an_ending_gets_the_one_of_its_content():
    assert inspect_file("照片", b"\x89PNG\r\n\x1a\n....").name == "照片.png"


@given(st.text(max_size=400))
def test_any_name_becomes_safe(name):
    safe = safe_name(name)
    assert 0 < len(safe) <= MAX_NAME
    assert not set(safe) & set('/\\:*?"<>|\x00\n\u202e')
    assert not safe.startswith(".")
    assert safe_name(safe) == safe


@given(st.binary(max_size=300))
def test_any_content_has_a_type(content):
    assert "/" in sniff(content)


def test_waits_grow_and_end():
    waits = [wait_before_retry(n, message="m") for n in range(1, MAX_ATTEMPTS)]
    for wait, planned in zip(waits, WAITS_S, strict=True):
        assert planned <= wait.total_seconds() <= planned * 1.1
    assert wait_before_retry(MAX_ATTEMPTS, message="m") is None
    with pytest.raises(ValueError):
        wait_before_retry(0, message="m")


def test_retries_of_many_messages_are_spread():
    waits = {wait_before_retry(1, message=str(n)) for n in range(50)}
    assert len(waits) > 40


def test_codes_we_give_out_are_found_again_however_they_are_written():
    codes = [tracking_code() for _ in range(200)]
    for code in (code for code in codes if any(char.isdigit() for char in code)):
        for written in (code, code.lower(), f"Re: [{code}] 投诉", code.replace("-", " ")):
            assert find_tracking_code("no code here", written) == code


@pytest.mark.parametrize("text", ["A-B-C", "7QX2-M9T4", "they said that they", "7QX2-M9T4-0AB8-X"])
def test_what_is_no_code_is_not_taken_for_one(text):
    assert find_tracking_code(text) == ""


@pytest.mark.parametrize("said", ["<a@b.cn> no", "call 138 0013 8000", "+86 10 1234 5678 busy"])
def test_no_address_stays_in_what_a_provider_said(said):
    shown = without_addresses(said * 20)
    assert len(shown) <= MAX_ERROR
    assert "@" not in shown
    assert "8000" not in shown
    assert "5678" not in shown
