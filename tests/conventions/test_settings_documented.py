"""A setting without a line in the operator's guide fails the build."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from amends.platform.cli.known_settings import KNOWN, PREFIX, misspelt

pytestmark = pytest.mark.no_database


ROOT = Path(__file__).parents[2]
USED = re.compile(r'"(AMENDS_[A-Z_]+)"')
ELSEWHERE = {"AMENDS_SHARED"}
PREFIXES = {"AMENDS_IMAP", "AMENDS_SMTP"}
"""The mail settings are put together from these."""


def _told() -> set[str]:
    page = (ROOT / "docs/operator/settings.md").read_text("utf-8")
    return set(re.findall(r"`(AMENDS_[A-Z_]+)`", page))


def test_the_names_by_which_a_misspelt_one_is_found_are_all_there_are() -> None:
    assert {PREFIX + name for name in KNOWN} == _told()
    assert misspelt(["AMENDS_RETENTION_DALY"]) == [
        ("AMENDS_RETENTION_DALY", "AMENDS_RETENTION_DAILY")
    ]


def test_every_setting_has_its_line() -> None:
    used = {
        name
        for path in (ROOT / "src").rglob("*.py")
        if path.name != "known_settings.py"
        for name in USED.findall(path.read_text(encoding="utf-8"))
    }
    told = _told()
    assert used - ELSEWHERE - PREFIXES <= told, f"Not documented: {sorted(used - told)}"
    unknown = {name for name in told - used if not name.startswith(tuple(PREFIXES))}
    assert not unknown, f"Documented and unknown: {sorted(unknown)}"
