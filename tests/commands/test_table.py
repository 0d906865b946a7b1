"""Every leaf command has an entry in `tests/commands/cases.py`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import typer

from amends.site.cli import app as cli
from tests.commands.cases import CASES

pytestmark = pytest.mark.no_database


def _leaves(command: Any, path: str = "") -> Iterator[str]:
    below = getattr(command, "commands", {})
    for name, inner in below.items():
        yield from _leaves(inner, f"{path} {name}".strip())
    if not below:
        yield path


def test_every_command_has_a_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "app", typer.Typer(add_completion=False))
    leaves = set(_leaves(typer.main.get_command(cli.build(""))))
    assert leaves - set(CASES) == set(), "add an entry to tests/commands/cases.py"
    assert set(CASES) - leaves == set(), "these commands are gone"
    assert len(leaves) > 180
