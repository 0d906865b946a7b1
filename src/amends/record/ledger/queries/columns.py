"""All facts of one kind in a period, as columns: for rules over a whole period, not over a person.

Segments are found by their kind and time, facts that stand alone by an index over both: it costs an
append two hundredths more, and spares whoever asks for a rare kind the whole table.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pa_json

from amends.platform.kit.batches import slices
from amends.platform.kit.periods import to_ms
from amends.record.facts.kinds import KINDS
from amends.record.ledger.models import Segment, SegmentPart, SingleFact
from amends.record.ledger.rules.parts import PART_ROWS, unpack_once
from amends.record.ledger.rules.rows import fact_ids

_AT_ONCE = 5_000
# A part may have a hundred kilobytes.
_SEGMENTS_AT_ONCE = 16
_FILTERED_AT_ONCE = 64
_Where = tuple[str, Collection[str]] | None
_FRAME = ("id", "subscriber", "subject", "source")
_OF_FRAME = frozenset((*_FRAME, "happened_at_ms", "recorded_at_ms"))


def columns_of(
    kind: str,
    *,
    start: datetime | None = None,
    end: datetime,
    fields: Collection[str] | None = None,
    among: Collection[str] | None = None,
    where: tuple[str, Collection[str]] | None = None,
) -> pa.Table:
    """The facts of `kind` that happened in `[start, end)`, in order of happening, then of id.

    fields  the columns wanted besides these two; all if None. The others are not unpacked.
    among   given, only facts about these subscribers: for more of them than `facts_about_many` is
            made for
    where   a field of `fields` and values of it: only facts with one of these, sought before
            anything else is made of a row

    Columns: id, subscriber, subject, source, happened_at_ms, recorded_at_ms and every field of the
    kind's payload; one that a fact lacks is null. They hold pseudonyms and references only; whoever
    shows a person goes through `access`.
    """
    schema = _schema(kind)
    if fields is not None:
        wanted = {"id", "happened_at_ms", *fields}
        schema = pa.schema([field for field in schema if field.name in wanted])
    read = schema
    if among is not None and "subscriber" not in schema.names:
        read = schema.append(pa.field("subscriber", pa.string()))
    among_values = None if among is None else pa.array(among, pa.string())
    start_ms = 0 if start is None else to_ms(start)
    # A past comes in bulk, what happens since then alone.
    tables = chain(
        _rows(kind, start_ms, to_ms(end), read, where),
        _singles(kind, start_ms, to_ms(end), read, where),
    )
    parts = [*tables] if among_values is None else [*_about(tables, among_values)]
    parts = [part.select(schema.names) for part in parts] if read is not schema else parts
    columns = (pa.concat_tables(parts) if parts else schema.empty_table()).columns
    parts.clear()
    # In one piece: taking rows out of hundreds takes several times as long.
    _change(columns, lambda column: column.combine_chunks())
    _put_in_order(columns, schema)
    return pa.table(columns, schema=schema)


def _change(columns: list[Any], change: Callable[[Any], Any]) -> None:
    """Change one column after the other, so that a table never stands there twice."""
    for at in range(len(columns)):
        columns[at] = change(columns[at])


def _put_in_order(columns: list[Any], schema: pa.Schema) -> None:
    """By the moments of happening, then by id; as it is where it comes so, as feeds deliver it."""
    at_ms, ids = (columns[schema.get_field_index(name)] for name in ("happened_at_ms", "id"))
    steps = np.diff(at_ms.to_numpy())
    if steps.size == 0 or steps.min() > 0:
        return
    if steps.min() == 0:
        same = np.flatnonzero(steps == 0)
        if pc.all(pc.less(ids.take(pa.array(same)), ids.take(pa.array(same + 1)))).as_py():
            return
    keys = pa.table({"at_ms": at_ms, "id": ids})
    order = pc.sort_indices(keys, sort_keys=[("at_ms", "ascending"), ("id", "ascending")])
    _change(columns, lambda column: column.take(order))


def _schema(kind: str) -> pa.Schema:
    spec = KINDS[kind]
    fields = [pa.field(name, pa.string()) for name in _FRAME]
    fields += [pa.field(name, pa.int64()) for name in ("happened_at_ms", "recorded_at_ms")]
    for name, form in (spec.required | spec.optional).items():
        fields.append(pa.field(name, pa.int64() if form is int else pa.string()))
    return pa.schema(fields)


def _singles(
    kind: str, start_ms: int, end_ms: int, schema: pa.Schema, where: _Where = None
) -> Iterator[pa.Table]:
    rows = SingleFact.objects.filter(
        kind=kind, happened_at_ms__gte=start_ms, happened_at_ms__lt=end_ms
    ).order_by("happened_at_ms")
    waiting: list[bytes] = []
    for canonical in rows.values_list("canonical", flat=True).iterator(chunk_size=_AT_ONCE):
        waiting.append(bytes(canonical))
        if len(waiting) == _AT_ONCE:
            yield _fitting(_read(waiting, schema), where)
            waiting = []
    if waiting:
        yield _fitting(_read(waiting, schema), where)


def _fitting(table: pa.Table, where: _Where) -> pa.Table:
    return table if where is None else table.filter(_mask(table, where))


def _mask(table: pa.Table, where: tuple[str, Collection[str]]) -> Any:
    name, values = where
    return pc.is_in(table[name], value_set=pa.array(values, pa.string()))


def _read(canonical: list[bytes], schema: pa.Schema) -> pa.Table:
    """Facts from their canonical bytes, columns at once: an object for each row takes ten times."""
    body = b"\n".join(canonical)
    frame = [field for field in schema if field.name in _OF_FRAME]
    payload = pa.struct([field for field in schema if field.name not in _OF_FRAME])
    stated = [pa.field("payload", payload)] if payload.num_fields else []
    table = pa_json.read_json(
        pa.BufferReader(body),
        read_options=pa_json.ReadOptions(use_threads=False, block_size=len(body) + 1),
        parse_options=pa_json.ParseOptions(
            explicit_schema=pa.schema([*frame, *stated]),
            unexpected_field_behavior="ignore",
        ),
    ).combine_chunks()
    return pa.table(
        {
            field.name: table[field.name]
            if field.name in _OF_FRAME
            else pc.struct_field(table["payload"], field.name)
            for field in schema
        },
        schema=schema,
    )


def _rows(
    kind: str, start_ms: int, end_ms: int, schema: pa.Schema, where: _Where = None
) -> Iterator[pa.Table]:
    of_kind = Segment.objects.filter(
        kind=kind, last_happened_at_ms__gte=start_ms, first_happened_at_ms__lt=end_ms
    ).values_list("id", "source", "recorded_at_ms", "first_happened_at_ms", "last_happened_at_ms")
    # Joined to the parts, SQLite reads every part of every kind rather than sort those of one.
    segments = {row[0]: row[1:] for row in of_kind}
    for part, segment, packed, digest in _parts(sorted(segments)):
        source, recorded_at_ms, first_ms, last_ms = segments[segment]
        table = unpack_once(bytes(packed), bytes(digest), schema.names)
        ids = None
        if where is not None:
            fits = _mask(table, where)
            if not pc.any(fits).as_py():
                continue
            all_ids = fact_ids(segment, int(part[len(segment) :], 16) * PART_ROWS, table.num_rows)
            table, ids = table.filter(fits), all_ids.filter(fits)
        count = table.num_rows
        columns_by_name = {name: table[name] for name in table.column_names}
        if ids is None:
            ids = fact_ids(segment, int(part[len(segment) :], 16) * PART_ROWS, count)
        columns_by_name |= {
            "id": ids,
            "source": pa.repeat(source, count),
            "recorded_at_ms": pa.repeat(pa.scalar(recorded_at_ms, pa.int64()), count),
        }
        full_table = pa.table(
            [
                columns_by_name[field.name]
                if field.name in columns_by_name
                else pa.nulls(count, field.type)
                for field in schema
            ],
            schema=schema,
        )
        if start_ms <= first_ms and last_ms < end_ms:
            yield full_table
        else:
            at_ms = full_table["happened_at_ms"]
            yield full_table.filter(
                pc.and_(pc.greater_equal(at_ms, start_ms), pc.less(at_ms, end_ms))
            )


def _about(parts: Iterator[pa.Table], among: pa.Array) -> Iterator[pa.Table]:
    """The facts about some subscribers. Many parts at once: for each filter the names are laid out
    anew, which takes longer than going through one part."""
    while batch := [*islice(parts, _FILTERED_AT_ONCE)]:
        facts = pa.concat_tables(batch)
        yield facts.filter(pc.is_in(facts["subscriber"], value_set=among))


def _parts(segments: Sequence[str]) -> Iterator[tuple[str, str, bytes, bytes]]:
    """The parts of segments, in order: id, segment, columns, and the SHA-256 of these."""
    for part in slices(segments, _SEGMENTS_AT_ONCE):
        part_rows = SegmentPart.objects.filter(segment_id__in=part).order_by("id")
        yield from part_rows.values_list("id", "segment_id", "columns", "sha256")
