"""The auditor shares nothing with the reminder engine but the duties, the key and the facts."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import amends.cases.audits

pytestmark = pytest.mark.no_database


AUDITOR = sorted(
    path
    for folder in ("rules", "actions")
    for path in (Path(amends.cases.audits.__file__).parent / folder).glob("*.py")
)
MAY = {
    "amends.engines.metering.keys",
    "amends.causes.notices.queries.registered_lines",
}
"""What both know: the duties, the key of a notice, and what registers and users said of lines."""


def imports(path: Path) -> set[str]:
    """The modules of duties, metering and notices that a file imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {
        node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom | ast.Import)
    }
    return {
        one for one in found if one.startswith(("amends.causes.notices", "amends.engines.metering"))
    }


def test_the_auditor_imports_nothing_of_the_engine() -> None:
    assert len(AUDITOR) > 8
    strangers = {path.name: found - MAY for path in AUDITOR if (found := imports(path)) - MAY}
    assert strangers == {}
