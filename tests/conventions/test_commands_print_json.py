"""The result of each command has a JSON document: pydantic finds all types that its fields name."""

from __future__ import annotations

import importlib
from dataclasses import is_dataclass
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from tests.conventions.test_commands_speak import COMMANDS
from tests.source_tree import ROOT, app_path

pytestmark = pytest.mark.no_database


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: str(app_path(path)))
def test_results_of_commands_have_a_serializer(path: Path) -> None:
    module = importlib.import_module(".".join(path.relative_to(ROOT / "src").with_suffix("").parts))
    for kind in vars(module).values():
        if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.__name__:
            assert callable(TypeAdapter(kind).serializer.to_json), kind
