"""The auditor shares nothing with the reminder engine but the duties, the key and the facts."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import amends.notices

pytestmark = pytest.mark.no_database


ROOM = Path(amends.notices.__file__).parent
AUDITOR = (
    *sorted((ROOM / "rules" / "audit").glob("*.py")),
    *sorted(ROOM.glob("actions/audit*.py")),
)
MAY = (
    "amends.notices.rules.audit", "amends.notices.rules.duties", "amends.notices.rules.duty",
    "amends.metering.keys",
    "amends.notices.actions.audit", "amends.notices.models", "amends.notices.places",
)  # fmt: skip
OF_AUDITOR = {"AuditRun", "DutyCount", "DutyPart", "LineTerms", "Owed", "UntoldCharge"}
OF_OTHERS = {"Preference", "LineChange"}
"""What users chose, and what other systems told of lines, are no rows of the engine's."""


def imports(path: Path) -> list[tuple[str, str]]:
    """Module and name of everything a file of the auditor imports from its own room."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [
        (node.module or "", name.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    ]
    found += [
        (name.name, "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for name in node.names
    ]
    return [one for one in found if one[0].startswith("amends.notices")]


def test_the_auditor_imports_nothing_of_the_engine() -> None:
    assert len(AUDITOR) > 8
    strangers = [
        (path.name, module)
        for path in AUDITOR
        for module, _ in imports(path)
        if not module.startswith(MAY)
    ]
    assert strangers == []


def test_the_auditor_reads_no_row_the_engine_writes() -> None:
    taken = {
        name for path in AUDITOR for module, name in imports(path)
        if module == "amends.notices.models"
    }  # fmt: skip
    assert taken
    assert taken <= OF_AUDITOR | OF_OTHERS
