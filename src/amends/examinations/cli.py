"""`amends notices examination`: the state of every process this quarter."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from amends.cli.language import CHINESE, language, pgettext
from amends.cli.language import gettext as _
from amends.cli.start import start

_JSON = typer.Option("--json", help="Print one JSON document.")


def examination(
    check: Annotated[bool, typer.Option("--check", help="Exit 1 if a process is in red.")] = False,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """State of every process this quarter: duties checked, findings open, owner."""
    start()
    from django.utils import timezone

    from amends.access.queries.colleagues import people
    from amends.examinations.queries import process_statuses
    from amends.examinations.rules.processes import quarter_of
    from amends.examinations.web.views import WORDS

    today = timezone.localdate()
    found = process_statuses(today)
    names = people(one.owner for one in found if one.owner)
    rows = [
        {
            "process": one.process.id, "standing": one.check.word,
            "checked": one.check.checked, "duties": one.check.duties,
            "open_findings": one.check.open_findings, "owner": names.get(one.owner, one.owner),
        }
        for one in found
    ]  # fmt: skip
    if as_json:
        document = {"quarter": quarter_of(today), "processes": rows}
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        table = Table(
            _("process"), _("State"), pgettext("process", "checked"), _("duties"),
            _("open findings"), _("owner"), box=None,
        )  # fmt: skip
        for one, row in zip(found, rows, strict=True):
            process = one.process.zh if language() == CHINESE else one.process.en
            said = row | {"process": process, "standing": WORDS[one.check.word][1]}
            table.add_row(*(str(value) for value in said.values()))
        Console(highlight=False).print(table)
    red = any(row["standing"] in ("unchecked", "overdue") for row in rows)
    raise typer.Exit(1 if check and red else 0)
