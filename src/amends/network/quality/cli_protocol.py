"""`amends quality protocol`, `import-radio`: what was measured, verified and completed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amends.platform.cli.command import command
from amends.platform.cli.language import gettext
from amends.platform.cli.render import View
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.json_in import read_json

if TYPE_CHECKING:
    from amends.network.quality.actions.import_radio import ImportedRadio
    from amends.platform.vault.signed_notes import VerifierKey

app = typer.Typer(no_args_is_help=True, help="Protocols of speed tests.")


@dataclass(frozen=True, slots=True)
class VerifiedReport:
    """A measurement report that is as it was signed: its code and the key that verifies it."""

    valid: bool
    campaign: str
    key: str


def _verified_view(verified_report: VerifiedReport) -> View:
    note = gettext("Protocol %(code)s is as it was signed.")
    return View(notes=[note % {"code": verified_report.campaign}])


@app.command()
@command(view=_verified_view, tables=False)
def verify(
    file: Annotated[Path, typer.Argument(help="The PDF as it was downloaded.")],
    key: Annotated[
        str, typer.Option(help="Verifier key of the operator; this installation's if left out.")
    ] = "",
) -> VerifiedReport:
    """Verify, without a network, that a protocol is as it was signed."""
    from amends.network.quality.rules.signed_pdf import verified
    from amends.platform.vault.signed_notes import VerifierKey

    trusted = VerifierKey.parse(key) if key else _own_key()
    code = verified(file.read_bytes(), trusted)
    return VerifiedReport(True, code, str(trusted))


def _own_key() -> VerifierKey:
    """The verifier key of this installation; none is made for the asking."""
    from amends.record.ledger.queries.keys import known_verifier_key

    if (verifier_key := known_verifier_key()) is None:
        raise BadInput(
            _("This installation has no key to verify with."),
            next_step=_("Name the key that the operator publishes with --key."),
            where="--key",
            code="unable_to_find_key",
        )
    return verifier_key


def _radio_view(imported_radio: ImportedRadio) -> View:
    note = gettext("%(completed)s of %(rows)s tests were completed.")
    return View(
        notes=[
            note
            % {"completed": f"{imported_radio.completed:,}", "rows": f"{imported_radio.rows:,}"},
            *(f"  {location}: {why}" for location, why in imported_radio.refused.items()),
        ]
    )


@command(view=_radio_view)
def import_radio(
    file: Annotated[Path, typer.Argument(help='JSON: [{"code", "cell", "rsrp_dbm", "sinr_db"}].')],
) -> ImportedRadio:
    """Complete mobile tests by what the phone said of the radio: cell, technology, signal."""
    from amends.network.quality.actions.import_radio import import_radio as complete

    try:
        rows = read_json(file.read_bytes())
    except (ValueError, RecursionError):
        rows = None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadInput(
            _("The file holds no JSON list of objects."),
            next_step=_('Write [{"code": "AB12-CD34-EF56", "rsrp_dbm": -95}].'),
            where=str(file),
            code="unable_to_import_radio",
        )
    return complete(rows)
