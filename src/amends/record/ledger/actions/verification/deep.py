"""`--deep`: every derived column and table, computed again from canonical bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from amends.platform.kit.errors import AmendsError
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.vault.signed_notes import UnableToTrust, VerifierKey, read_note
from amends.record.facts.canonical import canonical_json
from amends.record.facts.coverage import statements_of
from amends.record.facts.fact import UnableToState
from amends.record.ledger.actions.verification.findings import Findings, Progress
from amends.record.ledger.actions.verification.indexes import verify_indexes
from amends.record.ledger.models import (
    Checkpoint,
    CoverageStatement,
    Segment,
    SegmentPart,
    SingleFact,
)
from amends.record.ledger.queries import tree
from amends.record.ledger.queries.cosignatures import KIND as WITNESSED
from amends.record.ledger.rules.checkpoints import (
    NO_NOTE,
    cosigned_at_s,
    note_digest,
    read_checkpoint,
    verified_checkpoint,
)
from amends.record.ledger.rules.lookup import stored_key
from amends.record.ledger.rules.parts import PART_ROWS

_STEP = 5000
_FACT_COLUMNS = (
    "id",
    "kind",
    "version",
    "subscriber",
    "subject",
    "happened_at_ms",
    "recorded_at_ms",
    "source",
)
_SEGMENT_COLUMNS = (
    ("segment", "id"),
    ("kind", "kind"),
    ("source", "source"),
    ("rows", "rows"),
    ("first_happened_at_ms", "first_happened_at_ms"),
    ("last_happened_at_ms", "last_happened_at_ms"),
    ("recorded_at_ms", "recorded_at_ms"),
)


def verify_derived(key: VerifierKey | None, findings: Findings, progress: Progress) -> None:
    """Compare every column, index and table that is derived from facts, and every signature."""
    with findings.unreadable():
        _verify_facts(findings, progress)
    with findings.unreadable():
        _verify_segments(findings)
    with findings.unreadable():
        verify_indexes(findings)
    with findings.unreadable():
        _verify_checkpoints(key, findings)


def _verify_facts(findings: Findings, progress: Progress) -> None:
    total = SingleFact.objects.count()
    coverage: dict[tuple[str, str], tuple[Any, ...]] = {}
    verified_count = 0
    for verified_count, rows in _facts_in_steps():
        for row in rows:
            _compare_fact(row, coverage, findings)
        progress(verified_count, total)
    if verified_count != total:
        findings.add(_("%(count)s facts have no id"), count=total - verified_count)
    _compare_coverage(coverage, findings)


def _verify_segments(findings: Findings) -> None:
    for segment in Segment.objects.order_by("id").iterator(chunk_size=100):
        _compare_segment(segment, findings)
    expected = sum(-(-rows // PART_ROWS) for rows in Segment.objects.values_list("rows", flat=True))
    if (stored := SegmentPart.objects.count()) != expected:
        findings.add(
            _("there are %(count)s parts of segments instead of %(expected)s"),
            count=stored,
            expected=expected,
        )


def _facts_in_steps() -> Iterator[tuple[int, list[tuple[Any, ...]]]]:
    columns = (*_FACT_COLUMNS, "subscriber_key", "subject_key", "canonical", "seq")
    verified_count, last = 0, ""
    while True:
        rows = list(
            SingleFact.objects.filter(id__gt=last).order_by("id").values_list(*columns)[:_STEP]
        )
        if not rows:
            return
        verified_count, last = verified_count + len(rows), rows[-1][0]
        yield verified_count, rows


def _compare_fact(
    row: tuple[Any, ...], coverage: dict[tuple[str, str], tuple[Any, ...]], findings: Findings
) -> None:
    *columns, subscriber_key, subject_key, canonical, seq = row
    try:
        stated = orjson.loads(bytes(canonical))
        same_form = _canonical(stated) == bytes(canonical)
        expected = [stated[name] for name in _FACT_COLUMNS]
    except (ValueError, KeyError, TypeError, UnableToState):
        findings.add(_("the canonical bytes are not a fact"), entry=seq, fact=row[0])
        return
    if not same_form or len(stated) != len(_FACT_COLUMNS) + 1:
        findings.add(_("the canonical bytes are not in canonical form"), entry=seq, fact=row[0])
    for name, column, value in zip(_FACT_COLUMNS, columns, expected, strict=True):
        if column != value:
            findings.add(
                _("the column %(name)s says %(stored)s, the fact says %(stated)s"),
                entry=seq,
                fact=row[0],
                name=name,
                stored=repr(column),
                stated=repr(value),
            )
    keys = [stored_key(str(expected[3])), stored_key(str(expected[4]))]
    if keys != [subscriber_key, subject_key]:
        findings.add(
            _("the keys it is found by are not its subscriber's and subject's"),
            entry=seq,
            fact=row[0],
        )
    if stated["kind"] == "SourceCovered":
        _expect_coverage(stated, coverage, findings)


def _expect_coverage(
    stated: dict[str, Any], coverage: dict[tuple[str, str], tuple[Any, ...]], findings: Findings
) -> None:
    try:
        statements = statements_of(
            stated["id"], stated["subject"], stated["payload"], stated["recorded_at_ms"]
        )
    except (KeyError, TypeError, ValueError):
        findings.add(_("the statement of coverage is not one"), fact=stated["id"])
        return
    for statement in statements:
        coverage[statement.fact, statement.kind] = (
            statement.source,
            statement.scope,
            statement.from_ms,
            statement.to_ms,
            statement.complete,
            statement.recorded_at_ms,
        )


def _canonical(stated: dict[str, Any]) -> bytes:
    """Canonical bytes; the fast way holds where all keys are ASCII, as in every fact so far."""
    written = orjson.dumps(stated, option=orjson.OPT_SORT_KEYS)
    return written if written.isascii() else canonical_json(stated)


def _compare_coverage(expected: dict[tuple[str, str], tuple[Any, ...]], findings: Findings) -> None:
    stored = {
        (row[0], row[1]): row[2:]
        for row in CoverageStatement.objects.values_list(
            "fact_id", "kind", "source", "scope", "from_ms", "to_ms", "complete", "recorded_at_ms"
        )
    }
    for fact, kind in sorted(expected.keys() | stored.keys()):
        if expected.get((fact, kind)) != stored.get((fact, kind)):
            findings.add(
                _("the coverage of %(kind)s is not what the fact states"), fact=fact, kind=kind
            )


def _compare_segment(segment: Segment, findings: Findings) -> None:
    try:
        header = orjson.loads(bytes(segment.canonical))
    except ValueError:
        return  # told by the pass over the entries already
    for name, column in _SEGMENT_COLUMNS:
        if header.get(name) != getattr(segment, column):
            findings.add(
                _("the column %(name)s says %(stored)s, the header says %(stated)s"),
                entry=segment.seq,
                fact=segment.id,
                name=column,
                stored=repr(getattr(segment, column)),
                stated=repr(header.get(name)),
            )


def _verify_checkpoints(key: VerifierKey | None, findings: Findings) -> None:
    before = NO_NOTE
    for checkpoint in Checkpoint.objects.order_by("size").iterator(chunk_size=1000):
        _compare_checkpoint(checkpoint, before, key, findings)
        before = note_digest(checkpoint.note)
    for fact in SingleFact.objects.filter(kind=WITNESSED).order_by("id"):
        stated = orjson.loads(bytes(fact.canonical))["payload"]
        try:
            note = Checkpoint.objects.filter(size=stated["size"]).values_list("note", flat=True)
            opened = read_note((note.first() or "") + stated["line"])
            at_s = cosigned_at_s(opened, VerifierKey.parse(stated["key"]))
            if at_s * 1000 != fact.happened_at_ms:
                raise UnableToTrust(_("It was given at another time."))
        except AmendsError as error:
            findings.add(
                _("a cosignature on size %(size)s does not hold: %(why)s"),
                entry=fact.seq,
                fact=fact.id,
                size=stated["size"],
                why=error,
            )


def _compare_checkpoint(
    checkpoint: Checkpoint, before: bytes, key: VerifierKey | None, findings: Findings
) -> None:
    try:
        stated = (
            read_checkpoint(read_note(checkpoint.note).text)
            if key is None
            else verified_checkpoint(checkpoint.note, key)
        )
        columns = (
            checkpoint.size,
            bytes(checkpoint.root),
            checkpoint.settled_ms,
            checkpoint.signed_at_ms,
        )
        if columns != (stated.size, stated.root, stated.settled_ms, stated.signed_ms):
            findings.add(
                _("the checkpoint of size %(size)s is not what its note says"),
                size=checkpoint.size,
            )
        if stated.before != before:
            findings.add(
                _("a checkpoint before the one of size %(size)s was taken away or changed"),
                size=checkpoint.size,
            )
        if tree.root(stated.size) != stated.root:
            findings.add(
                _("the checkpoint of size %(size)s has another root than the tree"),
                size=checkpoint.size,
            )
    except AmendsError as error:
        findings.add(
            _("the checkpoint of size %(size)s does not hold: %(why)s"),
            size=checkpoint.size,
            why=error,
        )
