"""Paths and links that the documentation names exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.no_database

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    {*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "src").rglob("README.md")}
)
NAMED = re.compile(r"`((?:src|tests|docs|bench|deploy|training)/[\w./-]+\.(?:py|md|toml|html|sh))`")
LINKED = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    missing = [path for path in NAMED.findall(text) if not (ROOT / path).exists()]
    missing += [path for path in LINKED.findall(text) if not (page.parent / path).exists()]
    assert not missing


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    listed = {(ROOT / "docs" / path).resolve() for path in LINKED.findall(index)}
    pages = {
        page
        for page in (ROOT / "docs").rglob("*.md")
        if "decisions" not in page.parts and not page.stem.endswith(".zh")
    } - {ROOT / "docs" / "README.md"}
    assert not {str(page.relative_to(ROOT)) for page in pages - listed}
