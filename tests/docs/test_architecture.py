"""The picture of the apps is the one their import contracts give."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from tests.source_tree import app_folders

pytestmark = pytest.mark.no_database

SCRIPT = Path(__file__).parents[2] / "pictures" / "architecture.py"


@pytest.fixture(scope="module")
def drawing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("architecture", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_picture_is_up_to_date(drawing: ModuleType) -> None:
    assert drawing.PICTURE.read_text(encoding="utf-8") == drawing.drawn(), (
        f"run python pictures/{SCRIPT.name}"
    )


def test_every_app_is_in_the_picture(drawing: ModuleType) -> None:
    groups = drawing.groups((SCRIPT.parents[1] / ".importlinter").read_text(encoding="utf-8"))
    shown = {app for lines in groups.values() for line in lines for app in line}
    assert app_folders().keys() - {"demo", "site", "operations", "channels"} <= shown


def test_a_group_lists_its_apps_from_top_to_bottom(drawing: ModuleType) -> None:
    contracts = """
[importlinter:contract:groups]
layers =
    amends.site
    amends.cases

[importlinter:contract:cases]
layers =
    desk | audits
    complaints
"""
    assert drawing.groups(contracts) == {
        "site": [],
        "cases": [["desk", "audits"], ["complaints"]],
    }
