"""`amends privacy`, what needs the database: the record, exports, campaigns, honeytokens."""

from __future__ import annotations

import csv
import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from amends.cli.language import CHINESE, language
from amends.cli.language import gettext as _
from amends.cli.start import start
from amends.kit.errors import BadInput, gettext_noop
from amends.kit.printable import printable
from amends.tabular.exports import write_csv

app = typer.Typer(no_args_is_help=True)

JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
BY = Annotated[str, typer.Option(help="Name under which whoever does it signs in.")]


class UnableToUseFile(BadInput):
    """A file is there already, or lacks a column."""

    code = "unable_to_use_file"


@app.command()
def processing(as_json: JSON = False) -> None:
    """Print the record of processing; ends with 1 where a personal column is not declared."""
    start()
    from django.utils import timezone

    from amends.privacy.queries.processing import as_document
    from amends.privacy.queries.processing import processing as record

    found = as_document(record(timezone.now()))
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        tongue = "zh" if language() == CHINESE else "en"
        for row in found["activities"]:
            days = row["retention_days"]
            typer.echo(row[f"purpose_{tongue}"])
            typer.echo(f"  {row[f'categories_{tongue}']}")
            kept = row[f"retention_{tongue}"]
            typer.echo(
                "  "
                + (_("%(kept)s, %(days)s days") % {"kept": kept, "days": days} if days else kept)
            )
            typer.echo(f"  {row[f'recipients_{tongue}']} ({row['legal_basis']})")
        for name in found["undeclared"]:
            typer.echo(_("%(name)s is not declared.") % {"name": printable(name)}, err=True)
    if found["undeclared"]:
        raise typer.Exit(1)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Table of personal data: CSV or XLSX.")],
    recipient: Annotated[str, typer.Option(help="Who gets it.")],
    purpose: Annotated[str, typer.Option(help="What for.")],
    out: Annotated[Path, typer.Option(help="CSV to write; it must not exist.")],
    by: BY,
    group_by: Annotated[str, typer.Option(help="Only counts by this column, none below k.")] = "",
    as_json: JSON = False,
) -> None:
    """Write a table for one recipient: within the day's budget, with that recipient's watermark."""
    start()
    from django.utils import timezone

    from amends.access.queries import actor_called
    from amends.privacy.actions.export_table import aggregate, export_table
    from amends.tabular.tables import read_table

    table, now = read_table(file), timezone.now()
    actor = actor_called(by)
    if group_by:
        groups, k = aggregate(table.header, table.rows, group_by, now=now)
        rows = [[name, "" if count is None else str(count)] for name, count in groups]
        _write(out, [[group_by, "people"], *rows])
        document = {
            "groups": len(groups),
            "k": k,
            "hidden": sum(count is None for _name, count in groups),
        }
        said = _("%(groups)s groups, %(hidden)s of them not told because of k = %(k)s.") % document
    else:
        _check_absent(out)
        done = export_table(
            table.header, table.rows, recipient=recipient, purpose=purpose, actor=actor, now=now
        )
        _write(out, list(csv.reader(done.text.splitlines())))
        document = {
            "export": done.row.ref,
            "rows": done.row.rows,
            "cost": done.row.cost,
            "sha256": done.row.sha256,
        }
        said = _("%(export)s: %(rows)s rows, marked; it counts %(cost)s of the day.") % document
    typer.echo(json.dumps(document, ensure_ascii=False) if as_json else said)


@app.command("watermark-find")
def watermark_find(
    file: Annotated[Path, typer.Argument(help="A table that was found: CSV or XLSX.")],
    as_json: JSON = False,
) -> None:
    """Tell whose export a found table is; ends with 1 where no mark is in it."""
    start()
    from amends.privacy.actions.export_table import whose
    from amends.tabular.tables import read_table

    found = [
        {
            "export": row.ref,
            "recipient": row.handed_to,
            "by": row.by,
            "at": row.at.isoformat(timespec="seconds"),
            "marked_rows": one.marked,
            "order": round(one.order, 3),
        }
        for row, one in whose(read_table(file).rows)
    ]
    if as_json:
        typer.echo(json.dumps({"exports": found}, ensure_ascii=False))
    for row in () if as_json else found:
        typer.echo(
            _("%(export)s for %(recipient)s, by %(by)s on %(at)s: %(marked_rows)s marked rows.")
            % row
        )
    if not found:
        if not as_json:
            typer.echo(_("No mark of an export is in this table."), err=True)
        raise typer.Exit(1)


@app.command()
def campaign(
    name: Annotated[str, typer.Argument(help="Short name of the campaign; twice sends once.")],
    file: Annotated[Path, typer.Argument(help="CSV with the column subscriber.")],
    purpose: Annotated[str, typer.Option(help="What people agreed to, such as marketing.")],
    zh: Annotated[str, typer.Option(help="The text in Chinese.")],
    en: Annotated[str, typer.Option(help="The text in English.")],
    by: BY,
    as_json: JSON = False,
) -> None:
    """Post a campaign to those of a list who agreed; asked again just before each is sent."""
    start()
    from django.utils import timezone

    from amends.access.queries import actor_called
    from amends.privacy.actions.post_campaign import post_campaign

    people = _column(file, "subscriber")
    done = post_campaign(
        name, purpose, people, (zh, en), actor=actor_called(by), now=timezone.now()
    )
    document = {"named": done.named, "agreed": done.agreed, "posted": done.posted}
    said = _("Named: %(named)s, agreed: %(agreed)s, posted: %(posted)s.") % document
    typer.echo(json.dumps(document) if as_json else said)


@app.command()
def honeytokens(
    file: Annotated[Path, typer.Argument(help="CSV of invented people: name, phone.")],
    by: BY,
) -> None:
    """Register invented subscribers, on numbers given to nobody; a look at one is an alert."""
    start()
    from django.utils import timezone

    from amends.access.queries import actor_called
    from amends.privacy.actions.honeytokens import place
    from amends.subscribers.actions.register import NewSubscriber

    names, phones = _column(file, "name"), _column(file, "phone")
    people = [
        NewSubscriber(name=one, phone=phone) for one, phone in zip(names, phones, strict=True)
    ]
    placed = place(people, actor=actor_called(by), now=timezone.now())
    typer.echo(_("%(n)s honeytokens are in place.") % {"n": len(placed)})


@app.command()
def statistics(
    days: Annotated[int, typer.Option(min=1, help="Of so many days.")] = 91, as_json: JSON = False
) -> None:
    """Count case files, decisions, appeals, requests and incidents."""
    start()
    from django.utils import timezone

    from amends.privacy.statistics import statistics as figures

    now = timezone.now()
    found = figures(now - timedelta(days=days), now)
    typer.echo(json.dumps(found, ensure_ascii=False, indent=None if as_json else 2))


def _column(file: Path, name: str) -> list[str]:
    from amends.tabular.tables import read_table

    table = read_table(file)
    if name not in table.header:
        raise UnableToUseFile(
            gettext_noop("%(file)s has no column %(name)s."),
            next_step=gettext_noop("Name it in the header row."),
            values={"file": file.name, "name": name},
        )
    return table.column(name)


def _check_absent(out: Path) -> None:
    if out.exists():
        raise UnableToUseFile(
            gettext_noop("%(file)s is there already."),
            next_step=gettext_noop("Choose another name."),
            values={"file": out},
        )


def _write(out: Path, rows: list[list[str]]) -> None:
    _check_absent(out)
    handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as target:
        write_csv(target, rows[0], rows[1:])
