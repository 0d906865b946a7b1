"""What the decorator of commands adds: --json, --quiet, who acts, exit codes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner, Result

from amends.platform.cli.command import CheckFailed, command
from amends.platform.cli.render import TableColumn, View
from amends.platform.kit.actors import Actor
from tests.source_tree import app_path, source_files

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Area:
    name: str
    since: date | None
    share: float | None = None


@dataclass(frozen=True)
class Areas:
    areas: list[Area]


AREAS = Areas([Area("North [1]", date(2026, 11, 30), 0.25), Area("South", None, float("inf"))])


def _view(found: Areas) -> View:
    return View(
        heading="Areas",
        figures=[("Number", len(found.areas)), ("Missing", None)],
        columns=(
            TableColumn("Name", "name"),
            TableColumn("Since", "since"),
            TableColumn("Share", "share", "{:.0%}", right=True),
        ),
        rows=found.areas,
        empty="There is no area.",
        next_step="Choose one.",
    )


@command(view=_view, tables=False)
def areas(
    least: Annotated[int, typer.Option(help="Fewest areas.")] = 0,
    empty: Annotated[bool, typer.Option("--empty")] = False,
) -> Areas:
    """List the areas."""
    found = Areas([]) if empty else AREAS
    if len(found.areas) < least:
        raise CheckFailed(found)
    return found


WITHOUT_DJANGO = {"demo/cli.py", "operations/cli/backup.py", "operations/cli/operation.py"}
"""`restore` and `operation alive` work while settings or database are broken; `demo` sets variables
before the settings are read."""


def test_every_other_command_starts_django() -> None:
    """A pure module may import a model tomorrow: its command then ended in AppRegistryNotReady."""
    found = [
        str(app_path(path))
        for path in source_files("*.py")
        for _ in range(path.read_text(encoding="utf-8").count("django=False"))
    ]
    assert sorted(found) == sorted(WITHOUT_DJANGO)


def _run(function: object, *arguments: str) -> Result:
    app = typer.Typer()
    app.command()(function)  # type: ignore[arg-type]
    return CliRunner().invoke(app, arguments)


def test_people_get_text_in_which_brackets_are_no_markup() -> None:
    done = _run(areas)
    assert done.exit_code == 0
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[:3] == [["Areas"], ["Number:", "2"], ["Missing:", "—"]]
    assert ["North", "[1]", "2026-11-30", "25%"] in lines
    assert lines[-1] == ["Choose", "one."]
    assert "There is no area." in _run(areas, "--empty").stdout


def test_programs_get_one_document_in_which_what_is_not_finite_is_null() -> None:
    done = _run(areas, "--json")
    assert json.loads(done.stdout) == {
        "areas": [
            {"name": "North [1]", "since": "2026-11-30", "share": 0.25},
            {"name": "South", "since": None, "share": None},
        ]
    }


def test_a_check_that_fails_prints_the_result_and_ends_with_1() -> None:
    done = _run(areas, "--least", "3", "--json")
    assert done.exit_code == 1
    assert len(json.loads(done.stdout)["areas"]) == 2


def test_quiet_prints_nothing_and_keeps_the_exit_code() -> None:
    assert (_run(areas, "--quiet").stdout, _run(areas, "--quiet").exit_code) == ("", 0)
    done = _run(areas, "--quiet", "--least", "3")
    assert (done.stdout, done.exit_code) == ("", 1)


def test_a_parameter_called_actor_is_the_person_named_by_an_option(
    django_user_model: type,
) -> None:
    from amends.people.access.actions.add_user import add_user

    add_user("lin", password="a long enough pass phrase", roles=["manager"])

    @command(view=lambda found: View(figures=[("Roles", found.roles)]))
    def whoami(actor: Actor) -> Actor:
        """Say who acts."""
        return actor

    done = _run(whoami, "--by", "lin", "--json")
    assert json.loads(done.stdout)["roles"] == ["manager"]
