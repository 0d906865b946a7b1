"""An app is entered through its `actions`, `queries`, `texts`, `signals` and `refusals`.

Its models and the rest are its own.

Read from the syntax trees, so that a new app needs no line of its own here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from configparser import ConfigParser
from functools import cache

import pytest
from django.conf import settings
from tests.source_tree import ROOT, SOURCE, app_folders, app_module, app_path, groups, source_files

pytestmark = pytest.mark.no_database

CONTRACTS = ConfigParser()
CONTRACTS.read(ROOT / ".importlinter", encoding="utf-8")
WIRING = {"site", "demo", "__main__.py"}
"""May reach into apps: `site` puts them together, `demo` plays their past."""
SHARED = {"tabular", "vault", "database"}
"""Libraries: everybody calls them by module, nobody their models."""
ENTRANCES = ("actions", "queries", "refusals", "signals", "texts")
BESIDE = {("access", "web")}


def apps() -> set[str]:
    """The apps of Amends by the name of their folder."""
    return {parts[0] for name in settings.INSTALLED_APPS if (parts := app_module(name))}


@cache
def imports() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """See `_imports`; the trees are read once."""
    return tuple(_imports())


def _imports() -> Iterator[tuple[str, tuple[str, ...]]]:
    """(file by its app, what it imports in parts: app, module, …) of another app."""
    for path in source_files("*.py"):
        place = str(app_path(path))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                found = [f"{node.module}.{one.name}" for one in node.names]
            elif isinstance(node, ast.Import):
                found = [one.name for one in node.names]
            else:
                continue
            for name in found:
                parts = app_module(name)
                if len(parts) > 1 and parts[0] != place.split("/")[0]:
                    yield place, parts


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
    inside = CONTRACTS["importlinter:contract:layers-inside"]["containers"].split()
    missing = apps() - WITHOUT_INNER_LAYERS - {app_module(name)[0] for name in inside}
    assert missing == set(), "add them to `layers-inside` in .importlinter"


def test_every_group_and_every_app_has_its_layer() -> None:
    """`exhaustive` reports an app that no layer of its group names."""
    between = CONTRACTS["importlinter:contract:groups"]["layers"].split()
    assert {name.partition(".")[2] for name in between} - {""} == {
        folder.parent.name for folder in SOURCE.glob("*/__init__.py")
    }
    for group in groups():
        assert CONTRACTS[f"importlinter:contract:{group}"]["exhaustive"] == "true"


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
        str(app_path(path))
        for folder in app_folders().values()
        for pattern in ("queries.py", "queries/**/*.py")
        for path in folder.glob(pattern)
        if re.search(r"^\s*from amends\.[\w.]+\.actions\b", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert upwards == []
