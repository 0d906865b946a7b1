"""Every rule file of the app: listed, sourced, in both languages, and well written."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from amends.engines.decisions.clocks import EVENTS, KINDS, STEPS
from amends.engines.decisions.compensation import _FORMULAS
from amends.platform.kit.packs import jurisdictions, load_version, names, pack, versions
from amends.platform.kit.terms import Term

TODAY = date(2026, 11, 24)
APPS = {
    name: app
    for app in ("amends.cases.complaints", "amends.engines.decisions")
    for name in names(app)
    if name.startswith(("deadlines", "admissibility", "compensation", "states"))
}
FILES = [(name, version) for name, app in APPS.items() for version in versions(app, name)]
LISTED = {
    (listed["name"], version)
    for jurisdiction in jurisdictions()
    for app in ("complaints", "decisions")
    for listed in pack(jurisdiction, TODAY).data.get("apps", {}).get(app, {}).values()
    for version in listed["versions"]
}


def entries(name: str, version: date) -> list[dict[str, Any]]:
    data = load_version(APPS[name], name, version).data
    tables = (value for value in data.values() if isinstance(value, list))
    return [row for table in tables for row in table]


def test_every_file_is_listed_in_a_pack() -> None:
    assert set(FILES) <= LISTED


@pytest.mark.parametrize(("name", "version"), FILES)
def test_every_entry_is_written_in_both_languages(name: str, version: date) -> None:
    for row in entries(name, version):
        for key in (k for k in row if k in ("zh", "note_zh", "zh_user")):
            assert re.search(r"[一-鿿]", row[key]), row["id"]
            assert not re.search(r"[,;:?!()]", row[key]), f"{row['id']}: half-width punctuation"
        assert ("note_zh" in row) is ("note_en" in row)


@pytest.mark.parametrize(("name", "version"), [f for f in FILES if f[0].startswith("deadlines")])
def test_every_clock_can_be_counted(name: str, version: date) -> None:
    for row in load_version(APPS[name], name, version).rules:
        assert Term(row["amount"], row["unit"])
        assert row.get("starts", "received") in EVENTS
        assert row["step"] in STEPS
        assert set(row.get("kinds", ())) | set(row.get("except_kinds", ())) <= set(KINDS)


@pytest.mark.parametrize(("name", "version"), [f for f in FILES if f[0].startswith("compensation")])
def test_every_amount_has_a_known_formula(name: str, version: date) -> None:
    for row in load_version(APPS[name], name, version).rules:
        assert row["formula"] in _FORMULAS


@pytest.mark.parametrize(
    ("jurisdiction", "on", "expected"),
    [
        ("cn", date(2016, 7, 29), "deadlines-cn@2001-01-11"),
        ("cn", date(2016, 7, 30), "deadlines-cn@2016-07-30"),
        ("uk", date(2026, 4, 7), "deadlines-uk@2019-03-01"),
        ("uk", date(2026, 4, 8), "deadlines-uk@2026-04-08"),
        ("au", date(2025, 6, 29), "deadlines-au@2018-07-01"),
        ("au", date(2025, 6, 30), "deadlines-au@2025-06-30"),
        ("au", date(2026, 1, 1), "deadlines-au@2026-01-01"),
        ("cn-41", date(2021, 1, 1), "deadlines-cn-41@2021-01-01"),
    ],
)
def test_the_version_in_force_on_a_day(jurisdiction: str, on: date, expected: str) -> None:
    assert pack(jurisdiction, on).versions["decisions/deadlines"][-1] == expected


def test_what_the_notes_call_unverified_is_not_called_verified() -> None:
    doubtful = re.compile(
        r"from memory|derived|not found|secondary|techradar|not read", re.IGNORECASE
    )
    for name, version in FILES:
        for row in entries(name, version):
            if doubtful.search(row["source"]):
                assert row["verified"] is not True, row["id"]
