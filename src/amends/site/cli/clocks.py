"""`amends clocks`: the deadlines of a complaint, and what their rules allow to move."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from amends.site.cli.start import start

if TYPE_CHECKING:
    from amends.access.actors import Actor

app = typer.Typer(no_args_is_help=True, help="Show the deadlines of a complaint, and move one.")

CODE = Annotated[str, typer.Argument(help="Tracking code of the complaint.")]
STEP = Annotated[str, typer.Argument(help="The deadline, as `amends clocks show` names it.")]
BY = Annotated[str, typer.Option(help="Name under which you sign in.")]
REASON = Annotated[str, typer.Option(help="Why, in the user's language: the user is told.")]
JSON = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


@app.callback()
def _clocks() -> None:
    """Show the deadlines of a complaint, and move one as far as its rule allows."""


@app.command()
def show(code: CODE, by: BY, json: JSON = False) -> None:
    """List the deadlines, with what the rule of each allows."""
    start()
    _tell(code, _handler(by), json=json)


@app.command()
def extend(
    code: CODE,
    step: STEP,
    by: BY,
    days: Annotated[int, typer.Option(help="Days more.")],
    reason: REASON,
    json: JSON = False,
) -> None:
    """Give a deadline more days, before it has passed."""
    start()
    from django.utils import timezone

    from amends.complaints.actions.extend_clock import extend_clock

    actor = _handler(by)
    ref = _found(code, actor)
    extend_clock(ref, step, days=days, reason=reason, actor=actor, now=timezone.now())
    _tell(code, actor, json=json)


@app.command()
def pause(
    code: CODE,
    step: STEP,
    by: BY,
    why: Annotated[str, typer.Option(help="What it waits for, a word of the rule.")],
    reason: REASON,
    json: JSON = False,
) -> None:
    """Let a deadline stand still, for what its rule names."""
    start()
    from django.utils import timezone

    from amends.complaints.actions.pause_clock import pause_clock

    actor = _handler(by)
    ref = _found(code, actor)
    pause_clock(ref, step, why=why, reason=reason, actor=actor, now=timezone.now())
    _tell(code, actor, json=json)


@app.command()
def resume(code: CODE, step: STEP, by: BY, json: JSON = False) -> None:
    """Let a deadline run on; it ends by as many days later as it stood still."""
    start()
    from django.utils import timezone

    from amends.complaints.actions.pause_clock import resume_clock

    actor = _handler(by)
    resume_clock(_found(code, actor), step, actor=actor, now=timezone.now())
    _tell(code, actor, json=json)


@app.command()
def repaired(
    code: CODE,
    by: BY,
    reason: Annotated[str, typer.Option(help="What was done; the user is told.")],
    at: Annotated[str, typer.Option(help="When, as 2026-11-27T08:30; now if left out.")] = "",
    json: JSON = False,
) -> None:
    """Note that the fault is gone: the limit for its repair is met, or was missed."""
    start()
    from django.utils import timezone

    from amends.complaints.actions.note_repair import note_repair

    actor, now = _handler(by), timezone.now()
    moment = _moment(at) if at else now
    note_repair(_found(code, actor), at=moment, what=reason, actor=actor, now=now)
    _tell(code, actor, json=json)


def _moment(text: str) -> datetime:
    from django.utils import timezone

    from amends.kit.errors import BadInput

    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(
            f"{text!r} is no day and time.", next_step="Write it as 2026-11-27T08:30."
        ) from error
    return found if found.tzinfo else timezone.make_aware(found)


def _handler(by: str) -> Actor:
    from amends.access.queries import actor_called, may
    from amends.complaints.actions.running import UnableToMoveDeadline

    actor = actor_called(by)
    if not may(actor.roles, "complaints.handle"):
        raise UnableToMoveDeadline(
            "This person does not handle complaints.",
            meaning="Nothing was shown and nothing changed.",
            next_step="Ask a complaint handler.",
        )
    return actor


def _found(code: str, actor: Actor) -> str:
    from amends.complaints.casefile import find

    return str(find(code, brand=actor.brand).id)


def _tell(code: str, actor: Actor, *, json: bool) -> None:
    from django.utils import timezone

    from amends.complaints.casefile import case_file, find
    from amends.complaints.movable import movable

    now = timezone.now()
    file = case_file(find(code, brand=actor.brand))
    rows = [
        {
            "step": one.clock.step, "due_at": one.clock.due_at.isoformat(), "rule": one.clock.rule,
            "binding": one.clock.binding, "met": one.clock.met_at is not None,
            "paused": one.stands, "days_left": one.days_left, "pauses": list(one.pauses),
        }
        for one in (movable(clock, now=now) for clock in file.clocks)
    ]  # fmt: skip
    if json:
        typer.echo(orjson.dumps({"complaint": code.upper(), "clocks": rows}).decode())
        return
    for row in rows:
        state = "met" if row["met"] else "stands still" if row["paused"] else "runs"
        more = f"; may be extended by {row['days_left']} days" if row["days_left"] else ""
        waits = f"; may stand still: {', '.join(row['pauses'])}" if row["pauses"] else ""
        typer.echo(f"{row['step']}: {row['due_at']}, {state}, {row['rule']}{more}{waits}")
    if not rows:
        typer.echo("No deadline runs: an enquiry, or brought in as history.")
