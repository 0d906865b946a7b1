"""What a test needs beyond the lock file is found by `tests/needs.py` alone, so it can be missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.needs import left_out, reason

TESTS = Path(__file__).parents[1]
ALLOWED = {TESTS / "needs.py", Path(__file__)}
DIRECT = re.compile(
    r"""environ.{0,9}AMENDS_(SHARED|CHROMIUM)|shutil\.which|importorskip|skipif\(\s*not\ \w*installed
    |\[\s*"(amtool|chromium|dovecot|faketime|java|msgfmt|node|npm|npx|pdftotext|promtool|soffice)"
    """,
    re.VERBOSE,
)
"""How a test would find a program or data by itself: nothing skips it where that is missing."""

pytestmark = pytest.mark.no_database


def test_tests_find_programs_and_shared_data_through_their_needs() -> None:
    found = {
        f"{path.relative_to(TESTS)}: {match[0]}"
        for path in TESTS.rglob("*.py")
        if path not in ALLOWED
        for match in [DIRECT.search(path.read_text(encoding="utf-8"))]
        if match
    }
    assert not found, "use tests/needs.py: pytest.mark.needs(…) and program(…)"


def test_the_last_line_says_what_was_left_out_and_how_to_install_it() -> None:
    skipped = [f"{reason('node')}", reason("node"), reason("shared"), "this kernel cannot"]
    assert left_out(skipped) == (
        "Left out: 2 tests that need Node.js (apt-get install npm), "
        "1 test that needs the shared test data (AMENDS_SHARED=folder)."
    )
    assert left_out(["this kernel cannot"]) == ""
