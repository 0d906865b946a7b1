"""Templates have one element a line, so that a change shows what changed."""

from __future__ import annotations

import pytest
from tests.source_tree import source_files

pytestmark = pytest.mark.no_database

MOST_CHARACTERS = 200
TEMPLATES = [path for path in source_files("*.html") if "templates" in path.parts]


def test_no_line_of_a_template_is_too_long_to_read() -> None:
    long = [
        f"{path.name}:{number}"
        for path in TEMPLATES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > MOST_CHARACTERS
    ]
    assert len(TEMPLATES) > 200
    assert not long
