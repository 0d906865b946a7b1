"""Append facts inside the caller's transaction: what cannot be recorded does not happen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, connection, transaction

from amends.platform.database.rows import for_each
from amends.platform.kit.errors import Refused
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.periods import to_ms
from amends.record.facts.canonical import fact_bytes, is_fact_id, leaf_hash
from amends.record.facts.coverage import statements_of
from amends.record.facts.fact import Fact, UnableToState
from amends.record.ledger.models import CoverageStatement, SingleFact
from amends.record.ledger.queries import sql
from amends.record.ledger.rules.lookup import stored_key

_COLUMNS = (
    "id",
    "kind",
    "version",
    "subscriber",
    "subject",
    "happened_at_ms",
    "recorded_at_ms",
    "source",
    "leaf_hash",
    "canonical",
    "subscriber_key",
    "subject_key",
)
_INSERT = (
    f"INSERT INTO {SingleFact._meta.db_table} ({', '.join(_COLUMNS)}) "  # noqa: S608 (own names)
    f"VALUES ({', '.join(['%s'] * len(_COLUMNS))})"
)
_LIMITS = {"subscriber": 64, "subject": 120, "source": 40}
_SHORTEST_LIMIT = min(_LIMITS.values())


class UnableToAppend(Refused):
    """The facts were not recorded, and the transaction they belong to will not commit."""

    code = "fact_not_recorded"


def append(facts: Iterable[Fact], *, now: datetime) -> None:
    """Record `facts` as of `now`, all or none, in the transaction the caller has open.

    Only rows of its own are written: any number of writers append at once, and the sequencer gives
    the numbers later. Raises `UnableToAppend` outside a transaction and for an id already on
    record, `UnableToState` for text the ledger cannot hold; either way the transaction is lost.
    """
    if not connection.in_atomic_block:
        raise UnableToAppend(
            _("Facts are recorded inside a transaction only."),
            next_step=_("Open transaction.atomic() around the action and its facts."),
        )
    with transaction.atomic(savepoint=False):
        if not (stated := list(facts)):
            return
        recorded_at_ms = recording_time_ms(now)
        rows = [_row(fact, recorded_at_ms) for fact in stated]
        try:
            for_each(_INSERT, rows)
        except IntegrityError as error:
            raise UnableToAppend(
                _("A fact with this id is already on record."),
                next_step=_("Read it back with facts_about, or give the new fact its own id."),
            ) from error
        _state_coverage(stated, recorded_at_ms)


def recording_time_ms(now: datetime) -> int:
    """`now`, or the moment the log has already settled if that is later (a clock set back).

    A checkpoint promises that every fact recorded before its settled moment is inside; a fact
    appended afterwards must not claim to be older than that promise.
    """
    newest = sql.row(sql.NEWEST)
    return max(to_ms(now), newest[1] if newest else 0)


def _row(fact: Fact, recorded_at_ms: int) -> tuple[object, ...]:
    if not is_fact_id(fact.id):
        raise UnableToState(
            _("“%(id)s” is not an id of 32 hexadecimal digits."),
            values={"id": fact.id},
        )
    canonical = fact_bytes(fact, recorded_at_ms=recorded_at_ms)
    lengths = len(fact.subscriber), len(fact.subject), len(fact.source)
    if b"\\u0000" in canonical or max(lengths) > _SHORTEST_LIMIT:
        _check_columns(fact)
    return (
        fact.id,
        fact.kind,
        fact.version,
        fact.subscriber,
        fact.subject,
        to_ms(fact.happened_at),
        recorded_at_ms,
        fact.source,
        leaf_hash(canonical),
        canonical,
        stored_key(fact.subscriber),
        stored_key(fact.subject),
    )


def _check_columns(fact: Fact) -> None:
    """Refuse what one of the two databases would refuse or cut, so both hold the same facts."""
    for name, limit in _LIMITS.items():
        value = getattr(fact, name)
        if "\x00" in value:
            raise UnableToState(
                _("%(kind)s.%(name)s holds a NUL character."),
                values={"kind": fact.kind, "name": name},
            )
        if len(value) > limit:
            raise UnableToState(
                _("%(kind)s.%(name)s is longer than %(limit)s characters."),
                values={"kind": fact.kind, "name": name, "limit": limit},
            )


def _state_coverage(facts: list[Fact], recorded_at_ms: int) -> None:
    if all(fact.kind != "SourceCovered" for fact in facts):
        return
    CoverageStatement.objects.bulk_create(
        CoverageStatement(
            fact_id=statement.fact,
            source=statement.source,
            kind=statement.kind,
            scope=statement.scope,
            from_ms=statement.from_ms,
            to_ms=statement.to_ms,
            complete=statement.complete,
            recorded_at_ms=statement.recorded_at_ms,
        )
        for fact in facts
        if fact.kind == "SourceCovered"
        for statement in statements_of(fact.id, fact.subject, fact.payload, recorded_at_ms)
    )
