"""`amends deadlines`: the document scripts rely on, and what a person sees."""

from __future__ import annotations

import json
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from amends.operations.cli.deadlines import deadlines
from amends.platform.kit.errors import BadInput

app = typer.Typer()
app.command()(deadlines)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def document(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_the_contract_of_the_document() -> None:
    found = document("--pack", "uk", "--received", "2026-04-09T10:00")
    assert (found["rule"], found["effective_from"]) == ("deadlines-uk@2026-04-08", "2026-04-08")
    (due,) = found["due"]
    assert (due["step"], due["due_at"]) == ("adr_letter", "2026-05-21T23:59:59+01:00")
    assert {"source", "verified"} <= set(due)


def test_a_province_shows_both_rules() -> None:
    found = document("--pack", "cn", "--province", "41", "--received", "2026-04-09T10:00")
    assert found["rule"] == "deadlines-cn@2016-07-30 + deadlines-cn-41@2021-01-01"
    answers = [(d["due_at"][:10], d["binding"]) for d in found["due"] if d["step"] == "resolve"]
    assert answers == [("2026-04-16", True), ("2026-04-24", False)]


def test_events_and_other_days_and_zones() -> None:
    found = document(
        "--pack",
        "au",
        "--received",
        "2026-01-05T10:00",
        "--urgent",
        "--kind",
        "network.outage",
        "--event",
        "accepted=2026-01-08T09:00",
        "--zone",
        "Australia/Perth",
        "--province",
        "WA",
    )
    steps = {d["step"]: d["due_at"] for d in found["due"] if d["binding"]}
    assert steps["implement"] == "2026-01-15T23:59:59+08:00"
    assert steps["resolve"] == "2026-01-07T23:59:59+08:00"
    assert found["later"] == []
    assert [s["id"] for s in found["statements"]] == ["au.outage"]
    old = document("--pack", "cn", "--received", "2026-04-09T10:00", "--on", "2016-07-29")
    assert old["due"][0]["counting"] == "15 working days"


def test_a_person_sees_the_union_sets_no_days() -> None:
    result = run("--pack", "eu", "--received", "2026-04-09T10:00")
    assert "No clock runs" in result.output
    assert "simple and efficient" in " ".join(result.output.split())


def test_a_person_sees_the_shorter_clock_and_what_is_not_verified() -> None:
    shown = " ".join(run("--pack", "uk", "--received", "2026-04-09T10:00").output.split())
    assert "2026-05-21" in shown
    assert "not verified" in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ("--pack", "mars", "--received", "2026-04-09T10:00"),
        ("--received", "yesterday"),
        ("--received", "2026-04-09T10:00", "--kind", "weather"),
        ("--received", "2026-04-09T10:00", "--on", "soon"),
        ("--received", "2026-04-09T10:00", "--event", "moonrise=2026-04-09T10:00"),
        ("--received", "2026-04-09T10:00", "--zone", "Moon/Tycho"),
        ("--pack", "us", "--received", "1999-04-09T10:00"),
    ],
)
def test_bad_input_is_named(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert isinstance(result.exception, BadInput)
    assert result.exception.next_step
