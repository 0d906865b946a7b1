"""Complete mobile tests by what the phone said of the radio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from amends.network.quality.models import SpeedTest
from amends.network.quality.rules.radio import UnableToReadRadio, read_radio


@dataclass(frozen=True, slots=True)
class ImportedRadio:
    """Rows with radio fields: `rows` = `completed` + those refused, by their place with the
    reason."""

    rows: int
    completed: int
    refused: dict[str, str]


def import_radio(rows: Sequence[Mapping[str, Any]]) -> ImportedRadio:
    """Store the radio fields of each row with its test; a test that has some keeps those."""
    refused: dict[str, str] = {}
    for number, row in enumerate(rows):
        try:
            radio = read_radio(row)
        except UnableToReadRadio as error:
            refused[f"[{number}]"] = str(error)
            continue
        test = SpeedTest.objects.filter(code=str(row.get("code", ""))[:14], radio={})
        if not radio or not test.update(radio=radio):
            refused[f"[{number}]"] = "no such test, or its radio is on record"
    return ImportedRadio(len(rows), len(rows) - len(refused), refused)
