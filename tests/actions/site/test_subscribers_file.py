"""The file of subscribers: each field is found by its own name, and what is not used is told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import translation

from amends.channels.files.mapping import infer
from amends.site.imports.subscribers import WANTED, import_subscribers

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


@pytest.mark.no_database
@pytest.mark.parametrize("field", [one.name for one in WANTED])
def test_each_field_is_found_by_the_name_the_guide_gives_it(field: str) -> None:
    assert infer([field], [["x"]], WANTED).columns == {field: field}


def _notes(tmp_path: Path, text: str) -> tuple[list[str], str]:
    path = tmp_path / "people.csv"
    path.write_text(text, encoding="utf-8")
    out = tmp_path / "keys.csv"
    with translation.override("en"):
        report = import_subscribers(
            path, rejects=tmp_path / "rejects.csv", out=out, now=NOW, progress=lambda *_: None
        )
    return report.notes, out.read_text(encoding="utf-8")


def test_a_column_called_key_is_the_operators_own(db: None, tmp_path: Path) -> None:
    notes, keys = _notes(tmp_path, "key,phone\nk-17,13900010001\n")
    assert "key ← key" in notes
    assert keys.splitlines()[1].startswith("k-17,sub-")
    assert not [one for one in notes if "Not used" in one or "No column" in one]


def test_what_is_not_used_is_told(db: None, tmp_path: Path) -> None:
    notes, keys = _notes(tmp_path, "crm_no,phone,tariff\nk-18,13900010002,gold\n")
    assert "Not used: crm_no, tariff." in notes
    assert any("No column holds your own key" in one for one in notes)
    assert keys.splitlines()[1].startswith(",sub-")
