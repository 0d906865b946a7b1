"""`amends hotissues drill`: an exercise of the emergency plan."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console

from amends.cli.language import CHINESE, language, pgettext
from amends.cli.language import gettext as _
from amends.cli.start import start

JSON = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


def drill(
    title: Annotated[str, typer.Argument(help="What has happened, in a sentence.")],
    by: Annotated[str, typer.Option(help="Name under which you sign in.")],
    kind: Annotated[str, typer.Option(help="billing, network, privacy, outage, …")] = "billing",
    persons: Annotated[int, typer.Option(help="Invented persons; 0: as the plan says.")] = 0,
    hours: Annotated[
        bool, typer.Option("--hours", help="They complain within hours: ask that scan too.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Start a drill: an invented issue through the whole chain, marked everywhere, sent nowhere."""
    start()
    from django.utils import timezone

    from amends.access.queries import actor_called
    from amends.emergencies.actions.start_drill import start_drill
    from amends.emergencies.steps import plan_of
    from amends.emergencies.web.drill_words import detection_of, detections_words, hourly_of

    issue = start_drill(
        title=title,
        kind=kind,
        persons=persons,
        by_hours=hours,
        actor=actor_called(by),
        now=timezone.now(),
    )
    found = detection_of(issue) or {}
    plan = plan_of(issue.emergency)
    steps = [
        {
            "step": row.step,
            "due_at": row.due_at.isoformat(),
            "done": row.done_at is not None,
        }
        for row in issue.emergency.steps.order_by("due_at", "id")
    ]
    document = {
        "issue": issue.number,
        "level": issue.level,
        "drill": True,
        "detection": found,
        "hourly": hourly_of(issue),
        "page": f"/desk/hotissues/{issue.id}/emergency/",
        "steps": steps,
    }
    if as_json:
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
        return
    console = Console()
    language_key = "zh" if language() == CHINESE else "en"
    level = getattr(plan.level(issue.level), language_key)
    console.print(
        _("DRILL: issue %(number)s, %(level)s.") % {"number": issue.number, "level": level}
    )
    console.print(detections_words(issue), highlight=False, markup=False)
    for row in steps:
        state = _("done") if row["done"] else pgettext("step", "due")
        words = getattr(plan.step(str(row["step"])), language_key)
        due = timezone.localtime(datetime.fromisoformat(str(row["due_at"])))
        console.print(f"  {due:%Y-%m-%d %H:%M}  {state}  {words}")
    console.print(_("Go on at %(page)s. Nothing of it is sent outside.") % document)
