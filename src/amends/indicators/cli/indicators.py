"""`amends indicators`: figures of a period, the quarterly bulletin, published bulletins checked."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from amends.cli.language import gettext as _
from amends.cli.language import ngettext, pgettext
from amends.cli.outputs import FORCE, check_not_read, check_output
from amends.cli.start import start
from amends.kit.errors import BadInput

app = typer.Typer(
    no_args_is_help=True, help="Report complaint rates, and write the bulletin for the regulator."
)
_JSON = typer.Option("--json", help="Print one JSON document.")


class UnableToReadPeriod(BadInput):
    """The days given are no period."""

    code = "unable_to_read_period"


@app.command()
def report(
    since: Annotated[str, typer.Option("--from", help="First day, 2026-07-01.")],
    until: Annotated[str, typer.Option("--to", help="Last day, 2026-09-30.")],
    by: Annotated[
        str, typer.Option(help="root, code, area, product, partner, channel, brand, cn-2025, …")
    ] = "area",
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Rate, changes and shares of a period, with their exact intervals, unit by unit.

    The JSON document has, for each unit, every share, the time to resolve and what was paid; and
    contacts and orders by channel, rules set aside and duties, each by the same units.
    """
    start()
    from django.conf import settings
    from django.utils import timezone

    from amends.indicators.figures import report as measured
    from amends.indicators.report_document import document_of

    today, last = timezone.localdate(), _day(until)
    found = measured(
        start=_day(since), end=last + timedelta(days=1), by=by, zone=settings.TIME_ZONE, on=today
    )
    document = document_of(found, on=today, last=last)
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False))
        return
    _print(document)


