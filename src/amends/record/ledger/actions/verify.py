"""Verify the ledger, on its own and against an older checkpoint kept elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.db.models import Q

from amends.platform.database import triggers as database_triggers
from amends.platform.database.snapshot import snapshot
from amends.platform.kit.errors import AmendsError
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.vault.signed_notes import VerifierKey, read_note
from amends.record.ledger import triggers
from amends.record.ledger.actions.verification.deep import verify_derived
from amends.record.ledger.actions.verification.entries import verify_entries
from amends.record.ledger.actions.verification.findings import (
    MOST_FINDINGS,
    Findings,
    Progress,
    Verification,
    verification_of,
)
from amends.record.ledger.actions.verification.pending import verify_pending
from amends.record.ledger.actions.verification.segments import verify_segments
from amends.record.ledger.models import Checkpoint, Segment, SingleFact
from amends.record.ledger.queries import keys, tree
from amends.record.ledger.rules.checkpoints import verified_checkpoint
from amends.record.ledger.rules.merkle import is_consistent

__all__ = ["Verification", "verify"]


def verify(
    *,
    against: str = "",
    key: VerifierKey | None = None,
    deep: bool = False,
    records: Sequence[str] = (),
    progress: Progress = lambda verified_count, total: None,
) -> Verification:
    """Compare everything on record with its hashes, the tree with the entries, the checkpoint with
    the tree; what differs is named.

    against   the note of a checkpoint kept by someone else; the log must continue it
    key       the log's verifier key as published; the data directory's own if None
    deep      also compute every derived column, index and table again, and check every signature
    records   names of tables outside the ledger that hold rows: then the log cannot be empty
    progress  is told (done, total) from time to time

    Reads one moment's state, and may run while facts are appended.
    """
    with snapshot():
        return _verify(against, key, deep, records, progress)


def _verify(
    against: str, key: VerifierKey | None, deep: bool, records: Sequence[str], progress: Progress
) -> Verification:
    findings = Findings()
    trusted = key or keys.known_verifier_key()
    head = tree.head()
    size = head.size if head else 0
    numbered = sum(
        model.objects.filter(seq__isnull=False).count() for model in (SingleFact, Segment)
    )
    # A size that was made up does not let this go on for ever: the rest is missing.
    entry_limit = min(size, numbered + MOST_FINDINGS)
    total = entry_limit + Segment.objects.count()
    root, pending, older = b"", 0, None
    with findings.unreadable():
        root = verify_entries(
            entry_limit, findings, lambda verified_count, _: progress(verified_count, total)
        ).root
    with findings.unreadable():
        _compare_head(head, root, trusted, findings)
    with findings.unreadable():
        verify_segments(findings, progress, verified_count=entry_limit, total=total)
    with findings.unreadable():
        pending = verify_pending(findings)
    if against:
        with findings.unreadable():
            older = _compare_older(against, size, trusted, findings)
    for name in (*database_triggers.missing(connection), *triggers.missing(connection)):
        findings.add(_("the trigger %(name)s, which refuses changes, is missing"), name=name)
    if deep:
        verify_derived(trusted, findings, progress)
    if records and not size and not pending:
        findings.add(
            _("the ledger is empty, and there are records that never come without facts: %(of)s"),
            of=", ".join(records),
        )
    return verification_of(
        findings,
        size=size,
        root=root,
        checkpoint=head.note if head else "",
        pending=pending,
        deep=deep,
        against=older,
    )


def _compare_head(
    head: Checkpoint | None, root: bytes, key: VerifierKey | None, findings: Findings
) -> None:
    size = head.size if head else 0
    for model in (SingleFact, Segment):
        outside = model.objects.filter(Q(seq__gte=size) | Q(seq__lt=0))
        for row, seq in outside.values_list("id", "seq")[:100]:
            findings.add(_("has a number the log does not reach"), entry=seq, fact=row)
    if head is None:
        return
    if key is None:
        findings.add(_("there is no key to verify the checkpoint with; give it with --key"))
        return
    try:
        stated = verified_checkpoint(head.note, key)
    except AmendsError as error:
        findings.add(_("the latest checkpoint does not hold: %(why)s"), why=error)
        return
    if (stated.size, stated.root) != (head.size, root):
        findings.add(
            _(
                "the entries give the root %(root)s, the checkpoint says %(stated)s over %(size)s "
                "entries"
            ),
            root=root.hex(),
            stated=stated.root.hex(),
            size=stated.size,
        )


def _compare_older(note: str, size: int, key: VerifierKey | None, findings: Findings) -> int | None:
    """Whether the present log continues the checkpoint in `note`; that one's size."""
    if key is None:
        return None
    try:
        older = verified_checkpoint(note, key)
    except AmendsError as error:
        findings.add(_("the checkpoint compared with is not one of this log: %(why)s"), why=error)
        return None
    if older.size > size:
        findings.add(
            _(
                "the log has %(size)s entries; the checkpoint compared with had %(older)s: entries "
                "were taken away"
            ),
            size=size,
            older=older.size,
        )
        return older.size
    if older.size == 0:
        return 0
    try:
        path = tree.consistency_path(older.size, size)
        continued = tree.root(older.size) == older.root and is_consistent(
            older.size, size, path, older.root, tree.root(size)
        )
    except AmendsError as error:
        findings.add(_("the stored tree cannot be read: %(why)s"), why=error)
        return older.size
    if not continued:
        findings.add(
            _(
                "the first %(size)s entries are not those the checkpoint compared with was signed "
                "over: history was changed"
            ),
            size=older.size,
        )
        return older.size
    stored_checkpoint = Checkpoint.objects.filter(size=older.size).first()
    if stored_checkpoint is None or read_note(stored_checkpoint.note).text != read_note(note).text:
        findings.add(
            _("the checkpoint compared with, of size %(size)s, is not on record as it was signed"),
            size=older.size,
        )
    return older.size
