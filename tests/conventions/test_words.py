"""Modules say what they hold, and one name means one class: see docs/words.md.

The list of classes left only shrinks: who renames one takes it off.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import amends

pytestmark = pytest.mark.no_database

SOURCE = Path(amends.__file__).parent
FIGURES = {
    "beside",
    "carried",
    "doors",
    "folding",
    "front",
    "handed",
    "handing",
    "heard",
    "house",
    "keep",
    "keeper",
    "kept",
    "laid",
    "lay",
    "laying",
    "said",
    "stand",
    "standing",
    "stands",
    "tell",
    "telling",
    "tells",
    "told",
    "turns",
    "unsaying",
    "wholly",
}
"""Words that say nothing of a mechanism: no part of a module's name."""
CLASSES_LEFT = {"Attachment", "Challenge"}


@cache
def modules() -> tuple[Path, ...]:
    """Every module of Amends but migrations, below `src/amends`."""
    return tuple(
        path.relative_to(SOURCE)
        for path in sorted(SOURCE.rglob("*.py"))
        if "migrations" not in path.parts
    )


def test_modules_are_named_for_what_they_hold() -> None:
    figurative = {
        str(path)
        for path in modules()
        if FIGURES & set(re.split(r"[_/.]", str(path.with_suffix(""))))
    }
    assert not figurative, "name it by what it holds: docs/words.md"


def _classes(path: Path, tree: ast.Module) -> Iterator[tuple[str, bool]]:
    """Public classes of a module, and whether each is a model."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            bases = {base.attr if isinstance(base, ast.Attribute) else "" for base in node.bases}
            yield node.name, "Model" in bases or "models" in path.stem.split("_")


def test_a_shared_class_has_a_name_of_its_own() -> None:
    """A model, or a class that another app imports, shares its name with no class elsewhere."""
    homes: dict[str, set[str]] = defaultdict(set)
    shared: set[str] = set()
    for path in modules():
        app = path.parts[0]
        tree = ast.parse((SOURCE / path).read_text(encoding="utf-8"))
        for name, is_model in _classes(path, tree):
            homes[name].add(app)
            if is_model:
                shared.add(name)
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                root, *parts = str(node.module).split(".")
                if root == "amends" and parts and parts[0] != app:
                    shared |= {one.name for one in node.names}
    left = {name for name, apps in homes.items() if len(apps) > 1 and name in shared}
    assert left <= CLASSES_LEFT, "give one of the two a name of its own"