@app.command()
def bulletin(
    quarter: Annotated[str, typer.Option(help="Such as 2026Q3; the last one that is over.")] = "",
    form: Annotated[str, typer.Option("--format", help="html, pdf, xlsx or csv.")] = "pdf",
    public: Annotated[bool, typer.Option("--public", help="Hide what is small.")] = False,
    language: Annotated[str, typer.Option("--language", help="zh or en.")] = "zh",
    out: Annotated[Path | None, typer.Option(help="File or folder to write to.")] = None,
    force: FORCE = False,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Write the bulletin of a quarter for the regulator, or its public version."""
    start()
    from django.conf import settings
    from django.utils import timezone

    from amends.indicators.bulletin import bulletin as make
    from amends.indicators.documents import document
    from amends.indicators.rules.bulletin import quarter_before

    language_code = {"zh": "zh-hans", "zh-hans": "zh-hans", "en": "en"}.get(language)
    if language_code is None:
        raise BadInput(
            _("There is no language “%(given)s” here.") % {"given": language[:20]},
            next_step=_("Say zh or en."),
        )
    made = make(
        quarter or quarter_before(timezone.localdate()), zone=settings.TIME_ZONE,
        now=timezone.now(), language=language_code, is_public=public,
    )  # fmt: skip
    data, _media_type, name = document(made, form)
    target = out / name if out and out.is_dir() else out or Path(name)
    check_output(target, force=force)
    target.write_bytes(data)
    hidden = sum(one.hidden for one in made.sections)
    if as_json:
        told = {
            "quarter": made.quarter, "file": str(target), "bytes": len(data), "public": public,
            "tables": [one.id for one in made.sections], "hidden_cells": hidden,
        }  # fmt: skip
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    tables = len(made.sections)
    counted = ngettext("%(count)s table", "%(count)s tables", tables) % {"count": tables}
    if public:
        counted += ngettext(", %(count)s cell hidden", ", %(count)s cells hidden", hidden) % {
            "count": hidden
        }
    typer.echo(f"{target}: {made.title} ({counted})")


@app.command("import-bulletin")
def import_bulletin(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, Excel or JSON.")],
    check: Annotated[
        bool, typer.Option("--check", help="Exit 1 where something is flagged.")
    ] = False,
    rejects: Annotated[Path | None, typer.Option(help="Where lines that are refused go.")] = None,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Keep a published bulletin as printed, and flag what does not add up in it."""
    start()
    from django.utils import timezone

    from amends.indicators.actions.import_bulletin import import_bulletin as run

    aside = rejects or file.with_name(f"{file.stem}.rejects.csv")
    check_not_read(aside, [file])
    found = run(file, rejects=aside, now=timezone.now())
    flags = [
        {"bulletin": bulletin, "quarter": quarter, "line": flag.where, "what": flag.what,
         "printed": flag.printed, "computed": flag.computed}
        for (bulletin, quarter), several in found.flags.items() for flag in several
    ]  # fmt: skip
    if as_json:
        typer.echo(json.dumps({**found.file.as_dict(), "flags": flags}, ensure_ascii=False))
    else:
        told = found.file
        typer.echo(
            ngettext(
                "%(read)s line: %(accepted)s kept as printed, %(duplicates)s known already, "
                "%(rejected)s set aside.",
                "%(read)s lines: %(accepted)s kept as printed, %(duplicates)s known already, "
                "%(rejected)s set aside.",
                told.read,
            )
            % told.as_dict()
        )
        if told.rejects_file:
            typer.echo(_("What was set aside, and why: %(file)s") % {"file": told.rejects_file})
        for note in told.notes:
            typer.echo(note)
        for one in flags:
            typer.echo(
                _(
                    "%(bulletin)s %(quarter)s, %(line)s: %(what)s is printed as %(printed)s, the "
                    "other figures give %(computed)s. Ask who published it; nothing was changed."
                )
                % (one | _flag_words(one))
            )
    found.file.end()
    if check and flags:
        raise typer.Exit(1)


def _flag_words(flag: dict[str, Any]) -> dict[str, str]:
    """What a flag is about and its two figures, as they are printed."""
    words = {"sum": _("the sum"), "change": _("the change"), "rate": _("the rate")}
    unit = "%" if flag["what"] == "change" else ""
    computed = f"{flag['computed']:.1f}" if flag["what"] != "sum" else f"{flag['computed']:g}"
    line = _("total") if flag["line"] == "total" else flag["line"]
    return {"what": words[flag["what"]], "printed": f"{flag['printed']:g}{unit}",
            "computed": f"{computed}{unit}", "line": line}  # fmt: skip


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UnableToReadPeriod(
            _("“%(given)s” is no day.") % {"given": text[:20]},
            next_step=_("Write it like 2026-07-01."),
        ) from error


def _print(document: dict[str, Any]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.measure import Measurement
    from rich.table import Table

    from amends.complaints.queries.units import dimension_word
    from amends.indicators.figures import OWN

    whole = document["whole"]
    console = Console(highlight=False, soft_wrap=True)
    if whole:
        console.print(
            ngettext(
                "%(count)s complaint, %(rate)s per million users (95%% interval %(low)s–%(high)s).",
                "%(count)s complaints, %(rate)s per million users (95%% interval "
                "%(low)s–%(high)s).",
                whole["count"],
            )
            % {
                "count": f"{whole['count']:,}",
                "rate": f"{whole['rate']:,.1f}",
                "low": f"{whole['low']:,.1f}",
                "high": f"{whole['high']:,.1f}",
            }
        )
    for name, words in (
        ("change", _("Against the period before: ratio %(ratio)s (%(low)s–%(high)s).")),
        ("year_change", _("Against the year before: ratio %(ratio)s (%(low)s–%(high)s).")),
    ):
        if (one := document[name]) and one["ratio"] is not None:
            low, high = ("∞" if one[end] is None else f"{one[end]:.2f}" for end in ("low", "high"))
            console.print(words % {"ratio": f"{one['ratio']:.2f}", "low": low, "high": high})
    services = OWN.get(document["by"]) == "services"
    heads = (
        _("Complaints"), _("Per million services") if services else _("Per million"),
        _("Interval"), _("Standing"), _("Kept"), _("Solved"),
        _("Content"), _("Mean days"), _("80% in days"),
    )  # fmt: skip
    standings = {
        "higher": pgettext("standing", "higher"), "lower": pgettext("standing", "lower"),
        "within": _("within chance"),
    }  # fmt: skip
    table = Table(box=SIMPLE_HEAD, show_edge=False)
    table.add_column(str(dimension_word(document["by"])), overflow="fold", min_width=12)
    for head in heads:
        table.add_column(head, justify="left" if head == heads[3] else "right", no_wrap=True)
    for row in document["units"]:
        rate = row["rate"]
        shown = (
            (f"{_few(rate)}{_plain(rate['rate'])}", f"{_plain(rate['low'])}–{_plain(rate['high'])}")
            if rate
            else ("—", "—")
        )
        shares = (row["shares"][one] for one in ("kept", "solved", "content"))
        days, most = row["mean_days"], row["days_to_solve_80"]
        table.add_row(
            row["name"] or _("not known"), f"{row['complaints']:,}", *shown,
            standings.get(row["standing"], "—"),
            *("—" if one is None else f"{one['share']:.1%}" for one in shares),
            "—" if days is None else f"{days['mean']:.1f}", "—" if most is None else str(most),
        )  # fmt: skip
    # A narrow terminal breaks the lines; a figure that is cut short would be another one.
    wide = Measurement.get(console, console.options.update(max_width=_WIDEST), table).maximum
    console.width = max(console.width, wide)
    console.print(table, soft_wrap=False)
    if any(row["rate"] and row["rate"]["small"] for row in document["units"]):
        console.print(_("* Fewer than ten complaints: read it with care."))


_WIDEST = 1_000
"""Columns of a terminal no table is wider than."""


def _few(rate: dict[str, Any]) -> str:
    """The mark of a rate of few complaints."""
    return "* " if rate["small"] else ""


def _plain(figure: float) -> str:
    """A rate with one place, from a thousand on without."""
    return f"{figure:,.0f}" if figure >= 1000 else f"{figure:,.1f}"
