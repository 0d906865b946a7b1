"""No rule takes effect by a day of UTC, which in China begins at eight in the morning."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from tests.source_tree import app_path, source_files, source_path

pytestmark = pytest.mark.no_database

MOMENTS = {"now", "moment", "since", "until", "start", "started", "began", "first", "last"}
"""What a moment is called, beside `…_at`; the clock of one that is called otherwise is not known."""
PUT_ON_A_CLOCK = {
    "emergencies/actions/detect_drill.py": "`moment` of the cube is on the clock of the zone",
    "emergencies/actions/detect_drill_hours.py": "hours are counted on the clock of the zone",
    "hotissues/actions/recompute_expectation.py": "the starts of the frame are on the clock of the zone",
    "hotissues/actions/scan_other_sources.py": "the starts of the frame are on the clock of the zone",
    "hotissues/actions/scan_desk.py": "the starts of the frame are on the clock of the zone",
    "hotissues/actions/scan_hours.py": "hours are counted on the clock of the zone",
    "hotissues/actions/scan_words.py": "`moment` of the cube is on the clock of the zone",
    "measures/queries/measure_counts.py": "`moment` of the cube is on the clock of the zone",
    "hotissues/queries/counts_file.py": "a file's own times, which have no zone",
    "detection/data_quality.py": "`moment` of the cube is on the clock of the zone",
    "hotissues/texts/data_quality_words.py": "put on the clock of the installation two lines before",
    "site/templatetags/strip.py": "begins with the local midnight",
}
"""File → why the moments in it that are named so know their clock already."""


def _days_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and text of each `….date()` on something that is called as a moment is."""
    for node in ast.walk(tree):
        if not (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "date"
            and not node.args
        ):
            continue
        of = node.func.value
        while isinstance(of, ast.BinOp):
            of = of.left
        if isinstance(of, ast.Call) and isinstance(of.func, ast.Attribute):
            # timezone.now(), datetime.now(UTC); datetime.now(zone) is on a clock.
            utc = all(isinstance(one, ast.Name) and one.id == "UTC" for one in of.args)
            if of.func.attr != "now" or not utc:
                continue
            name = "now"
        else:
            name = getattr(of, "attr", "") or getattr(of, "id", "")
        if name in MOMENTS or name == "at" or name.endswith("_at"):
            yield node.lineno, ast.unparse(node)


def test_the_day_of_a_moment_is_asked_of_a_clock() -> None:
    """`day_in(jurisdiction, moment)` where a place rules, `timezone.localdate(moment)` else."""
    found = [
        f"{name}:{line}: {text}"
        for path in source_files("*.py")
        if "demo" not in app_path(path).parts  # an invented world, with days of UTC
        and (name := str(app_path(path))) not in PUT_ON_A_CLOCK
        for line, text in _days_of(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


@pytest.mark.parametrize(
    "said",
    [
        "now.date()",
        "timezone.now().date()",
        "datetime.now(UTC).date()",
        "item.received_at.date()",
        "(now + TERM).date()",
    ],
)
def test_a_day_of_utc_is_found(said: str) -> None:
    assert [text for _, text in _days_of(ast.parse(said))] == [said]


@pytest.mark.parametrize(
    "said", ["local(now, zone).date()", "now.astimezone(zone).date()", "datetime.now(zone).date()"]
)
def test_a_day_on_a_clock_is_let_pass(said: str) -> None:
    assert list(_days_of(ast.parse(said))) == []


@pytest.mark.parametrize("name", PUT_ON_A_CLOCK)
def test_every_exception_is_needed(name: str) -> None:
    assert list(_days_of(ast.parse(source_path(name).read_text(encoding="utf-8"))))
