"""Personal values of subscribers are opened in `access`, and nowhere else."""

from __future__ import annotations

import re

import pytest
from tests.source_tree import app_path, source_files, source_path

pytestmark = pytest.mark.no_database


OPENERS = re.compile(r"\b(open_personal|data_keys?)\b")
MAY_OPEN = ("access/", "subscribers/", "vault/", "ledger/")
# Rooms that still read a contact by themselves instead of by `access.actions.reach`.
NOT_YET: set[str] = set()


def test_no_other_room_opens_personal_values() -> None:
    strangers = {
        str(app_path(path))
        for path in source_files("*.py")
        if not str(app_path(path)).startswith(MAY_OPEN)
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith(("from amends", "import amends")) and OPENERS.search(line)
    }
    assert strangers == NOT_YET, "nobody else may; and whoever stopped leaves the list"


def test_access_opens_them_only_where_a_fact_is_written() -> None:
    for path in source_path("access").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if "open_personal(" in source:
            assert re.search(r"\bdisclose(_cases)?\(", source), path.name
            assert "shown_only_if_recorded(" in source, path.name
