"""`amends ledger`: verify what is on record, prove a fact, publish a checkpoint, keep a witness."""

from __future__ import annotations

import json
import os
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from amends.cli.language import gettext as _
from amends.cli.language import ngettext, spoken
from amends.cli.outputs import FORCE, check_output
from amends.cli.progress import bar
from amends.cli.start import start
from amends.kit.errors import BadInput
from amends.kit.printable import printable
from amends.kit.translatable import Translatable

app = typer.Typer(no_args_is_help=True, help="Verify the ledger, and prove its facts to others.")
_JSON = typer.Option("--json", help="Print one JSON document.")
_FILE = typer.Argument(exists=True, dir_okay=False, help="The note, as the witness returned it.")


@app.command()
def verify(
    against: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="A checkpoint kept outside, as by a witness."
        ),
    ] = None,
    key: Annotated[
        str, typer.Option(help="The log's verifier key as published; its own if left out.")
    ] = "",
    deep: Annotated[
        bool, typer.Option("--deep", help="Also compute every derived column again.")
    ] = False,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Compare every fact with its hash, the tree with the facts, the checkpoint with the tree.

    Exit 0: all is as it was recorded. 1: something differs, and is named.
    """
    start()
    from amends.ledger.actions.verify import verify as verify_ledger
    from amends.ledger.queries.keys import parse_verifier_key
    from amends.ledger.queries.proofs import stated_in
    from amends.operations.records_with_facts import records_with_facts

    note = ""
    if against is not None:
        # As bytes: what was signed is compared with its line ends as they are.
        note = against.read_bytes().decode(errors="replace")
        stated_in(note)
    trusted = parse_verifier_key(key) if key else None
    with bar(_("Verifying"), quiet=as_json) as progress:
        answer = verify_ledger(
            against=note, key=trusted, deep=deep, records=records_with_facts(), progress=progress
        )
    if as_json:
        typer.echo(json.dumps(answer.as_dict(), ensure_ascii=False, indent=2))
    else:
        _tell(answer.as_dict())
    raise typer.Exit(0 if answer.ok else 1)


def _tell(answer: dict[str, Any]) -> None:
    console = Console(highlight=False, soft_wrap=True, markup=False)
    findings = answer["findings"]
    for one in findings:
        place = "" if one["entry"] is None else _("entry %(number)s: ") % {"number": one["entry"]}
        console.print(f"{place}{one['fact'] + ': ' if one['fact'] else ''}{spoken(one['what'])}")
    if len(findings) < answer["finding_count"]:
        console.print(_("… %(count)s findings in all.") % {"count": answer["finding_count"]})
    console.print(
        ngettext(
            "%(count)s entry, root %(root)s", "%(count)s entries, root %(root)s", answer["size"]
        )
        % {"count": f"{answer['size']:,}", "root": answer["root"]}
    )
    if pending := answer["pending"]:
        console.print(
            ngettext(
                "%(count)s more is recorded and awaits its number.",
                "%(count)s more are recorded and await their number.",
                pending,
            )
            % {"count": f"{pending:,}"}
        )
    if answer["against"] is not None and answer["ok"]:
        console.print(
            ngettext(
                "The log continues the checkpoint of %(count)s entry.",
                "The log continues the checkpoint of %(count)s entries.",
                answer["against"],
            )
            % {"count": f"{answer['against']:,}"}
        )
    if answer["not_shown"]:
        console.print(spoken(Translatable(answer["not_shown"])))
    if answer["not_examined"]:
        console.print(spoken(Translatable(answer["not_examined"])))
    if answer["ok"] and answer["deep"]:
        console.print(_("Everything is as it was recorded."), style="green")
    elif answer["ok"]:
        console.print(_("What was examined is as it was recorded."), style="green")
    else:
        console.print(_("The ledger is NOT as it was recorded."), style="bold red")


@app.command()
def prove(
    fact: Annotated[list[str], typer.Argument(help="Ids of facts, 32 digits each.")],
    out: Annotated[Path | None, typer.Option(help="Write the bundle here.")] = None,
    force: FORCE = False,
) -> None:
    """Print a proof bundle: a JSON document that verifies offline, without Amends."""
    check_output(out, force=force)
    start()
    from amends.ledger.queries import proof_bundle

    bundle = proof_bundle(fact)
    if out is None:
        typer.echo(bundle, nl=False)
        return
    out.write_text(bundle, encoding="utf-8")
    typer.echo(
        _("%(file)s: verify it with ledger/offline/verify_bundle.py and the log's key.")
        % {"file": printable(out)}
    )


@app.command()
def checkpoint(
    out: Annotated[Path | None, typer.Option(help="Write the note here.")] = None,
    hand_to: Annotated[
        Path | None,
        typer.Option(
            help="With --out: program that carries the file it is given to the witness.",
        ),
    ] = None,
    force: FORCE = False,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Number what is recorded, and print the newest checkpoint: give it to the witness daily.

    With --hand-to the installation knows when the witness last got one, and an alarm tells if none
    comes through.
    """
    if hand_to is not None and out is None:
        raise BadInput(
            _("--hand-to needs a file to hand over."), next_step=_("Name it with --out, too.")
        )
    check_output(out, force=force)
    start()
    from amends.ledger.actions.sequence import sequence
    from amends.ledger.queries import checkpoint_note, keys
    from amends.ledger.queries.proofs import stated_in

    sequence(now=datetime.now(UTC), holder=f"{socket.gethostname()}:{os.getpid()}")
    note = checkpoint_note()
    if out is not None:
        out.write_text(note, encoding="utf-8")
    if as_json:
        stated = stated_in(note)
        document = {
            "size": stated.size,
            "root": stated.root.hex(),
            "settled_ms": stated.settled_ms,
            "checkpoint": note,
            "key": str(keys.verifier_key()),
        }
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        typer.echo(note, nl=False)
    if hand_to is not None and out is not None:
        from amends.operations.witness_delivery import hand_over

        hand_over(out, hand_to, now=datetime.now(UTC))


@app.command()
def witness(
    note: Annotated[Path, _FILE],
    key: Annotated[str, typer.Option(help="The witness's verifier key.")],
) -> None:
    """Keep a witness's cosignature, so that proof bundles carry it."""
    start()
    from amends.ledger.actions.witness import witness as keep
    from amends.ledger.queries.keys import parse_verifier_key

    trusted = parse_verifier_key(key)
    keep(note.read_bytes().decode(errors="replace"), key=trusted, now=datetime.now(UTC))
    typer.echo(_("The cosignature of %(name)s is kept.") % {"name": trusted.name})


@app.command("key")
def verifier_key() -> None:
    """Print the log's verifier key, to publish where nobody can exchange it."""
    start()
    from amends.ledger.queries import keys

    typer.echo(str(keys.verifier_key()))
