"""`amends hotissues measures | drill`: measures with their verdicts, and drills of the plan."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table as Grid

from amends.cli.language import CHINESE, language, pgettext
from amends.cli.language import gettext as _
from amends.cli.start import start

JSON = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


def measures(
    judge: Annotated[bool, typer.Option("--judge", help="Judge what is due first.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit 1 if one was not shown to work, or got worse.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """List the measures against causes, with their day of judgement and their verdict."""
    start()
    from django.utils import timezone

    from amends.hotissues.jobs.measures import judge_due
    from amends.hotissues.queries import measures as kept

    judged = judge_due(now=timezone.now()) if judge else []
    rows = kept()
    if as_json:
        document = {"measures": rows, "judged_now": len(judged)}
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    else:
        _tell(rows, len(judged))
    if check and any(row["verdict"] in ("not_shown_to_work", "worse") for row in rows):
        raise typer.Exit(1)


def _tell(rows: list[dict[str, Any]], judged: int) -> None:
    console = Console()
    if not rows:
        console.print(_("No measure is planned. Plan one on the page of its issue."))
        return
    from amends.hotissues.web.emergency_words import MEASURE_STATES, VERDICTS

    heads = (
        _("No."), _("measure"), _("State"), _("starts"), _("judged on"), _("Verdict"), _("ratio"),
        _("Interval"), _("would show"),
    )  # fmt: skip
    grid = Grid(*heads, box=None)
    for figures in grid.columns[6:]:
        figures.no_wrap = True
    for row in rows:
        ratio, low, high = (_two(row[name]) for name in ("rate_ratio", "low", "high"))
        seen = row["smallest_detectable_drop"]
        grid.add_row(
            str(row["number"]), row["title"], str(MEASURE_STATES[row["state"]][1]),
            row["starts_on"], row["judge_on"],
            str(VERDICTS[row["verdict"]][1]) if row["verdict"] else "—",
            ratio, "—" if ratio == "—" else f"{low}–{high}",
            "—" if seen is None else f"−{seen:.0%}",
        )  # fmt: skip
    console.print(grid)
    if judged:
        console.print(_("%(count)s looked at now.") % {"count": judged})


def _two(value: float | None) -> str:
    return "—" if value is None else f"{value:.2f}"


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
    from amends.hotissues.actions.start_drill import start_drill
    from amends.hotissues.emergency_steps import plan_of
    from amends.hotissues.web.drill_words import detection_of, detections_words, hourly_of

    issue = start_drill(
        title=title, kind=kind, persons=persons, by_hours=hours, actor=actor_called(by),
        now=timezone.now(),
    )  # fmt: skip
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
        "issue": issue.number, "level": issue.level, "drill": True, "detection": found,
        "hourly": hourly_of(issue),
        "page": f"/desk/hotissues/{issue.id}/emergency/", "steps": steps,
    }  # fmt: skip
    if as_json:
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
        return
    console = Console()
    tongue = "zh" if language() == CHINESE else "en"
    level = getattr(plan.level(issue.level), tongue)
    console.print(
        _("DRILL: issue %(number)s, %(level)s.") % {"number": issue.number, "level": level}
    )
    console.print(detections_words(issue), highlight=False, markup=False)
    for row in steps:
        state = _("done") if row["done"] else pgettext("step", "due")
        words = getattr(plan.step(str(row["step"])), tongue)
        due = timezone.localtime(datetime.fromisoformat(str(row["due_at"])))
        console.print(f"  {due:%Y-%m-%d %H:%M}  {state}  {words}")
    console.print(_("Go on at %(page)s. Nothing of it leaves the house.") % document)
