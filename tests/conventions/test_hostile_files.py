"""Commands given files that hold no such thing: refused with a remedy, nothing overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from shell import amends

pytestmark = pytest.mark.django_db

DEEP = b"[" * 5_000 + b"]" * 5_000
EVENTS = b"event,area,service,from,to,kind\n"
HUGE = b"id,name,price\np1,Plan," + b"9" * 400 + b"\n"
WIDE = b"," * 1_000_000 + b"\n"
LATIN = "id;café\nnaïve;12\n".encode("latin-1")


@pytest.mark.parametrize(
    ("command", "content"),
    [
        ("quality import-radio {file}", DEEP),
        ("quality verdict {file} --rule de-fixed@2021-12-13", DEEP),
        ("quality link {file} {beside} --out {out}", b""),
        ("privacy review {file}", DEEP),
        ("launches formula {file}", DEEP),
        ("publicity check {copies} --offers {file}", HUGE),
        ("publicity register {file}", HUGE),
        ("catalogue import {file}", HUGE),
        ("hotissues scan {file}", WIDE),
        ("hotissues effect {file}", WIDE),
        ("launches assess {file}", DEEP),
        ("launches assess {file}", LATIN),
        ("launches formula {file}", b'[{"f": "erlang_b", "servers": 1e12, "offered": 1}]'),
        ("launches formula {file}", b" " * 4_000_001),
        ("privacy access-alerts {file}", WIDE),
        (
            "privacy review {file}",
            b'{"service": "\\ud800", "flows": [{"id": "\\ud800", "about": [5]}]}',
        ),
    ],
)
def test_a_hostile_file_is_refused(tmp_path: Path, command: str, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    (tmp_path / "beside").write_bytes(EVENTS)
    (tmp_path / "copies").write_bytes(b"copy,text\nc,59 a month\n")
    places = {name: tmp_path / name for name in ("file", "beside", "copies", "out")}
    done = amends(*command.format(**places).split())
    assert done.code == 2, done.out
    assert done.err.strip()
    assert not places["out"].exists()


def test_only_a_command_that_can_be_told_an_encoding_asks_for_one(tmp_path: Path) -> None:
    file = tmp_path / "offers.csv"
    file.write_bytes(LATIN)
    assert "--encoding" not in amends("publicity", "register", file).err
    file.write_bytes("id,skarga\n1,nie działa i żądam\n".encode("cp1250"))
    assert "--encoding" in amends("import", "complaints", file).err


def test_a_refusal_in_chinese_is_chinese_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    file = tmp_path / "offers.csv"
    file.write_bytes(HUGE)
    said = amends("publicity", "register", file).err
    assert "没有一行可用" in said
    assert "cannot be read" not in said


def test_no_command_writes_over_a_file_unasked(tmp_path: Path) -> None:
    complaints, events, out = (tmp_path / name for name in ("c.csv", "e.csv", "out.csv"))
    complaints.write_text("complaint,at,area,service,class\nc1,2026-11-01T01:00Z,a,fixed,network\n")
    events.write_bytes(EVENTS)
    out.write_text("mine")
    assert amends("quality", "link", complaints, events, "--out", out).code == 2
    assert out.read_text() == "mine"
    assert amends("quality", "link", complaints, events, "--out", complaints, "--force").code == 2
    assert complaints.read_text().startswith("complaint,at")


def test_names_of_files_and_arguments_cannot_command_the_terminal(tmp_path: Path) -> None:
    """Nor can text in a file that a refusal or a table quotes."""
    named = tmp_path / "b\x07\x1b[2J\u202ea.csv"
    named.write_bytes(b"id,at\n")
    for words in (
        ("import", "complaints", named),
        ("quality", "score", named),
        ("quality", "verdict", tmp_path / "absent\x07.json", "--rule", "de-fixed@2021-12-13"),
        ("quality", "verdict", named, "--rule", "de\x07"),
        ("deadlines", "--no\x07such"),
        ("confirmations", "orders", "--state", "\x9b31m"),
    ):
        done = amends(*words)
        assert done.code == 2, words
        said = done.out + done.err
        assert not [one for one in "\x07\x1b\x9b\u202e" if one in said], (words, said)


def test_what_an_import_says_of_a_file_cannot_command_the_terminal(tmp_path: Path) -> None:
    named = tmp_path / "b\x07\x1b[2Ja.csv"
    named.write_text("id,text,received_at\nT1,扣费\x1b[2J不对,2026-05-01\nT2,扣费不对,no day\n")
    for options in (["--preview"], ["--rejects", tmp_path / "r\x07.csv"]):
        done = amends("import", "complaints", named, *options)
        assert done.code == 0, done.err
        said = done.out + done.err
        assert "\\x1b" in said or "\\x07" in said
        assert not [one for one in "\x07\x1b" if one in said], said


@pytest.mark.parametrize(
    "words",
    [
        ("confirmations", "orders", "--state", "\udcff"),
        ("confirmations", "receipt", "\udcff"),
        ("holds", "release", "--by", "\udcff", "x", "y"),
        ("deadlines", "--received", "9999-12-31"),
        ("deadlines", "--received", "0001-01-01"),
        ("deadlines", "--received", "2026-11-01", "--on", "9999-12-31"),
        ("deadlines", "--received", "2026-11-01", "--zone", "9" * 400),
        ("indicators", "report", "--from", "9999-12-31", "--to", "9999-12-31"),
        ("keys", "retire", "not hexadecimal"),
        ("operation", "alive", "--host", "9" * 400),
        ("operation", "alive", "--host", "\x07"),
    ],
)
def test_a_hostile_argument_is_refused(words: tuple[str, ...]) -> None:
    done = amends(*words)
    assert done.code == 2, done.err
    assert done.err.strip()


def test_a_workbook_is_not_written_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    done = amends("launches", "template", tmp_path / "file" / "case.xlsx")
    assert done.code == 2, done.err
    assert "case.xlsx" in done.err


@pytest.mark.parametrize("command", ["notices events", "import facts", "quality score"])
def test_a_name_too_long_is_refused(tmp_path: Path, command: str) -> None:
    for length in (245, 300):
        done = amends(*command.split(), tmp_path / ("x" * length))
        assert done.code == 2, done.err


def test_a_zone_that_is_no_file_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("text,received_at\n扣费不对,2026-05-01\n")
    done = amends("import", "complaints", tmp_path / "rows.csv", "--zone", "9" * 400)
    assert done.code == 2, done.err


def test_a_passphrase_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "archive").write_bytes(b"x")
    (tmp_path / "passphrase").write_bytes(bytes(range(256)))
    done = amends("restore", "--passphrase-file", tmp_path / "passphrase", tmp_path / "archive")
    assert done.code == 2, done.err
