"""`amends hotissues measures | effect`: measures with their verdicts, and the verdict on a file."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table as Grid

from amends.cli.language import gettext as _
from amends.cli.language import spoken
from amends.cli.start import start
from amends.kit.errors import gettext_noop

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

    from amends.measures.jobs import judge_due
    from amends.measures.queries import measures as kept

    judged = judge_due(now=timezone.now()) if judge else []
    rows = kept()
    if as_json:
        document = {"measures": rows, "judged_now": len(judged)}
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    else:
        _print_verdicts(rows, len(judged))
    if check and any(row["verdict"] in ("not_shown_to_work", "worse") for row in rows):
        raise typer.Exit(1)


def _print_verdicts(rows: list[dict[str, Any]], judged: int) -> None:
    console = Console()
    if not rows:
        console.print(_("No measure is planned. Plan one on the page of its issue."))
        return
    from amends.measures.web.words import MEASURE_STATES, VERDICTS

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


def effect(
    file: Annotated[
        Path,
        typer.Argument(
            help="A row a period: treated, control, alarmed, after or date, users, left_out."
        ),
    ],
    since: Annotated[str, typer.Option(help="First day of the measure: 2026-03-02.")] = "",
    wash_out: Annotated[int, typer.Option(help="Periods after it that do not count yet.")] = 0,
    expected_drop: Annotated[
        float, typer.Option(help="The drop it was meant to bring: 0.2 is a fifth.")
    ] = 0.2,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Say whether a measure lowered the complaint rate."""
    from amends.measures.actions.judge_file import (
        BASES,
        UnableToJudge,
        Wishes,
        document,
        judge_file,
    )

    try:
        day = date.fromisoformat(since) if since else None
    except ValueError as error:
        raise UnableToJudge(
            _("“%(given)s” is no day.") % {"given": since},
            next_step=_("Write it like 2026-03-02."),
        ) from error
    answer = document(
        judge_file(file, Wishes(since=day, wash_out=wash_out, expected_drop=expected_drop))
    )
    if as_json:
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
        return
    console = Console()
    console.print(_("Verdict: %(verdict)s") % {"verdict": _(_VERDICTS[answer["verdict"]])})
    if answer["rate_ratio"] is not None:
        high = "∞" if answer["high"] is None else f"{answer['high']:.3f}"
        console.print(
            _(
                "Rate ratio %(ratio)s (%(low)s to %(high)s), %(method)s; a drop of %(drop)s would "
                "have shown."
            )
            % {
                "ratio": f"{answer['rate_ratio']:.3f}",
                "low": f"{answer['low']:.3f}",
                "high": high,
                "method": _(answer["method"]),
                "drop": f"{answer['smallest_detectable_drop']:.0%}",
            }
        )
    for reason in answer["reasons"]:
        console.print(spoken(reason))
    if (others := answer["against_alarmed"]) and others["high"] is not None:
        console.print(
            _(
                "Against cells that alarmed as well and were not treated: %(ratio)s (%(low)s to "
                "%(high)s)."
            )
            % {
                "ratio": f"{others['rate_ratio']:.3f}",
                "low": f"{others['low']:.3f}",
                "high": f"{others['high']:.3f}",
            }
        )
    if check := answer["check"]:
        console.print(
            _(
                "Check, the series by itself: %(ratio)s; a drop like this came by itself in "
                "%(share)s of its own noise in another order."
            )
            % {"ratio": f"{check['rate_ratio']:.3f}", "share": f"{check['p']:.1%}"}
        )
    if anytime := answer["anytime"]:
        said = _("For those who look after every period: %(verdict)s")
        if anytime["shown_after"]:
            said = _(
                "For those who look after every period: %(verdict)s, from period %(period)s on"
            )
        console.print(
            said % {"verdict": _(_VERDICTS[anytime["verdict"]]), "period": anytime["shown_after"]}
        )
    if answer["anytime_rests_on"] != "control":
        console.print(_(BASES[answer["anytime_rests_on"]]))


_VERDICTS = {
    "works": gettext_noop("it works"),
    "not_shown_to_work": gettext_noop("not shown to work"),
    "worse": gettext_noop("it got worse"),
    "not_yet_judgeable": gettext_noop("not yet judgeable"),
}
