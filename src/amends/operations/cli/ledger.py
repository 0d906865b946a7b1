"""`amends ledger`: verify what is on record, prove a fact, publish a checkpoint, keep a witness."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amends.platform.cli.command import CheckFailed, command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import ngettext, translate_sentence
from amends.platform.cli.outputs import FORCE, check_output
from amends.platform.cli.progress import bar
from amends.platform.cli.render import View
from amends.platform.kit.errors import BadInput
from amends.platform.kit.printable import printable
from amends.platform.kit.translatable import Translatable

if TYPE_CHECKING:
    from amends.record.ledger.actions.verify import Verification

app = typer.Typer(no_args_is_help=True, help="Verify the ledger, and prove its facts to others.")
_FILE = typer.Argument(exists=True, dir_okay=False, help="The note, as the witness returned it.")


@dataclass(frozen=True, slots=True)
class ProofBundle:
    """A proof bundle, or the file it was written to."""

    bundle: str
    file: str


@dataclass(frozen=True, slots=True)
class NewestCheckpoint:
    """The newest checkpoint: size and root (hexadecimal) of the tree, and the signed note.

    settled_ms  milliseconds since 1970 before which every fact has its number
    key         verifier key of the log
    """

    size: int
    root: str
    settled_ms: int
    checkpoint: str
    key: str


@dataclass(frozen=True, slots=True)
class StoredCosignature:
    """The name of the witness whose cosignature was stored."""

    witness: str


@dataclass(frozen=True, slots=True)
class LogKey:
    """The verifier key of the log."""

    key: str


def _verification_view(answer: Verification) -> View:
    lines = []
    for finding in answer.findings:
        prefix = (
            "" if finding.entry is None else _("entry %(number)s: ") % {"number": finding.entry}
        )
        fact = f"{finding.fact}: " if finding.fact else ""
        lines.append(f"{prefix}{fact}{translate_sentence(finding.what)}")
    if len(answer.findings) < answer.finding_count:
        lines.append(_("… %(count)s findings in all.") % {"count": answer.finding_count})
    size = ngettext(
        "%(count)s entry, root %(root)s", "%(count)s entries, root %(root)s", answer.size
    )
    lines.append(size % {"count": f"{answer.size:,}", "root": answer.root})
    if answer.pending:
        waiting = ngettext(
            "%(count)s more is recorded and awaits its number.",
            "%(count)s more are recorded and await their number.",
            answer.pending,
        )
        lines.append(waiting % {"count": f"{answer.pending:,}"})
    if answer.against is not None and answer.ok:
        continued = ngettext(
            "The log continues the checkpoint of %(count)s entry.",
            "The log continues the checkpoint of %(count)s entries.",
            answer.against,
        )
        lines.append(continued % {"count": f"{answer.against:,}"})
    lines += [
        translate_sentence(Translatable(statement))
        for statement in (answer.not_shown, answer.not_examined)
        if statement
    ]
    if answer.ok and answer.deep:
        lines.append(_("Everything is as it was recorded."))
    elif answer.ok:
        lines.append(_("What was examined is as it was recorded."))
    else:
        lines.append(_("The ledger is NOT as it was recorded."))
    return View(notes=lines)


@app.command()
@command(view=_verification_view)
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
) -> Verification:
    """Compare every fact with its hash, the tree with the facts, the checkpoint with the tree.

    Exit 0: all is as it was recorded. 1: something differs, and is named.
    """
    from amends.operations.actions.records_with_facts import records_with_facts
    from amends.record.ledger.actions.verify import verify as verify_ledger
    from amends.record.ledger.queries.keys import parse_verifier_key
    from amends.record.ledger.queries.proofs import stated_in

    note = ""
    if against is not None:
        # As bytes: what was signed is compared with its line ends as they are.
        note = against.read_bytes().decode(errors="replace")
        stated_in(note)
    trusted = parse_verifier_key(key) if key else None
    with bar(_("Verifying")) as progress:
        answer = verify_ledger(
            against=note, key=trusted, deep=deep, records=records_with_facts(), progress=progress
        )
    if not answer.ok:
        raise CheckFailed(answer)
    return answer


def _bundle_view(proof_bundle: ProofBundle) -> View:
    if not proof_bundle.file:
        return View(text=proof_bundle.bundle)
    sentence = _("%(file)s: verify it with ledger/offline/verify_bundle.py and the log's key.")
    return View(notes=[sentence % {"file": printable(proof_bundle.file)}])


@app.command()
@command(view=_bundle_view)
def prove(
    fact: Annotated[list[str], typer.Argument(help="Ids of facts, 32 digits each.")],
    out: Annotated[Path | None, typer.Option(help="Write the bundle here.")] = None,
    force: FORCE = False,
) -> ProofBundle:
    """Print a proof bundle: a JSON document that verifies offline, without Amends."""
    check_output(out, force=force)
    from amends.record.ledger.queries import proof_bundle

    bundle = proof_bundle(fact)
    if out is None:
        return ProofBundle(bundle, "")
    out.write_text(bundle, encoding="utf-8")
    return ProofBundle("", str(out))


def _checkpoint_view(newest_checkpoint: NewestCheckpoint) -> View:
    return View(text=newest_checkpoint.checkpoint)


@app.command()
@command(view=_checkpoint_view)
def checkpoint(
    out: Annotated[Path | None, typer.Option(help="Write the note here.")] = None,
    hand_to: Annotated[
        Path | None,
        typer.Option(
            help="With --out: program that carries the file it is given to the witness.",
        ),
    ] = None,
    force: FORCE = False,
) -> NewestCheckpoint:
    """Number what is recorded, and print the newest checkpoint: give it to the witness daily.

    With --hand-to the installation knows when the witness last got one, and an alarm tells if none
    comes through.
    """
    if hand_to is not None and out is None:
        raise BadInput(
            _("--hand-to needs a file to hand over."), next_step=_("Name it with --out, too.")
        )
    check_output(out, force=force)
    from amends.record.ledger.actions.sequence import sequence
    from amends.record.ledger.queries import checkpoint_note, keys
    from amends.record.ledger.queries.proofs import stated_in

    sequence(now=datetime.now(UTC), holder=f"{socket.gethostname()}:{os.getpid()}")
    note = checkpoint_note()
    if out is not None:
        out.write_text(note, encoding="utf-8")
    if hand_to is not None and out is not None:
        from amends.operations.actions.witness_delivery import hand_over

        hand_over(out, hand_to, now=datetime.now(UTC))
    stated = stated_in(note)
    return NewestCheckpoint(
        size=stated.size,
        root=stated.root.hex(),
        settled_ms=stated.settled_ms,
        checkpoint=note,
        key=str(keys.verifier_key()),
    )


def _cosignature_view(stored_cosignature: StoredCosignature) -> View:
    return View(
        notes=[_("The cosignature of %(name)s is kept.") % {"name": stored_cosignature.witness}]
    )


@app.command()
@command(view=_cosignature_view)
def witness(
    note: Annotated[Path, _FILE],
    key: Annotated[str, typer.Option(help="The witness's verifier key.")],
) -> StoredCosignature:
    """Store a witness's cosignature, so that proof bundles include it."""
    from amends.record.ledger.actions.witness import witness as keep
    from amends.record.ledger.queries.keys import parse_verifier_key

    trusted = parse_verifier_key(key)
    keep(note.read_bytes().decode(errors="replace"), key=trusted, now=datetime.now(UTC))
    return StoredCosignature(trusted.name)


def _key_view(log_key: LogKey) -> View:
    return View(text=log_key.key + "\n")


@app.command("key")
@command(view=_key_view)
def verifier_key() -> LogKey:
    """Print the log's verifier key, to publish where nobody can exchange it."""
    from amends.record.ledger.queries import keys

    return LogKey(str(keys.verifier_key()))
