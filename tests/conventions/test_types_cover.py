"""mypy reads nearly all code: what it leaves out is listed in `pyproject.toml`, and only shrinks."""

from __future__ import annotations

import re
import tokenize
import tomllib
from collections import Counter
from pathlib import Path

import pytest

pytestmark = pytest.mark.no_database

ROOT = Path(__file__).parents[2]
LEFT_OUT = {
    r"/migrations/",
    r"src/amends/record/ledger/offline/",
    r"src/amends/network/quality/rules/stretches\.py$",
}
_NO_CODE = {
    tokenize.COMMENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
    tokenize.INDENT,
    tokenize.NEWLINE,
    tokenize.NL,
}


def code_lines(path: Path) -> int:
    """Lines with code: neither blank, nor a comment, nor a docstring."""
    lines: set[int] = set()
    starts = True
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type in _NO_CODE:
                starts = starts or token.type == tokenize.NEWLINE
                continue
            if not (starts and token.type == tokenize.STRING):
                lines.update(range(token.start[0], token.end[0] + 1))
            starts = False
    return len(lines)


def covered_share() -> float:
    """The share of code lines, without migrations, that mypy reads."""
    left_out = [
        re.compile(one)
        for one in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["exclude"]
    ]
    lines: Counter[bool] = Counter()
    for path in (ROOT / "src").rglob("*.py"):
        place = str(path.relative_to(ROOT))
        if "/migrations/" not in place:
            lines[any(one.search(place) for one in left_out)] += code_lines(path)
    return lines[False] / lines.total()


def test_mypy_reads_nearly_all_code() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    assert settings["files"] == ["src/amends", "src/amends_demo"]
    assert set(settings["exclude"]) <= LEFT_OUT
    assert covered_share() >= 0.97


def test_code_lines_are_those_of_code(tmp_path: Path) -> None:
    file = tmp_path / "one.py"
    file.write_text(
        '"""Two\nlines."""\n\n# one\nvalue = (\n    1,\n)\n\n\ndef f():\n    """Says."""\n'
    )
    assert code_lines(file) == 4
