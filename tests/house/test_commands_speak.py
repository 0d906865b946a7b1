"""What a command says is in both languages: its sentences are marked where they are printed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.no_database

HOUSE = Path(__file__).parents[2] / "src" / "amends"
COMMANDS = sorted((HOUSE / "site" / "cli").glob("*.py"))
SAID_BY = {"echo", "print", "say", "bar", "prompt", "status", "add_column", "Grid", "Table"}
MARKS = {"_", "gettext", "ngettext", "pgettext"}
WORD = re.compile(r"[A-Za-z]{3,}")
# What is typed or read by programs, the same in every language.
TYPED = re.compile(r"^ +amends [a-z]|^[a-z0-9_.:-]+$")


def unmarked(source: str) -> Iterator[tuple[int, str]]:
    """Words printed that nobody marked for translation: line and words."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in SAID_BY:
            for said in node.args:
                yield from _plain(said)


def _plain(said: ast.AST) -> Iterator[tuple[int, str]]:
    if isinstance(said, ast.Call | ast.Subscript | ast.FormattedValue):
        return
    if isinstance(said, ast.Constant) and isinstance(said.value, str):
        if WORD.search(said.value) and not TYPED.search(said.value):
            yield said.lineno, said.value
    for part in ast.iter_child_nodes(said):
        yield from _plain(part)


def test_every_sentence_of_a_command_is_marked_for_translation() -> None:
    lacking = [
        f"{path.name}:{line}: {words}"
        for path in COMMANDS
        for line, words in unmarked(path.read_text(encoding="utf-8"))
    ]
    assert not lacking, "\n".join(lacking)


def test_the_eye_that_looks_sees() -> None:
    assert len(COMMANDS) > 30
    bare = 'typer.echo(f"{count:,} rows"); typer.echo("None." if a else _("Some.")); bar("Reading")'
    assert [words for _, words in unmarked(bare)] == [" rows", "None.", "Reading"]
    marked = 'typer.echo(_("Kept: %(n)s.") % {"n": 1}); console.print(f"{a}  {_(\'one\')}")'
    assert list(unmarked(marked)) == []
