"""Commands that pages, messages and documents name can be typed as they stand there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import typer
from typer.main import get_command

from amends.site.cli.app import commands, loaded

ROOT = Path(__file__).parents[2]
SAID = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "src").rglob("*.html")),
    *sorted((ROOT / "src").rglob("django.po")),
]
NAMED = re.compile(
    r"(?<!from )\bamends ([a-z]+)((?: +(?:[a-z][a-z-]*|--[a-z][a-z-]*|[A-Z][A-Z_]*))*)"
)


def _tree() -> dict[str, Any]:
    found, known = {}, commands()
    for name in known:
        # With the commands that other apps add to a group.
        target = loaded(name, known)
        if not isinstance(target, typer.Typer):
            single = typer.Typer()
            single.command(name)(target)
            target = single
        found[name] = get_command(target)
    return found


def _unknown(command: Any, words: list[str]) -> list[str]:
    """The options among the words that the command does not have."""
    while words and words[0] in (under := getattr(command, "commands", {})):
        command, words = under[words[0]], words[1:]
    known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
    return [word for word in words if word.startswith("--") and word not in {"--help", *known}]


def test_commands_named_below_a_group_exist() -> None:
    tree = _tree()
    faults = [
        f"{path.relative_to(ROOT)}: amends {name} {words[0]}"
        for path in SAID
        for name, rest in NAMED.findall(path.read_text(encoding="utf-8"))
        if (words := [word for word in rest.split() if word.islower()])
        and (below := getattr(tree.get(name), "commands", {}))
        and not words[0].startswith("-")
        and words[0] not in below
    ]
    assert faults == []


def test_options_named_beside_a_command_are_its_own() -> None:
    tree = _tree()
    faults = [
        f"{path.relative_to(ROOT)}: amends {name}{rest}"
        for path in SAID
        for name, rest in NAMED.findall(path.read_text(encoding="utf-8"))
        if name in tree and _unknown(tree[name], rest.split())
    ]
    assert faults == []
