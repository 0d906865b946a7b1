"""What a command says is in both languages: its sentences are marked where they are printed, and
its help has its Chinese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from tests.source_tree import app_folders, app_path, source_files

from amends.platform.cli.language import CHINESE, error_text, gettext, speaking
from amends.platform.cli.start import SYSTEM_SAYS
from amends.platform.kit.errors import BadInput
from amends.site.cli import app as cli

pytestmark = pytest.mark.no_database

COMMANDS = sorted(
    path
    for folder in app_folders().values()
    for pattern in ("cli/*.py", "cli.py", "cli_*.py")
    for path in folder.rglob(pattern)
)
SAID_BY = {"echo", "print", "say", "bar", "prompt", "status", "add_column", "Grid", "Table"}
MARKS = {"_", "gettext", "ngettext", "pgettext"}
WORD = re.compile(r"[A-Za-z]{3,}")
# What is typed or read by programs, the same in every language.
TYPED = re.compile(r"^ +amends [a-z]|^[a-z0-9_.:/-]+$")


def unmarked(source: str) -> Iterator[tuple[int, str]]:
    """Words printed that nobody marked for translation: line and words."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in SAID_BY:
            for said in node.args:
                yield from _plain(said)


def _plain(said: ast.AST) -> Iterator[tuple[int, str]]:
    if isinstance(said, ast.Call | ast.Subscript | ast.FormattedValue):
        return
    words = said.value if isinstance(said, ast.Constant) else None
    if isinstance(words, str) and WORD.search(words) and not TYPED.search(words):
        yield said.lineno, words
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


def _helps(command: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every help text and prompt of a command, of its options, and of what is below it."""
    for one in (command, *command.params):
        for name in ("help", "short_help", "prompt"):
            if isinstance(words := getattr(one, name, None), str) and words:
                yield path, words
    for name, below in getattr(command, "commands", {}).items():
        yield from _helps(below, f"{path} {name}")


def test_every_help_text_has_its_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "app", typer.Typer(help=cli.app.info.help, add_completion=False))
    helps = dict.fromkeys(_helps(typer.main.get_command(cli.build("")), "amends"))
    assert len(helps) > 500
    with speaking(CHINESE):
        lacking = [f"{path}: {words}" for path, words in helps if gettext(words) == words]
    assert not lacking, "\n".join(lacking)


WITHOUT_RESULT = {
    "amends serve",
    "amends work",
    "amends migrate",
    "amends user",
    "amends quality serve",
}
"""Commands that run until they are stopped, ask for a password, or are Django's own."""


def _without_json(command: Any, path: str) -> Iterator[str]:
    below = getattr(command, "commands", {})
    for name, inner in below.items():
        yield from _without_json(inner, f"{path} {name}")
    if not below and not any("--json" in one.opts for one in command.params):
        yield path


def test_every_command_has_json_from_the_decorator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "app", typer.Typer(add_completion=False))
    assert set(_without_json(typer.main.get_command(cli.build("")), "amends")) == WITHOUT_RESULT
    own = re.compile(r'Option\(\s*"--json"')
    writers = [
        str(app_path(path))
        for path in source_files("*.py")
        if own.search(path.read_text(encoding="utf-8"))
    ]
    assert writers == ["cli/command.py"]


def test_what_the_system_says_is_said_in_the_same_language() -> None:
    """Before, a Chinese refusal of a file ended in “No such file or directory”."""
    values = {"path": "a.csv", "why": "No such file or directory"}
    refused = BadInput("%(path)s cannot be read (%(why)s).", values=values)
    with speaking(CHINESE):
        assert "没有这个文件或目录" in error_text(refused)
        assert [words for words in SYSTEM_SAYS if gettext(words) == words] == []
