"""Keep a witness's cosignature: someone outside saw this checkpoint and no other history."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.periods import from_ms, to_ms
from amends.platform.vault.signed_notes import VerifierKey, read_note
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.models import Checkpoint
from amends.record.ledger.queries.cosignatures import KIND, Cosignature, cosignatures, subject_of
from amends.record.ledger.queries.keys import verifier_key
from amends.record.ledger.rules.checkpoints import cosigned_at_s, verified_checkpoint

# A witness's clock may run a little ahead of ours.
_AHEAD_MS = 300_000


class UnableToWitness(BadInput):
    """The cosignature was not kept: it is not one on a checkpoint of this log."""

    code = "cosignature_not_kept"


def witness(note: str, *, key: VerifierKey, now: datetime) -> None:
    """Keep the cosignature of `key` on a checkpoint of this log.

    note   the checkpoint as the witness returned it: the log's note and the witness's line
    key    the witness's verifier key, had from the witness itself

    The cosignature is a fact, so the tree protects it like every other.

    Raises `UnableToTrust` if a signature does not fit, `UnableToWitness` if the log has no such
    checkpoint. Keeping the same cosignature twice changes nothing.
    """
    stated = verified_checkpoint(note, verifier_key())
    opened = read_note(note)
    at_s = cosigned_at_s(opened, key)
    if at_s * 1000 > to_ms(now) + _AHEAD_MS:
        raise UnableToWitness(
            _("The cosignature of %(name)s is dated in the future."),
            values={"name": key.name},
        )
    stored_checkpoint = Checkpoint.objects.filter(size=stated.size).first()
    if stored_checkpoint is None or read_note(stored_checkpoint.note).text != opened.text:
        raise UnableToWitness(
            _("This log signed no such checkpoint of size %(size)s."),
            meaning=_(
                "Either the note belongs to another log, or this log was put back or changed."
            ),
            next_step=_("Run amends ledger verify --against the witness's note."),
            values={"size": stated.size},
        )
    line = str(opened.by(key))
    if Cosignature(str(key), line, at_s) not in cosignatures(stated.size):
        fact = Fact(
            kind=KIND,
            subscriber="",
            subject=subject_of(stated.size),
            happened_at=from_ms(at_s * 1000),
            source="ledger",
            payload={"size": stated.size, "key": str(key), "line": line},
        )
        with transaction.atomic():
            append([fact], now=now)
