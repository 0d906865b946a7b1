"""`amends clocks`: the deadlines of a complaint, and what their rules allow to move."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from amends.cases.complaints.cli.handlers import complaint
from amends.platform.cli.command import command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import ngettext, pgettext
from amends.platform.cli.render import View

if TYPE_CHECKING:
    from amends.platform.kit.actors import Actor

app = typer.Typer(no_args_is_help=True, help="Show the deadlines of a complaint, or move one.")

CODE = Annotated[str, typer.Argument(help="Tracking code of the complaint.")]
STEP = Annotated[str, typer.Argument(help="The deadline, as `amends clocks show` names it.")]
REASON = Annotated[str, typer.Option(help="Why, for colleagues; the customer never reads it.")]
TEXT = Annotated[str, typer.Option(help="What the letter says to the customer, in their language.")]


@dataclass(frozen=True, slots=True)
class RunningDeadline:
    """A deadline of a complaint, and what its rule allows.

    due_at, met_at  ISO 8601; `met_at` is empty where it is not met
    binding         whether it is demanded by law, or only an aim
    days_left       days by which it may still be extended
    pauses          reasons for which it may be paused
    """

    step: str
    due_at: str
    rule: str
    binding: bool
    met: bool
    met_at: str
    late: bool
    paused: bool
    days_left: int
    pauses: list[str]


@dataclass(frozen=True, slots=True)
class DemandedDeadline:
    """A deadline that the rules of the day of filing demanded; `due_at` in ISO 8601."""

    step: str
    due_at: str
    rule: str
    binding: bool


@dataclass(frozen=True, slots=True)
class ComplaintClocks:
    """The deadlines of a complaint, and what the rules of the day of its filing demanded."""

    complaint: str
    clocks: list[RunningDeadline]
    rules_of_the_day: list[str]
    asked_that_day: list[DemandedDeadline]


@app.callback()
def _clocks() -> None:
    """Show the deadlines of a complaint, and move one as far as its rule allows."""


def _clocks_view(complaint_clocks: ComplaintClocks) -> View:
    lines = [_in_a_line(row) for row in complaint_clocks.clocks]
    if not complaint_clocks.clocks:
        lines.append(_("No deadline runs: an enquiry, or brought in as history."))
        for due_step in complaint_clocks.asked_that_day:
            lines.append(
                _("%(step)s: %(due_at)s, asked by %(rule)s on that day")
                % {**_step_and_time(due_step), "rule": due_step.rule}
            )
    applied = " + ".join(complaint_clocks.rules_of_the_day) or _("not known here")
    lines.append(_("rules of the day it was filed: %(rules)s") % {"rules": applied})
    return View(notes=lines)


def _step_and_time(row: RunningDeadline | DemandedDeadline) -> dict[str, str]:
    """The step in words and its time in the time zone of the installation."""
    from django.utils import timezone

    from amends.cases.complaints.web.words import step_words

    due_at = timezone.localtime(datetime.fromisoformat(row.due_at))
    return {"step": step_words(row.step), "due_at": f"{due_at:%Y-%m-%d %H:%M}"}


def _in_a_line(row: RunningDeadline) -> str:
    state = (
        pgettext("deadline", "done late")
        if row.late
        else pgettext("deadline", "met")
        if row.met
        else _("paused")
        if row.paused
        else _("runs")
    )
    line = _("%(step)s: %(due_at)s, %(state)s, %(rule)s") % {
        **_step_and_time(row),
        "state": state,
        "rule": row.rule,
    }
    if row.days_left:
        line += ngettext(
            "; may be extended by %(days)s day",
            "; may be extended by %(days)s days",
            row.days_left,
        ) % {"days": row.days_left}
    if row.pauses:
        line += _("; may be paused: %(reasons)s") % {"reasons": ", ".join(row.pauses)}
    return line


@app.command()
@command(view=_clocks_view)
def show(actor: Actor, code: CODE) -> ComplaintClocks:
    """List the deadlines, with what the rule of each allows."""
    return _clocks_of(code, actor)


@app.command()
@command(view=_clocks_view)
def extend(
    actor: Actor,
    code: CODE,
    step: STEP,
    days: Annotated[int, typer.Option(help="Days more.")],
    customer_text: TEXT,
    reason: REASON = "",
) -> ComplaintClocks:
    """Give a deadline more days, before it has passed."""
    from django.utils import timezone

    from amends.cases.complaints.actions.extend_clock import extend_clock

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
    return _clocks_of(code, actor)


@app.command()
@command(view=_clocks_view)
def pause(
    actor: Actor,
    code: CODE,
    step: STEP,
    why: Annotated[str, typer.Option(help="What it waits for, a word of the rule.")],
    customer_text: TEXT,
    reason: REASON = "",
) -> ComplaintClocks:
    """Pause a deadline for a reason its rule names."""
    from django.utils import timezone

    from amends.cases.complaints.actions.pause_clock import pause_clock

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
    return _clocks_of(code, actor)


@app.command()
@command(view=_clocks_view)
def resume(actor: Actor, code: CODE, step: STEP) -> ComplaintClocks:
    """Resume a deadline; it ends as many days later as it was paused."""
    from django.utils import timezone

    from amends.cases.complaints.actions.pause_clock import resume_clock

    resume_clock(complaint(code, actor).id, step, actor=actor, now=timezone.now())
    return _clocks_of(code, actor)


@app.command()
@command(view=_clocks_view)
def repaired(
    actor: Actor,
    code: CODE,
    customer_text: TEXT,
    reason: REASON = "",
    at: Annotated[str, typer.Option(help="When, as 2026-11-27T08:30; now if left out.")] = "",
) -> ComplaintClocks:
    """Note that the fault is gone: the limit for its repair is met, or was missed."""
    from django.utils import timezone

    from amends.cases.complaints.actions.record_repair import note_repair

    now = timezone.now()
    moment = _moment(at) if at else now
    ref = complaint(code, actor).id
    note_repair(ref, at=moment, reason=reason, customer_text=customer_text, actor=actor, now=now)
    return _clocks_of(code, actor)


def _moment(text: str) -> datetime:
    from django.utils import timezone

    from amends.platform.kit.dates import parse_moment
    from amends.platform.kit.errors import BadInput

    try:
        moment_read = parse_moment(text)
    except ValueError as error:
        raise BadInput(
            _("“%(given)s” is no day and time.") % {"given": text},
            next_step=_("Write it as 2026-11-27T08:30."),
        ) from error
    return moment_read if moment_read.tzinfo else timezone.make_aware(moment_read)


def _clocks_of(code: str, actor: Actor) -> ComplaintClocks:
    from django.utils import timezone

    from amends.cases.complaints.queries.casefile import case_file
    from amends.cases.complaints.queries.movable_deadlines import movable
    from amends.cases.complaints.web.clocks import is_missed, of_the_day

    now = timezone.now()
    file = case_file(complaint(code, actor))
    applied = of_the_day(file.complaint)
    return ComplaintClocks(
        complaint=code.upper(),
        clocks=[
            RunningDeadline(
                step=clock_view.clock.step,
                due_at=clock_view.clock.due_at.isoformat(),
                rule=clock_view.clock.rule,
                binding=clock_view.clock.binding,
                met=clock_view.clock.met_at is not None,
                met_at=clock_view.clock.met_at.isoformat() if clock_view.clock.met_at else "",
                late=is_missed(clock_view.clock),
                paused=clock_view.is_paused,
                days_left=clock_view.days_left,
                pauses=list(clock_view.pauses),
            )
            for clock_view in (movable(clock, now=now) for clock in file.clocks)
        ],
        rules_of_the_day=list(applied.rules) if applied else [],
        asked_that_day=[
            DemandedDeadline(
                step=due_step.step,
                due_at=due_step.due_at.isoformat(),
                rule=due_step.rule,
                binding=due_step.binding,
            )
            for _step, due_step in (applied.dues if applied else ())
        ],
    )
