"""Benchmarks, pictures and training run by hand: what they import of Amends is there all the same."""

from __future__ import annotations

import ast
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("folder", ["bench", "pictures", "training"])
def test_what_scripts_import_is_there(folder: str) -> None:
    missing = [
        f"{path.name}:{node.lineno}: {node.module}.{name.name}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("amends")
        for name in node.names
        if not _is_there(str(node.module), name.name)
    ]
    assert not missing, "\n".join(missing)


def _is_there(module: str, name: str) -> bool:
    try:
        return hasattr(import_module(module), name) or find_spec(f"{module}.{name}") is not None
    except ModuleNotFoundError:
        return False
