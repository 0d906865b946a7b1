"""A setting without a line in the operator's guide fails the build."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.no_database


ROOT = Path(__file__).parents[2]
USED = re.compile(r'"(AMENDS_[A-Z_]+)"')
ELSEWHERE = {"AMENDS_SHARED"}
PREFIXES = {"AMENDS_IMAP", "AMENDS_SMTP"}
"""The mail settings are put together from these."""


def test_every_setting_has_its_line() -> None:
    used = {
        name
        for path in (ROOT / "src/amends").rglob("*.py")
        for name in USED.findall(path.read_text(encoding="utf-8"))
    }
    told = set(
        re.findall(r"`(AMENDS_[A-Z_]+)`", (ROOT / "docs/operator/settings.md").read_text("utf-8"))
    )
    assert used - ELSEWHERE - PREFIXES <= told, f"Not documented: {sorted(used - told)}"
    unknown = {name for name in told - used if not name.startswith(tuple(PREFIXES))}
    assert not unknown, f"Documented and unknown: {sorted(unknown)}"
