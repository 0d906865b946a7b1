"""The block list as a file: only new changes, and a note whose signature covers every byte."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from amends.causes.protection.actions.export_block_list import export_block_list
from amends.causes.protection.models import BlockListChange, ReportedNumber
from amends.platform.vault.sealing import seal
from amends.platform.vault.signed_notes import verified_note
from amends.record.ledger.queries.keys import verifier_key

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 2, tzinfo=UTC)


def test_the_file_and_its_note(tmp_path: Path) -> None:
    number = ReportedNumber.objects.create(
        ref="num-1",
        entry="e",
        number=seal("protection_number", "number", "num-1", "+8617000001111"),
        last_reported_at=NOW,
    )
    for added in (True, False):
        BlockListChange.objects.create(number=number, added=added, at=NOW, reason="r", by="rules")
    first = export_block_list(tmp_path / "all.csv", since=0)
    content = (tmp_path / "all.csv").read_bytes()
    assert first.changes == 2
    assert b"+8617000001111,add" in content
    note = verified_note((tmp_path / "all.csv.note").read_text("utf-8"), [verifier_key()])
    assert note.text.splitlines() == [
        "amends-block-list-1",
        str(first.last),
        sha256(content).hexdigest(),
    ]
    later = export_block_list(tmp_path / "new.csv", since=first.last)
    assert (later.changes, later.last) == (0, first.last)


def test_a_long_list_is_written_in_parts(tmp_path: Path, monkeypatch: Any) -> None:
    number = ReportedNumber.objects.create(
        ref="num-1",
        entry="e",
        number=seal("protection_number", "number", "num-1", "+8617000001111"),
        last_reported_at=NOW,
    )
    for place in range(25):
        BlockListChange.objects.create(
            number=number, added=not place % 2, at=NOW, reason="r", by="rules"
        )
    monkeypatch.setattr("amends.causes.protection.actions.export_block_list.AT_A_TIME", 10)
    found = export_block_list(tmp_path / "all.csv", since=0)
    content = (tmp_path / "all.csv").read_bytes()
    assert (found.changes, content.count(b"\n")) == (25, 26)
    assert found.sha256 == sha256(content).hexdigest()
    assert not (tmp_path / "all.csv.part").exists()
