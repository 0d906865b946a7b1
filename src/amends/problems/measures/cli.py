"""`amends hotissues measures | effect`: the measures with their verdicts, and a file judged."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amends.engines.detection.verdicts import VERDICT_TITLES
from amends.platform.cli.command import CheckFailed, command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import translate_sentence
from amends.platform.cli.options import DAY_OPTION
from amends.platform.cli.render import TableColumn, View
from amends.platform.kit.time_limits import seconds_for_size, time_limit
from amends.platform.tabular.width import check_width

if TYPE_CHECKING:
    from amends.problems.measures.actions.judge_file import FileJudgement
    from amends.problems.measures.queries import MeasureList, MeasureSummary


def _list_view(measure_list: MeasureList) -> View:
    from amends.problems.measures.choices import MeasureState

    def interval(row: MeasureSummary) -> str:
        return "" if row.rate_ratio is None else f"{_two(row.low)}–{_two(row.high)}"

    judged = measure_list.judged_now
    return View(
        columns=(
            TableColumn(_("No."), "number", right=True),
            TableColumn(_("measure"), "title"),
            TableColumn(_("State"), "state", lambda state: str(MeasureState(state).label)),
            TableColumn(_("starts"), "starts_on"),
            TableColumn(_("judged on"), "judge_on"),
            TableColumn(_("Verdict"), "verdict", lambda verdict: _(VERDICT_TITLES[verdict])),
            TableColumn(_("ratio"), "rate_ratio", _two, right=True),
            TableColumn(_("Interval"), interval, right=True),
            TableColumn(_("would show"), "smallest_detectable_drop", "−{:.0%}", right=True),
        ),
        rows=measure_list.measures,
        empty=_("No measure is in this state.")
        if measure_list.state
        else _("No measure is planned. Plan one on the page of its issue."),
        notes=[_("%(count)s judged now.") % {"count": judged}] if judged else (),
    )


@command(view=_list_view)
def measures(
    state: Annotated[str, typer.Option(help="Only this state.")] = "",
    judge: Annotated[bool, typer.Option("--judge", help="Judge what is due first.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit 1 if one was not shown to work, or got worse.")
    ] = False,
) -> MeasureList:
    """List the measures against causes, with their day of judgement and their verdict."""
    from django.utils import timezone

    from amends.problems.measures import queries
    from amends.problems.measures.jobs import judge_due

    queries.refuse_unknown_state(state)
    judged = judge_due(now=timezone.now()) if judge else []
    measure_list = queries.MeasureList(
        queries.measures(state=state), judged_now=len(judged), state=state
    )
    if check and measure_list.failed:
        raise CheckFailed(measure_list)
    return measure_list


def _judgement_view(file_judgement: FileJudgement) -> View:
    from amends.problems.measures.actions.judge_file import BASES

    notes = []
    if file_judgement.rate_ratio is not None:
        notes.append(
            _(
                "Rate ratio %(ratio)s (%(low)s to %(high)s), %(method)s; a drop of %(drop)s would "
                "have shown."
            )
            % {
                "ratio": _three(file_judgement.rate_ratio),
                "low": _three(file_judgement.low),
                "high": _three(file_judgement.high),
                "method": _(file_judgement.method),
                "drop": f"{file_judgement.smallest_detectable_drop:.0%}",
            }
        )
    notes += [translate_sentence(reason) for reason in file_judgement.reasons]
    if (alarmed_figures := file_judgement.against_alarmed) and alarmed_figures.high is not None:
        notes.append(
            _(
                "Against cells that alarmed as well and were not treated: %(ratio)s (%(low)s to "
                "%(high)s)."
            )
            % {
                "ratio": _three(alarmed_figures.rate_ratio),
                "low": _three(alarmed_figures.low),
                "high": _three(alarmed_figures.high),
            }
        )
    if check := file_judgement.check:
        notes.append(
            _(
                "Check, the series by itself: %(ratio)s; a drop like this came by itself in "
                "%(share)s of its own noise in another order."
            )
            % {"ratio": _three(check.rate_ratio), "share": f"{check.p:.1%}"}
        )
    if anytime := file_judgement.anytime:
        text = _("For those who look after every period: %(verdict)s")
        if anytime.shown_after:
            text = _(
                "For those who look after every period: %(verdict)s, from period %(period)s on"
            )
        notes.append(
            text % {"verdict": _(VERDICT_TITLES[anytime.verdict]), "period": anytime.shown_after}
        )
    if file_judgement.anytime_rests_on != "control":
        notes.append(_(BASES[file_judgement.anytime_rests_on]))
    return View(figures=[(_("Verdict"), _(VERDICT_TITLES[file_judgement.verdict]))], notes=notes)


@command(view=_judgement_view, tables=False)
def effect(
    file: Annotated[
        Path,
        typer.Argument(
            help="A row a period: treated, control, alarmed, after or date, users, left_out."
        ),
    ],
    since: Annotated[
        date | None,
        typer.Option(help="First day of the measure: 2026-03-02.", **DAY_OPTION),
    ] = None,
    wash_out: Annotated[int, typer.Option(help="Periods after it that do not count yet.")] = 0,
    expected_drop: Annotated[
        float, typer.Option(help="The drop it was meant to bring: 0.2 is a fifth.")
    ] = 0.2,
) -> FileJudgement:
    """Say whether a measure lowered the complaint rate."""
    from amends.problems.measures.actions.judge_file import FileTerms, judge_file

    terms = FileTerms(since=since, wash_out=wash_out, expected_drop=expected_drop)
    check_width(file)
    with time_limit(seconds_for_size(file, least_s=60, per_mb_s=10)):
        return judge_file(file, terms)


def _two(value: float | None) -> str:
    return "∞" if value is None else f"{value:.2f}"


def _three(value: float | None) -> str:
    return "∞" if value is None else f"{value:.3f}"
