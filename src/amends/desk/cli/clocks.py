"""`amends clocks`: the deadlines of a complaint, and what their rules allow to move."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from amends.cli.language import gettext as _
from amends.cli.language import ngettext, pgettext
from amends.cli.start import start
from amends.desk.cli.handlers import complaint, handler

if TYPE_CHECKING:
    from amends.access.actors import Actor

app = typer.Typer(no_args_is_help=True, help="Show the deadlines of a complaint, or move one.")

CODE = Annotated[str, typer.Argument(help="Tracking code of the complaint.")]
STEP = Annotated[str, typer.Argument(help="The deadline, as `amends clocks show` names it.")]
BY = Annotated[str, typer.Option(help="Name under which you sign in.")]
REASON = Annotated[str, typer.Option(help="Why, for colleagues; the customer never reads it.")]
TEXT = Annotated[str, typer.Option(help="What the letter says to the customer, in their language.")]
JSON = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


@app.callback()
def _clocks() -> None:
    """Show the deadlines of a complaint, and move one as far as its rule allows."""


@app.command()
def show(code: CODE, by: BY, json: JSON = False) -> None:
    """List the deadlines, with what the rule of each allows."""
    start()
    _tell(code, handler(by), json=json)


@app.command()
def extend(
    code: CODE,
    step: STEP,
    by: BY,
    days: Annotated[int, typer.Option(help="Days more.")],
    customer_text: TEXT,
    reason: REASON = "",
    json: JSON = False,
) -> None:
    """Give a deadline more days, before it has passed."""
    start()
    from django.utils import timezone

    from amends.complaints.actions.extend_clock import extend_clock

    actor = handler(by)
    ref = complaint(code, actor).id
    extend_clock(
        ref,
        step,
        days=days,
        reason=reason,
        customer_text=customer_text,
        actor=actor,
        now=timezone.now(),
    )
    _tell(code, actor, json=json)


@app.command()
def pause(
    code: CODE,
    step: STEP,
    by: BY,
    why: Annotated[str, typer.Option(help="What it waits for, a word of the rule.")],
    customer_text: TEXT,
    reason: REASON = "",
    json: JSON = False,
) -> None:
    """Pause a deadline for a reason its rule names."""
    start()
    from django.utils import timezone

    from amends.complaints.actions.pause_clock import pause_clock

    actor = handler(by)
    ref = complaint(code, actor).id
    pause_clock(
        ref,
        step,
        why=why,
        reason=reason,
        customer_text=customer_text,
        actor=actor,
        now=timezone.now(),
    )
    _tell(code, actor, json=json)


@app.command()
def resume(code: CODE, step: STEP, by: BY, json: JSON = False) -> None:
    """Resume a deadline; it ends as many days later as it was paused."""
    start()
    from django.utils import timezone

    from amends.complaints.actions.pause_clock import resume_clock

    actor = handler(by)
    resume_clock(complaint(code, actor).id, step, actor=actor, now=timezone.now())
    _tell(code, actor, json=json)


@app.command()
def repaired(
    code: CODE,
    by: BY,
    customer_text: TEXT,
    reason: REASON = "",
    at: Annotated[str, typer.Option(help="When, as 2026-11-27T08:30; now if left out.")] = "",
    json: JSON = False,
) -> None:
    """Note that the fault is gone: the limit for its repair is met, or was missed."""
    start()
    from django.utils import timezone

    from amends.complaints.actions.record_repair import note_repair

    actor, now = handler(by), timezone.now()
    moment = _moment(at) if at else now
    ref = complaint(code, actor).id
    note_repair(ref, at=moment, reason=reason, customer_text=customer_text, actor=actor, now=now)
    _tell(code, actor, json=json)


def _moment(text: str) -> datetime:
    from django.utils import timezone

    from amends.kit.dates import parse_moment
    from amends.kit.errors import BadInput

    try:
        found = parse_moment(text)
    except ValueError as error:
        raise BadInput(
            _("“%(given)s” is no day and time.") % {"given": text},
            next_step=_("Write it as 2026-11-27T08:30."),
        ) from error
    return found if found.tzinfo else timezone.make_aware(found)


def _tell(code: str, actor: Actor, *, json: bool) -> None:
    from django.utils import timezone

    from amends.complaints.queries.casefile import case_file
    from amends.complaints.queries.movable_deadlines import movable
    from amends.desk.web.clocks import is_missed, of_the_day

    now = timezone.now()
    file = case_file(complaint(code, actor))
    rows = [
        {
            "step": one.clock.step,
            "due_at": one.clock.due_at.isoformat(),
            "rule": one.clock.rule,
            "binding": one.clock.binding,
            "met": one.clock.met_at is not None,
            "met_at": one.clock.met_at.isoformat() if one.clock.met_at else "",
            "late": is_missed(one.clock),
            "paused": one.is_paused,
            "days_left": one.days_left,
            "pauses": list(one.pauses),
        }
        for one in (movable(clock, now=now) for clock in file.clocks)
    ]
    applied = of_the_day(file.complaint)
    rules = list(applied.rules) if applied else []
    asked = [
        {
            "step": due.step,
            "due_at": due.due_at.isoformat(),
            "rule": due.rule,
            "binding": due.binding,
        }
        for _step, due in (applied.dues if applied else ())
    ]
    if json:
        document = {
            "complaint": code.upper(),
            "clocks": rows,
            "rules_of_the_day": rules,
            "asked_that_day": asked,
        }
        typer.echo(orjson.dumps(document).decode())
        return
    for row in rows:
        typer.echo(_in_a_line(row))
    if not rows:
        typer.echo(_("No deadline runs: an enquiry, or brought in as history."))
        for due in asked:
            typer.echo(_("%(step)s: %(due_at)s, asked by %(rule)s on that day") % _said(due))
    applied_then = " + ".join(rules) or _("not known here")
    typer.echo(_("rules of the day it was filed: %(rules)s") % {"rules": applied_then})


def _said(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its step in words and its time on the clock of the installation."""
    from datetime import datetime

    from django.utils import timezone

    from amends.desk.web.words import step_words

    due = timezone.localtime(datetime.fromisoformat(row["due_at"]))
    return row | {"step": step_words(row["step"]), "due_at": f"{due:%Y-%m-%d %H:%M}"}


def _in_a_line(row: dict[str, Any]) -> str:
    state = (
        pgettext("deadline", "done late")
        if row["late"]
        else pgettext("deadline", "met")
        if row["met"]
        else _("paused")
        if row["paused"]
        else _("runs")
    )
    line = _("%(step)s: %(due_at)s, %(state)s, %(rule)s") % (_said(row) | {"state": state})
    if left := row["days_left"]:
        line += ngettext(
            "; may be extended by %(days)s day", "; may be extended by %(days)s days", left
        ) % {"days": left}
    if row["pauses"]:
        line += _("; may be paused: %(reasons)s") % {"reasons": ", ".join(row["pauses"])}
    return line
