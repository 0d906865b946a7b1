"""An app is entered through its `actions` and `queries`; its models and the rest are its own.

Read from the syntax trees, so that a new app needs no line of its own here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

import amends

pytestmark = pytest.mark.no_database

SOURCE = Path(amends.__file__).parent
WIRING = {"site", "demo", "__main__.py"}
"""May reach into apps: `site` puts them together, `demo` plays their past."""
SHARED = {"tabular", "vault", "database"}
"""Libraries: everybody calls them by module, nobody their models."""
ENTRANCES = ("actions", "queries")
BESIDE = {("access", "web")}


def apps() -> set[str]:
    """The apps of Amends by the name of their folder."""
    return {
        app.removeprefix("amends.").split(".")[0]
        for app in settings.INSTALLED_APPS
        if app.startswith("amends.")
    }


@cache
def imports() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """See `_imports`; the trees are read once."""
    return tuple(_imports())


def _imports() -> Iterator[tuple[str, tuple[str, ...]]]:
    """(file below `src/amends`, what it imports in parts: app, module, …) of another folder."""
    for path in sorted(SOURCE.rglob("*.py")):
        place = str(path.relative_to(SOURCE))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                found = [f"{node.module}.{one.name}" for one in node.names]
            elif isinstance(node, ast.Import):
                found = [one.name for one in node.names]
            else:
                continue
            for name in found:
                root, *parts = name.split(".")
                if root == "amends" and len(parts) > 1 and parts[0] != place.split("/")[0]:
                    yield place, tuple(parts)


def test_apps_are_entered_through_actions_and_queries() -> None:
    entered = apps() - SHARED
    past = {
        ".".join(parts[:-1]) if len(parts) > 2 else ".".join(parts)
        for place, parts in imports()
        if parts[0] in entered
        and place.split("/")[0] not in WIRING
        and parts[1] not in ENTRANCES
        and parts[:2] not in BESIDE
    }
    assert past == set()


def layers() -> list[set[str]]:
    """The layers of `.importlinter`, top to bottom."""
    text = (SOURCE.parents[1] / ".importlinter").read_text(encoding="utf-8")
    lines = text.partition("layers =\n")[2].partition("\n\n")[0].splitlines()
    return [{one.strip().removeprefix("amends.") for one in line.split("|")} for line in lines]


WITHOUT_INNER_LAYERS = {
    "site",
    "cli",
    "demo",
    "database",
    "vault",
    "tabular",
    "channels",
    "feeds",
    "protection",
}
"""Wiring and libraries; `channels` has a folder for each channel, `feeds` one for each system;
`protection` has modules at its root that no layer names yet."""


def test_the_layers_inside_every_app_are_checked() -> None:
    text = (SOURCE.parents[1] / ".importlinter").read_text(encoding="utf-8")
    listed = text.partition("containers =\n")[2].partition("layers =")[0].split()
    missing = apps() - WITHOUT_INNER_LAYERS - {one.removeprefix("amends.") for one in listed}
    assert missing == set(), "add them to `layers-inside` in .importlinter"


def test_an_app_that_no_layer_names_is_a_sibling_of_complaints() -> None:
    """So that a new app needs no line in `.importlinter`."""
    known = layers()
    place = next(at for at, some in enumerate(known) if "complaints" in some)
    above = {app for some in known[: place + 1] for app in some}
    new = apps() - {app for some in known for app in some}
    wrong = [
        f"{folder} -> {'.'.join(parts)}"
        for file, parts in imports()
        if (folder := file.split("/")[0]) in new and parts[0] in above | (new - {folder})
    ]
    assert wrong == []


def test_the_models_of_an_app_are_its_own() -> None:
    """Those of the wiring, too."""
    strangers = {
        f"{place} -> {'.'.join(parts)}"
        for place, parts in imports()
        if parts[0] in apps() and parts[1].split("_")[-1] == "models"
    }
    assert strangers == set()


def test_queries_import_no_actions() -> None:
    """What reads is below what changes: an action may ask a query, never the other way round."""
    upwards = [
        str(path.relative_to(SOURCE))
        for pattern in ("*/queries.py", "*/queries/**/*.py")
        for path in SOURCE.glob(pattern)
        if re.search(r"^\s*from amends\.\w+\.actions\b", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert upwards == []
