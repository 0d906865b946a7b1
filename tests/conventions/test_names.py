"""Variables are named for the thing they hold, and records are made by keyword."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from tests.source_tree import app_path, source_files

pytestmark = pytest.mark.no_database

VAGUE = frozenset(
    "one found said known place words given done told kept held some asked made there shown taken "
    "once news alike beside meant due whom whose whole rest other others stands standing lies "
    "places again together least most reached heard".split()
)
"""Names that say nothing of what they hold."""
MOST_VAGUE = 0.006
"""The share that is left; it only falls (docs/figures.md)."""
GENERIC = {"item": 0.0026, "data": 0.0023, "result": 0.0003, "value": 0.0055}
"""Names that may not take their place, with the share they have."""
MOST_BY_POSITION = 3
"""Calls of our own records that pass five or more fields by position; the number only falls."""


@cache
def trees() -> tuple[tuple[Path, ast.Module], ...]:
    return tuple(
        (path, ast.parse(path.read_text(encoding="utf-8")))
        for path in source_files("*.py")
        if "migrations" not in path.parts
    )


@cache
def names() -> Counter[str]:
    """Variables and arguments by name, as often as they are bound."""
    counts: Counter[str] = Counter()
    for _path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                counts[node.id.strip("_")] += 1
            elif isinstance(node, ast.arg):
                counts[node.arg.strip("_")] += 1
    return counts


def test_fewer_variables_have_a_name_that_says_nothing() -> None:
    share = sum(names()[name] for name in VAGUE) / names().total()
    assert share <= MOST_VAGUE, f"{share:.4f}: name the thing, such as `complaint` or `reason`"


@pytest.mark.parametrize("name", GENERIC)
def test_no_general_name_takes_their_place(name: str) -> None:
    assert names()[name] / names().total() <= GENERIC[name]


def _records() -> set[str]:
    """Names of our dataclasses."""
    return {
        node.name
        for _path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list)
    }


def test_records_of_five_fields_are_made_by_keyword() -> None:
    records = _records()
    by_position = [
        f"{path.name}:{node.lineno} {ast.unparse(node.func)}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).split(".")[-1] in records
        and len(node.args) >= 5
    ]
    assert len(by_position) <= MOST_BY_POSITION, by_position


CLASSES_OF_TWO_APPS = ["Attachment", "Challenge"]
"""Models of two apps, named as their tables."""


def test_a_public_class_name_belongs_to_one_app() -> None:
    """A search for a class finds one."""
    apps: dict[str, set[str]] = {}
    for path, tree in trees():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                apps.setdefault(node.name, set()).add(app_path(path).parts[0])
    assert sorted(name for name in apps if len(apps[name]) > 1) == CLASSES_OF_TWO_APPS
