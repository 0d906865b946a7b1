"""`amends catalogue`: key facts of offers in, and the documents made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amends.platform.cli.command import CheckFailed, command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.outputs import FORCE, check_not_read, check_output
from amends.platform.cli.render import View
from amends.platform.kit.errors import BadInput

if TYPE_CHECKING:
    from amends.causes.publicity.actions.import_offers import OfferImport
    from amends.record.facts.offers.key_facts import KeyFacts

app = typer.Typer(
    no_args_is_help=True, help="Record key facts of offers, and write the documents made of them."
)


@dataclass(frozen=True, slots=True)
class WrittenDocument:
    """A file that was written, and how many offers on sale it was made of."""

    file: str
    offers: int


@app.callback()
def _catalogue() -> None:
    """Record key facts of offers, and write the documents made of them."""


def _import_view(imported: OfferImport) -> View:
    sentence = _(
        "%(read)s offers read, %(accepted)s recorded, %(duplicates)s unchanged,"
        " %(rejected)s refused."
    ) % {
        "read": f"{imported.read:,}",
        "accepted": f"{imported.accepted:,}",
        "duplicates": f"{imported.duplicates:,}",
        "rejected": f"{imported.rejected:,}",
    }
    notes = [sentence, *imported.notes]
    if imported.rejects_file:
        notes.append(_("Refused rows: %(file)s") % {"file": imported.rejects_file})
    return View(notes=notes)


@app.command("import")
@command(view=_import_view)
def import_(
    file: Annotated[Path, typer.Argument(help="CSV, Excel, JSON lines, a JSON list, or TMF620.")],
    rejects: Annotated[
        Path | None, typer.Option(help="File for the rows that are refused.")
    ] = None,
) -> OfferImport:
    """Record the key facts of FILE; a change makes a new version, and earlier ones stay."""
    from django.utils import timezone

    from amends.causes.publicity.actions.import_offers import OfferImport, import_offers
    from amends.platform.kit.actors import Actor

    check_not_read(rejects, [file])
    report = import_offers(
        file,
        rejects=rejects or file.with_suffix(".rejects.csv"),
        actor=Actor("system", "shell", ("manager",)),
        now=timezone.now(),
    )
    imported = OfferImport.of(report)
    if report.refusal:
        raise CheckFailed(imported, refusal=report.refusal)
    return imported


def _document_view(written: WrittenDocument) -> View:
    return View(notes=[_("%(count)s offers on sale.") % {"count": f"{written.offers:,}"}])


@app.command()
@command(view=_document_view)
def sheet(
    out: Annotated[Path, typer.Option(help="File to write.")],
    force: FORCE = False,
) -> WrittenDocument:
    """Write the tariff sheet: every offer on sale with its conditions, as CSV."""
    return _write(out, _sheet, force=force)


@app.command()
@command(view=_document_view)
def labels(
    out: Annotated[Path, typer.Option(help="File to write.")],
    provider: Annotated[str, typer.Option(help="Name of the provider on the labels.")] = "",
    force: FORCE = False,
) -> WrittenDocument:
    """Write the US broadband labels of the offers on sale that have an identifier, as CSV."""
    return _write(out, partial(_labels, provider), force=force)


@app.command()
@command(view=lambda _written: View())
def summary(
    offer: Annotated[str, typer.Argument(help="Id of the offer.")],
    out: Annotated[Path, typer.Option(help="File to write.")],
    provider: Annotated[str, typer.Option(help="Name of the provider.")] = "",
    force: FORCE = False,
) -> WrittenDocument:
    """Write the EU contract summary of an offer as PDF."""
    check_output(out, force=force)
    from django.utils import timezone

    from amends.record.catalogue.queries import key_facts
    from amends.record.catalogue.texts.contract_summary import contract_summary

    facts = key_facts(offer, timezone.now())
    if facts is None:
        raise BadInput(
            _("There is no offer %(offer)s in force.") % {"offer": offer},
            next_step=_("Record it with “amends catalogue import FILE”."),
            code="offer_unknown",
        )
    out.write_bytes(contract_summary(facts, provider=provider or facts.provider))
    return WrittenDocument(str(out), 1)


def _sheet(sold: list[KeyFacts], _today: date) -> str:
    from amends.record.catalogue.texts.tariff_sheet import sheet_csv

    return sheet_csv(sold)


def _labels(provider: str, sold: list[KeyFacts], today: date) -> str:
    from amends.record.catalogue.texts.broadband_label import labels_csv

    return labels_csv(sold, provider=provider, on=today)


def _write(
    out: Path, render: Callable[[list[KeyFacts], date], str], *, force: bool
) -> WrittenDocument:
    check_output(out, force=force)
    from django.utils import timezone

    from amends.causes.publicity.queries import offers
    from amends.record.catalogue.texts.tariff_sheet import on_sale

    today = timezone.localdate()
    sold = on_sale(offers(timezone.now()), today)
    out.write_text(render(sold, today), encoding="utf-8")
    return WrittenDocument(str(out), len(sold))
