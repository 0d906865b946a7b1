"""`amends hotissues drill`: an exercise of the emergency plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amends.platform.cli.command import command
from amends.platform.cli.language import CHINESE, language, pgettext
from amends.platform.cli.language import gettext as _
from amends.platform.cli.render import View

if TYPE_CHECKING:
    from amends.platform.kit.actors import Actor


@dataclass(frozen=True, slots=True)
class DrillStep:
    """A step of the plan and its deadline."""

    step: str
    due_at: datetime
    done: bool


@dataclass(frozen=True, slots=True)
class StartedDrill:
    """A drill that has started.

    issue      number of the invented issue
    detection  what the daily scan found, or why it would not find it
    hourly     the same of the hourly scan; None where it was not asked
    page       where it continues
    """

    issue: int
    level: str
    drill: bool
    detection: Mapping[str, Any]
    hourly: Mapping[str, Any] | None
    page: str
    steps: list[DrillStep]


def _drill_view(started: StartedDrill) -> View:
    from django.utils import timezone

    from amends.problems.emergencies.queries.steps import plan_of
    from amends.problems.emergencies.web.drill_words import detections_words
    from amends.problems.hotissues.queries.issue_numbers import issue_numbered

    issue = issue_numbered(started.issue)
    plan = plan_of(issue.emergency)
    language_key = "zh" if language() == CHINESE else "en"
    lines = [detections_words(issue)]
    for row in started.steps:
        state = _("done") if row.done else pgettext("step", "due")
        label = getattr(plan.step(row.step), language_key)
        lines.append(f"  {timezone.localtime(row.due_at):%Y-%m-%d %H:%M}  {state}  {label}")
    level = getattr(plan.level(started.level), language_key)
    return View(
        heading=_("DRILL: issue %(number)s, %(level)s.")
        % {"number": started.issue, "level": level},
        notes=lines,
        next_step=_("Go on at %(page)s. Nothing of it is sent outside.") % {"page": started.page},
    )


@command(view=_drill_view)
def drill(
    actor: Actor,
    title: Annotated[str, typer.Argument(help="What has happened, in a sentence.")],
    kind: Annotated[str, typer.Option(help="billing, network, privacy, outage, …")] = "billing",
    persons: Annotated[int, typer.Option(help="Invented persons; 0: as the plan says.")] = 0,
    hours: Annotated[
        bool, typer.Option("--hours", help="They complain within hours: ask that scan too.")
    ] = False,
) -> StartedDrill:
    """Start a drill: an invented issue through the whole chain, marked everywhere, sent nowhere."""
    from django.utils import timezone

    from amends.problems.emergencies.actions.start_drill import start_drill
    from amends.problems.emergencies.web.drill_words import detection_of, hourly_of

    issue = start_drill(
        title=title,
        kind=kind,
        persons=persons,
        by_hours=hours,
        actor=actor,
        now=timezone.now(),
    )
    return StartedDrill(
        issue=issue.number,
        level=issue.level,
        drill=True,
        detection=detection_of(issue) or {},
        hourly=hourly_of(issue),
        page=f"/desk/hotissues/{issue.id}/emergency/",
        steps=[
            DrillStep(row.step, row.due_at, row.done_at is not None)
            for row in issue.emergency.steps.order_by("due_at", "id")
        ],
    )
