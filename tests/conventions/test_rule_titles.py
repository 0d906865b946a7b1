"""Duties and rules have a short title in both languages, as a service desk would call them."""

from __future__ import annotations

import re

import pytest

from amends.platform.kit.packs import load_version, names, versions

pytestmark = pytest.mark.no_database

TITLED = {
    "amends.engines.duties": r"duties-|audit",
    "amends.engines.decisions": r"(decisions|deadlines)-|compensation-"
    r"|admissibility-",
    "amends.causes.confirmations": r"confirmations-",
    "amends.cases.examinations": r"processes",
}
TABLES = ("duties", "untold", "rules", "exceptions")


def test_titles_are_short_and_in_both_languages() -> None:
    found = 0
    for package, pattern in TITLED.items():
        for name in (one for one in names(package) if re.match(pattern, one)):
            for version in versions(package, name):
                data = load_version(package, name, version).data
                for row in (row for table in TABLES for row in data.get(table, [])):
                    where = f"{name}@{version}: {row['id']}"
                    assert re.search(r"[一-鿿]", row["title_zh"]), where
                    assert len(row["title_zh"]) <= 12, where
                    assert 1 <= len(row["title_en"].split()) <= 6, where
                    found += 1
    assert found > 250
