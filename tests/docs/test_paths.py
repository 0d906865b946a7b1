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


FILES = re.compile(r"`((?:[\w.]+/)*\w+\.(?:py|toml|html))`")


def test_the_files_a_readme_of_an_app_names_exist() -> None:
    places = [
        f"/{path.relative_to(ROOT)}"
        for top in ("src", "tests", "bench", "docs")
        for path in (ROOT / top).rglob("*")
        if path.suffix in (".py", ".toml", ".html")
    ]
    missing = {
        f"{page.parent.name}: {file}"
        for page in (ROOT / "src").rglob("README.md")
        for file in FILES.findall(page.read_text(encoding="utf-8"))
        if not any(place.endswith(f"/{file}") for place in places)
    }
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
