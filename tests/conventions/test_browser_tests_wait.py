"""No browser test may hope that a page is faster than itself.

What Playwright answers at once (`is_visible`, `count`, `inner_text`, …) is true of the page that
stands there now, which after a click may still be the one before. Only `tests/pages/window.py`
asks so, and only of a page that has loaded; a test presses with `Window.press` and asks with
`expect(…)`, both of which wait.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.no_database
TESTS = Path(__file__).parents[1]
MAY = {"pages/window.py", "pages/slowness.py", "actions/quality/test_measurement.py"}
ANSWERS_AT_ONCE = {
    "is_visible",
    "is_hidden",
    "is_enabled",
    "is_disabled",
    "is_checked",
    "is_editable",
    "inner_text",
    "inner_html",
    "text_content",
    "all_inner_texts",
    "all_text_contents",
    "input_value",
    "get_attribute",
    "bounding_box",
    "query_selector",
    "query_selector_all",
    "evaluate",
    "evaluate_all",
    "eval_on_selector",
    "eval_on_selector_all",
    "screenshot",
}
DOES_NOT_WAIT_FOR_WHAT_FOLLOWS = {
    "click",
    "dblclick",
    "tap",
    "goto",
    "go_back",
    "go_forward",
    "wait_for_timeout",
    # Its pattern matches the address wanted inside `?next=` of the page before.
    "wait_for_url",
}
ANSWERS_AT_ONCE_OF_ELEMENTS = {"count", "all"}
FINDS = {"locator", "frame_locator", "get_by_text", "get_by_role", "get_by_label"}


def _finds_elements(node: ast.AST, named: frozenset[str] | set[str] = frozenset()) -> bool:
    return any(
        (isinstance(part, ast.Attribute) and part.attr in FINDS)
        or (isinstance(part, ast.Name) and part.id in named)
        for part in ast.walk(node)
    )


def _named_elements(tree: ast.AST) -> set[str]:
    """Names given to what was found on a page."""
    return {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _finds_elements(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def hopes(source: str) -> Iterator[tuple[int, str]]:
    """Line and word of everything in a test that hopes instead of waiting."""
    tree = ast.parse(source)
    named = _named_elements(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "url" and _is_page(node.value):
            yield node.lineno, "page.url"
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        word, owner = node.func.attr, node.func.value
        if (
            word in ANSWERS_AT_ONCE | DOES_NOT_WAIT_FOR_WHAT_FOLLOWS
            or (word in ANSWERS_AT_ONCE_OF_ELEMENTS and _finds_elements(owner, named))
            or (word == "content" and _is_page(owner))
            or (word == "press" and getattr(owner, "id", "") != "window")
        ):
            yield node.lineno, word


def _is_page(node: ast.AST) -> bool:
    return "page" in {getattr(node, "id", ""), getattr(node, "attr", "")}


def test_every_browser_test_waits_for_what_it_reads() -> None:
    found = [
        f"{path.relative_to(TESTS).as_posix()}:{line} {word}"
        for path in sorted(TESTS.rglob("*.py"))
        if path.relative_to(TESTS).as_posix() not in MAY
        for line, word in hopes(path.read_text(encoding="utf-8"))
    ]
    assert found == [], "press with Window.press and ask with expect(...): both wait"


@pytest.mark.parametrize(
    "source",
    [
        "main.click()",
        "assert page.locator('.error-summary').is_visible()",
        "assert page.locator('tr').count() == 1",
        "rows = page.locator('tr')\nassert rows.count() == 1",
        "assert window.page.url.endswith('/desk/')",
        "page.keyboard.press('Enter')",
        "page.press('#id', 'Enter')",
        "assert 'word' in page.content()",
        "page.wait_for_url('**/desk/')",
    ],
)
def test_a_hope_is_seen(source: str) -> None:
    assert list(hopes(source))


@pytest.mark.parametrize(
    "source",
    [
        "assert Complaint.objects.filter(state='closed').count() == 1",
        "assert Complaint.objects.first().rows.count() == 1",
        "assert 'word' in client.get('/').content.decode()",
        "window.press('button.main')",
        "expect(page.locator('tr')).to_have_count(1)",
    ],
)
def test_what_waits_or_is_no_page_is_let_through(source: str) -> None:
    assert not list(hopes(source))
