"""What the columns of a segment must be: the fields of their kind, of their types, none missing."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from amends.platform.kit.errors import gettext_noop as _
from amends.record.facts.fact import UnableToState
from amends.record.facts.kinds import KINDS

_LIMITS = {"subject": 120, "subscriber": 64}
_LARGEST = 2**53 - 1
MAX_ROWS = 10_000
BASE = {"happened_at_ms": int, "subject": str, "subscriber": str}


def check_columns(kind: str, columns: Any) -> Any:
    """The columns as one Arrow table in fixed order and types; `UnableToState` names what is wrong.

    >>> check_columns("ServiceStopped", {"subscriber": ["p"], "subject": ["s"],
    ...     "happened_at_ms": [1], "initiator": ["user"]}).column_names
    ['happened_at_ms', 'subject', 'subscriber', 'initiator']
    """
    spec = KINDS.get(kind)
    if spec is None:
        raise UnableToState(
            _("There is no kind of fact called %(kind)s."),
            values={"kind": kind},
        )
    fact_table = as_table(columns)
    if not 0 < fact_table.num_rows <= MAX_ROWS:
        raise UnableToState(
            _("A segment has 1 to %(max_rows)s rows, not %(num_rows)s."),
            values={"max_rows": f"{MAX_ROWS:,}", "num_rows": f"{fact_table.num_rows:,}"},
        )
    wanted = {**BASE, **spec.required, **spec.optional}
    for name in fact_table.column_names:
        if name not in wanted:
            raise UnableToState(
                _("%(kind)s has no field %(name)s."),
                values={"kind": kind, "name": name},
            )
    checked = {}
    for name in [*BASE, *sorted(wanted.keys() - BASE.keys())]:
        if name in fact_table.column_names:
            checked[name] = _checked(kind, name, wanted[name], fact_table.column(name))
        elif name not in spec.optional:
            raise UnableToState(
                _("%(kind)s lacks %(name)s."),
                values={"kind": kind, "name": name},
            )
        if name not in spec.optional and checked[name].null_count:
            row = pc.index(pc.is_null(checked[name]), True).as_py()
            raise UnableToState(
                _("%(kind)s lacks %(name)s in row %(row)s."),
                values={"kind": kind, "name": name, "row": row},
            )
    for name, limit in _LIMITS.items():
        if pc.max(pc.utf8_length(checked[name])).as_py() > limit:
            raise UnableToState(
                _("%(kind)s.%(name)s is longer than %(limit)s characters."),
                values={"kind": kind, "name": name, "limit": limit},
            )
        if pc.any(pc.match_substring(checked[name], "\x00")).as_py():
            raise UnableToState(
                _("%(kind)s.%(name)s holds a NUL character."),
                values={"kind": kind, "name": name},
            )
    return pa.table(
        {name: column for name, column in checked.items() if column.null_count < len(column)}
    )


def as_table(columns: Any) -> Any:
    """A dict of lists, or an Arrow or Polars table, as an Arrow table."""
    if isinstance(columns, pa.Table):
        return columns
    try:
        # Polars' own conversion gives categories of strings; the generic one, of string views.
        return columns.to_arrow() if hasattr(columns, "to_arrow") else pa.table(columns)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise UnableToState(
            _("The columns do not make a table (%(why)s)."),
            values={"why": error},
        ) from error


def _checked(kind: str, name: str, expected: type, column: Any) -> Any:
    column_type = column.type
    value = column_type.value_type if pa.types.is_dictionary(column_type) else column_type
    fits = pa.types.is_integer(value) if expected is int else _is_text(value)
    if not fits and not pa.types.is_null(value):
        raise UnableToState(
            _("%(kind)s.%(name)s must be %(name2)s, not %(value)s."),
            values={"kind": kind, "name": name, "name2": expected.__name__, "value": value},
        )
    try:
        cast = column.cast(pa.int64() if expected is int else pa.string())
        full_column = whole_column(cast)
        full_column.validate(full=True)
    except pa.ArrowException as error:
        raise UnableToState(
            _("%(kind)s.%(name)s cannot be read (%(why)s)."),
            values={"kind": kind, "name": name, "why": error},
        ) from error
    if expected is int and full_column.null_count < len(full_column):
        span = pc.min_max(full_column)
        if span["min"].as_py() < -_LARGEST or span["max"].as_py() > _LARGEST:
            raise UnableToState(
                _("%(kind)s.%(name)s is beyond the integers JSON can carry."),
                values={"kind": kind, "name": name},
            )
    return full_column


def _is_text(value: Any) -> bool:
    return bool(
        pa.types.is_string(value)
        or pa.types.is_large_string(value)
        or pa.types.is_string_view(value)
    )


def whole_column(column: Any) -> Any:
    """A column as one array."""
    combined = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return pa.concat_arrays(combined.chunks) if isinstance(combined, pa.ChunkedArray) else combined
