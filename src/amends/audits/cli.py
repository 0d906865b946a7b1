"""`amends notices audit` and `coverage`: what was due, and how much of it arrived in time."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from amends.cli.language import gettext as _
from amends.cli.language import ngettext, pgettext
from amends.cli.start import start
from amends.environment.settings_values import own_pack
from amends.kit.errors import BadInput

_JSON = typer.Option("--json", help="Print one JSON document.")
_FROM = typer.Option("--from", help="First day, 2026-10-01; months are audited whole.")
_TO = typer.Option("--to", help="First day that is not part of it, 2026-11-01.")
_PACK = typer.Option("--pack", help="Whose duties: cn, eu, uk, …; AMENDS_PACK if left out.")


def audit(
    files: Annotated[
        list[Path] | None,
        typer.Argument(exists=True, dir_okay=False, help="Usage records: Parquet or CSV."),
    ] = None,
    since: Annotated[str, _FROM] = "",
    until: Annotated[str, _TO] = "",
    pack: Annotated[str, _PACK] = "",
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Compute again which notices were due, from facts and files, and count their outcomes."""
    start()
    from django.utils import timezone

    from amends.access.actors import system
    from amends.audits.actions.audit import audit as run
    from amends.cli.progress import bar

    now = timezone.now()
    first, last = _period(since, until, now)
    with bar(_("Auditing"), quiet=as_json):
        report = run(
            start=first, end=last, actor=system("auditor"), now=now,
            jurisdiction=pack or own_pack(), usage=files or [],
        )  # fmt: skip
    if as_json:
        document = {
            "from": report.start.isoformat(), "to": report.end.isoformat(), "owed": report.owed,
            "stated": report.stated, "duties": [_row(one) for one in report.counts],
            "untold_charges": report.untold, "untold_minor": report.untold_minor,
            "not_audited": list(report.not_audited),
        }  # fmt: skip
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    console = Console(highlight=False, soft_wrap=True)
    console.print(
        ngettext(
            "%(owed)s notice was due; %(stated)s of them were not on record.",
            "%(owed)s notices were due; %(stated)s of them were not on record.",
            report.owed,
        )
        % {"owed": f"{report.owed:,}", "stated": f"{report.stated:,}"}
    )
    console.print(_table(report.counts), soft_wrap=False)
    if report.untold:
        sums = ", ".join(
            f"{minor / 100:,.2f} {code}" for code, minor in report.untold_minor.items()
        )
        console.print(
            ngettext(
                "%(count)s charge was made without its notice: %(sums)s.",
                "%(count)s charges were made without their notice: %(sums)s.",
                report.untold,
            )
            % {"count": f"{report.untold:,}", "sums": sums}
        )
    console.print(
        _("Not recomputed, no trace outside the engine: %(duties)s.")
        % {"duties": ", ".join(report.not_audited)}
    )


def coverage(
    since: Annotated[str, _FROM] = "",
    until: Annotated[str, _TO] = "",
    pack: Annotated[str, _PACK] = "",
    check: Annotated[
        bool, typer.Option("--check", help="Exit 1 if a notice was late, failed or missing.")
    ] = False,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Coverage of duties by the last audits: due, in time, late, failed, missing, unknown."""
    start()
    from django.utils import timezone

    from amends.audits.queries import coverage_of_duties, last_audit, month_names
    from amends.kit.packs import day_in

    now = timezone.now()
    first, last = _period(since, until, now)
    months = month_names(first, last)
    place = pack or own_pack()
    duties = coverage_of_duties(months, on=day_in(place, now), jurisdiction=place)
    ran = last_audit()
    if as_json:
        document = {
            "from": months[0], "to": last.isoformat(),
            "audited_at": ran[0].isoformat() if ran else None,
            "duties": [
                _row(one.total)
                | {"title_zh": one.title_zh, "title_en": one.title_en, "source": one.source,
                   "verified": one.verified, "untold_minor": one.untold_minor,
                   "currency": one.currency, "months": [_row(month) for month in one.months]}
                for one in duties
            ],
        }  # fmt: skip
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
    elif not duties:
        typer.echo(_("Nothing was audited in these months; run `amends notices audit` first."))
    else:
        Console(highlight=False).print(_table(month for one in duties for month in one.months))
    found = any(one.total.late or one.total.owed for one in duties)
    raise typer.Exit(1 if check and found else 0)


def _period(since: str, until: str, now: datetime) -> tuple[date, date]:
    """The days asked for; the month before and this one if nothing is said."""
    from django.utils import timezone

    today = timezone.localdate(now)
    first = _day(since, "--from") if since else (today.replace(day=1) - timedelta(days=1))
    last = _day(until, "--to") if until else today + timedelta(days=1)
    if last <= first:
        raise BadInput(
            _("The period ends before it starts."), where="--to",
            next_step=_("Give a later day for --to than for --from."),
        )  # fmt: skip
    return first.replace(day=1), last


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(
            _("“%(given)s” is no day.") % {"given": text},
            where=option,
            next_step=_("Write it like 2026-10-01."),
        ) from error


def _row(one: Any) -> dict[str, Any]:
    return {
        "duty": one.duty, "period": one.period, "due": one.due, "in_time": one.in_time,
        "late": one.late, "failed": one.failed, "missing": one.missing, "unknown": one.unknown,
        "covered_share": one.covered_share,
    }  # fmt: skip


def _table(counts: Any) -> Table:
    from amends.notices.queries.duty_words import duty_title

    rows = list(counts)
    table = Table(box=None)
    table.add_column(_("duty"), min_width=max((len(one.duty) for one in rows), default=0))
    table.add_column(_("month"))
    for name in (
        pgettext("notice", "due"), pgettext("notice", "in time"), pgettext("notice", "late"),
        _("failed"), pgettext("notice", "missing"), _("unknown"), _("Share"),
    ):  # fmt: skip
        table.add_column(name, justify="right")
    for one in rows:
        share = "–" if one.covered_share is None else f"{one.covered_share:.1%}"
        figures = (one.due, one.in_time, one.late, one.failed, one.missing, one.unknown)
        title = duty_title(one.duty, date.fromisoformat(one.period))
        table.add_row(
            f"{one.duty}\n{title}", one.period[:7], *(f"{figure:,}" for figure in figures), share
        )
    return table
