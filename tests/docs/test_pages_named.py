"""Pages and calls of the API that documents name exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.urls import Resolver404, resolve

pytestmark = pytest.mark.no_database

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
AREAS = "api/v1|complain|confirm|desk|follow|mine|protect|speed|statements|tariffs"
NAMED = re.compile(rf"`(?:(?:GET|POST) )?(/(?:{AREAS})/[^`\s?]*)")
# A number, code or name of the reader's own.
OWN = re.compile(r"\{\w+\}|<\w+>|…|\b[A-Z]+\b")


def _exists(page: str) -> bool:
    try:
        resolve(OWN.sub("1", page))
    except Resolver404:
        return False
    return True


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_pages_exist(document: Path) -> None:
    named = NAMED.findall(document.read_text(encoding="utf-8"))
    assert [page for page in named if not _exists(page)] == []


def test_a_page_that_does_not_exist_is_found() -> None:
    assert _exists("/desk/network/areas/…/why/")
    assert not _exists("/desk/nowhere/")
