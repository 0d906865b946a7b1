"""The picture of the apps is the one their imports give."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

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
    drawn = drawing.svg(drawing.imports())
    assert drawing.PICTURE.read_text(encoding="utf-8") == drawn, (
        f"run python pictures/{SCRIPT.name}"
    )


def test_an_app_is_above_what_it_imports(drawing: ModuleType) -> None:
    rows = drawing.rows({"site": {"desk", "kit"}, "desk": {"kit"}, "kit": set()})
    assert rows == [["kit"], ["desk"], ["site"]]


def test_a_line_that_follows_from_others_is_left_out(drawing: ModuleType) -> None:
    lines = drawing.lines({"site": {"desk", "kit"}, "desk": {"kit"}, "kit": set()})
    assert lines == [("desk", "kit"), ("site", "desk")]


def test_imports_in_a_circle_are_refused(drawing: ModuleType) -> None:
    with pytest.raises(ValueError, match=r"\['desk', 'site'\]"):
        drawing.rows({"site": {"desk"}, "desk": {"site"}})
