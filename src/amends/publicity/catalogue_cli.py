"""`amends catalogue`: key facts of offers in, and the documents made of them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from amends.cli.language import gettext as _
from amends.cli.outputs import FORCE, check_not_read, check_output
from amends.cli.start import start
from amends.kit.errors import BadInput

if TYPE_CHECKING:
    from amends.facts.offers.key_facts import KeyFacts

app = typer.Typer(
    no_args_is_help=True, help="Record key facts of offers, and write the documents made of them."
)


class UnableToFindOffer(BadInput):
    """No offer of that id is in force."""

    code = "offer_unknown"


@app.callback()
def _catalogue() -> None:
    """Record key facts of offers, and write the documents made of them."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV, Excel, JSON lines, a JSON list, or TMF620.")],
    rejects: Annotated[
        Path | None, typer.Option(help="File for the rows that are refused.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Record the key facts of FILE; a change makes a new version, and earlier ones stay."""
    check_not_read(rejects, [file])
    start()
    from django.utils import timezone

    from amends.access.actors import Actor
    from amends.publicity.actions.import_offers import import_offers

    report = import_offers(
        file,
        rejects=rejects or file.with_suffix(".rejects.csv"),
        actor=Actor("system", "shell", ("manager",)),
        now=timezone.now(),
    )
    if as_json:
        sys.stdout.write(orjson.dumps(report.as_dict()).decode() + "\n")
    else:
        said = _(
            "%(read)s offers read, %(accepted)s recorded, %(duplicates)s unchanged,"
            " %(rejected)s refused."
        )
        typer.echo(
            said
            % {
                "read": f"{report.read:,}", "accepted": f"{report.accepted:,}",
                "duplicates": f"{report.duplicates:,}", "rejected": f"{report.rejected:,}",
            }
        )  # fmt: skip
        if report.rejects_file:
            typer.echo(_("Refused rows: %(file)s") % {"file": report.rejects_file}, err=True)
    report.end()


@app.command()
def sheet(
    out: Annotated[Path, typer.Option(help="File to write.")],
    force: FORCE = False,
) -> None:
    """Write the tariff sheet: every offer on sale with its conditions, as CSV."""
    _write(out, _sheet, force=force)


@app.command()
def labels(
    out: Annotated[Path, typer.Option(help="File to write.")],
    provider: Annotated[str, typer.Option(help="Name of the provider on the labels.")] = "",
    force: FORCE = False,
) -> None:
    """Write the US broadband labels of the offers on sale that have an identifier, as CSV."""
    _write(out, partial(_labels, provider), force=force)


@app.command()
def summary(
    offer: Annotated[str, typer.Argument(help="Id of the offer.")],
    out: Annotated[Path, typer.Option(help="File to write.")],
    provider: Annotated[str, typer.Option(help="Name of the provider.")] = "",
    force: FORCE = False,
) -> None:
    """Write the EU contract summary of an offer as PDF."""
    check_output(out, force=force)
    start()
    from django.utils import timezone

    from amends.catalogue.queries import key_facts
    from amends.catalogue.queries.documents.contract_summary import contract_summary

    facts = key_facts(offer, timezone.now())
    if facts is None:
        raise UnableToFindOffer(
            _("There is no offer %(offer)s in force.") % {"offer": offer},
            next_step=_("Record it with “amends catalogue import FILE”."),
        )
    out.write_bytes(contract_summary(facts, provider=provider or facts.provider))


def _sheet(sold: list[KeyFacts], _today: date) -> str:
    from amends.catalogue.queries.documents.tariff_sheet import sheet_csv

    return sheet_csv(sold)


def _labels(provider: str, sold: list[KeyFacts], today: date) -> str:
    from amends.catalogue.queries.documents.broadband_label import labels_csv

    return labels_csv(sold, provider=provider, on=today)


def _write(out: Path, made: Callable[[list[KeyFacts], date], str], *, force: bool) -> None:
    check_output(out, force=force)
    start()
    from django.utils import timezone

    from amends.catalogue.queries.documents.tariff_sheet import on_sale
    from amends.publicity.queries import offers

    today = timezone.localdate()
    sold = on_sale(offers(timezone.now()), today)
    out.write_text(made(sold, today), encoding="utf-8")
    typer.echo(_("%(count)s offers on sale.") % {"count": f"{len(sold):,}"})
