"""Usage records of a feed, as Arrow columns, into the engine's columns: pure.

record        id of the record, a text or a 64-bit number
service|line  reference of the service, or the number the line was enrolled under
at|at_ms      when it was used: a moment with its zone, or milliseconds since 1970
kind          data, voice, sms or charge
amount        bytes, seconds or messages; negative where an earlier record is corrected
charge_minor  money it adds to the bill, in minor units (0 if left out)
country       two letters where it was used abroad (at home if left out)

A file of `service`, `at` and `country` alone says where the network registered lines: such a row
uses nothing, and begins or ends a journey as a record of use would.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from amends.engines.metering.engine.layout import (
    KINDS,
    MALFORMED,
    Array,
    UsageColumns,
    country_code,
)
from amends.engines.metering.usage.text_ids import text_ids
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _

REQUIRED = (("record",), ("service", "line"), ("at", "at_ms"), ("kind",), ("amount",))
OPTIONAL = ("charge_minor", "country")
REGISTERED = ("record", "kind", "amount")
"""What a registration of the network lacks, and a record of use has."""
_WHOLE = r"^\s*[+-]?[0-9]{1,18}\s*$"
_NOTHING = 0


class UnableToReadUsage(BadInput):
    """The file does not hold usage records in a form that can be counted."""

    code = "usage_unreadable"


class Finds(Protocol):
    """Knows which service has which line number."""

    def find(self, services: Any) -> Array:
        """The line of each service, -1 where it is not enrolled."""


@dataclass(frozen=True, slots=True)
class Roster:
    """Which service has which line number: hashes in order, and the line of each."""

    hashes: Array
    lines: Array

    def find(self, services: Any) -> Array:
        """The line of each service, -1 where it is not enrolled."""
        if not len(self.hashes):
            return np.full(len(services), -1, np.int64)
        wanted = text_ids(services)
        hash_index = np.minimum(np.searchsorted(self.hashes, wanted), len(self.hashes) - 1)
        return np.where(self.hashes[hash_index] == wanted, self.lines[hash_index], -1)


def roster_of(services: Any) -> Roster:
    """The roster of services numbered 0, 1, 2 …

    >>> roster_of(pa.array(["svc-a", "svc-b"])).find(pa.array(["svc-b", "svc-c"])).tolist()
    [1, -1]
    """
    hashes = text_ids(services)
    order = np.argsort(hashes)
    return Roster(hashes[order], order)


@dataclass(slots=True)
class RosterWhenAsked:
    """A roster that is made when a service is first looked for: many feeds number their lines.

    >>> RosterWhenAsked(pa.array(["svc-a", "svc-b"])).find(pa.array(["svc-b"])).tolist()
    [1]
    """

    services: Any
    _made: Roster | None = None

    def find(self, services: Any) -> Array:
        """The line of each service, -1 where it is not enrolled."""
        if self._made is None:
            self._made = roster_of(self.services)
        return self._made.find(services)


def check_columns(names: list[str], *, where: str, at: Mapping[str, object] | None = None) -> None:
    """Refuse a file that lacks a column, or has one twice, naming it.

    where, at  as `BadInput` has them
    """
    twice = [name for name in wanted_columns(names) if names.count(name) > 1]
    if twice:
        raise UnableToReadUsage(
            _("The column %(column)s is there twice."),
            meaning=_("No record of the file was counted."),
            next_step=_("Leave one of them out."),
            where=where,
            at=at,
            values={"column": twice[0]},
        )
    if is_registrations(names):
        return
    missing = [
        "|".join(alternatives) for alternatives in REQUIRED if not set(alternatives) & set(names)
    ]
    if missing:
        raise UnableToReadUsage(
            _("The column %(column)s is missing."),
            meaning=_("No record of the file was counted."),
            next_step=_("A file needs record, service (or line), at (or at_ms), kind and amount."),
            where=where,
            at=at,
            values={"column": missing[0]},
        )


def is_registrations(names: Sequence[str]) -> bool:
    """Whether columns are those of registrations.

    >>> is_registrations(["service", "at", "country"]), is_registrations(["service", "at_ms"])
    (True, False)
    """
    name_set = set(names)
    return (
        {"service", "country"} <= name_set
        and bool({"at", "at_ms"} & name_set)
        and not (name_set & set(REGISTERED))
    )


def wanted_columns(names: list[str]) -> list[str]:
    """The columns to read, in order."""
    known_columns = {name for alternatives in REQUIRED for name in alternatives} | set(OPTIONAL)
    return [name for name in names if name in known_columns]


def columns(table: Any, roster: Finds) -> tuple[UsageColumns, Array]:
    """The records, and for each `COUNTED`, or `MALFORMED` where a value cannot be read.

    Raises `UnableToReadUsage` where a column is of a kind that holds no such values at all.
    """
    try:
        return _columns(table, roster)
    except pa.ArrowException as error:
        raise UnableToReadUsage(
            _("A column cannot be read as what its name says (%(why)s)."),
            meaning=_("No record from here on was counted."),
            next_step=_("Give texts in UTF-8 and whole numbers, no lists or structures."),
            values={"why": str(error)},
        ) from error


def _columns(table: Any, roster: Finds) -> tuple[UsageColumns, Array]:
    rows = table.num_rows
    bad = np.zeros(rows, np.bool_)
    if is_registrations(table.column_names):
        table = _as_records(table)
    names = table.column_names
    record = _records(_one(table, "record"), bad)
    line = (
        _whole(_one(table, "line"), bad) if "line" in names else roster.find(_one(table, "service"))
    )
    at_ms = _whole(_one(table, "at_ms"), bad) if "at_ms" in names else _moments(table, bad)
    kind = _kinds(_one(table, "kind"))
    amount = _whole(_one(table, "amount"), bad)
    zeros = np.zeros(rows, np.int64)
    charge = (
        _whole(_one(table, "charge_minor"), bad, empty=True) if "charge_minor" in names else zeros
    )
    country = (
        _countries(_one(table, "country"), bad) if "country" in names else zeros.astype(np.uint16)
    )
    treatment = bad.view(np.uint8) * np.uint8(MALFORMED)
    return UsageColumns(
        record=record,
        line=line,
        at_ms=at_ms,
        kind=kind,
        amount=amount,
        charge=charge,
        country=country,
    ), treatment


def _as_records(table: Any) -> Any:
    """Registrations as records that use nothing; one that comes twice is one."""
    at = "at_ms" if "at_ms" in table.column_names else "at"
    texts = [pc.fill_null(table[name].cast(pa.string()), "") for name in ("service", at, "country")]
    record = pc.binary_join_element_wise("registered", *texts, "\x1f")
    rows = table.num_rows
    return (
        table.append_column("record", record)
        .append_column("kind", pa.repeat("voice", rows))
        .append_column("amount", pa.repeat(pa.scalar(0, pa.int64()), rows))
    )


def _one(table: Any, name: str) -> Any:
    column = table.column(name)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    single = column
    if isinstance(column, pa.ChunkedArray):  # of one chunk no copy is made
        single = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    if isinstance(single, pa.ChunkedArray):
        single = pa.concat_arrays(single.chunks)
    return single


def _whole(column: Any, bad: Array, *, empty: bool = False) -> Array:
    """Whole numbers; what is none is bad, and counts as 0. `empty`: nothing written means 0."""
    if pa.types.is_integer(column.type):
        if column.null_count:
            if not empty:
                bad |= pc.is_null(column).to_numpy(False)
            column = pc.fill_null(column, 0)
        if pa.types.is_uint64(column.type):
            clipped: Array = np.minimum(column.to_numpy(), 2**62).astype(np.int64)
            return clipped
        return column.to_numpy().astype(np.int64, copy=False)  # type: ignore[no-any-return]
    texts = column.cast(pa.string())
    fits = pc.fill_null(pc.match_substring_regex(texts, _WHOLE), False)
    blank = pc.equal(pc.utf8_trim_whitespace(pc.fill_null(texts, "")), "")
    wrong = ~fits.to_numpy(False)
    bad |= wrong & ~blank.to_numpy(False) if empty else wrong
    cleaned = pc.if_else(fits, pc.utf8_trim_whitespace(pc.fill_null(texts, "0")), "0")
    return pc.utf8_ltrim(cleaned, "+").cast(pa.int64()).to_numpy()  # type: ignore[no-any-return]


def _records(column: Any, bad: Array) -> Array:
    if column.null_count:
        bad |= pc.is_null(column).to_numpy(False)
    if pa.types.is_integer(column.type):
        filled = pc.fill_null(column, 0) if column.null_count else column
        return filled.to_numpy().astype(np.uint64, copy=False)  # type: ignore[no-any-return]
    texts = column.cast(pa.string())
    bad |= pc.equal(pc.fill_null(texts, ""), "").to_numpy(False)
    return text_ids(texts)


def _moments(table: Any, bad: Array) -> Array:
    column = _one(table, "at")
    if pa.types.is_timestamp(column.type):
        if column.type.tz is None:
            raise UnableToReadUsage(
                _("The column at has moments without a zone."),
                next_step=_("Give moments with their zone, or at_ms."),
            )
        moments = column.cast(pa.timestamp("ms", tz="UTC"), safe=False)
    else:
        moments = _parsed(column.cast(pa.string()))
    bad |= pc.is_null(moments).to_numpy(False)
    return pc.fill_null(moments.cast(pa.int64()), _NOTHING).to_numpy()  # type: ignore[no-any-return]


_MOMENT = (
    r"^(?P<moment>[0-9]{4}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-5][0-9]:[0-5][0-9])"
    r"(?P<part>\.[0-9]{1,9})?(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})$"
)


def _parsed(texts: Any) -> Any:
    """ISO 8601 with a zone; null where it is not that."""
    parts = pc.extract_regex(texts, _MOMENT)
    moment = pc.struct_field(parts, "moment")
    zone = pc.struct_field(parts, "zone")
    local = pc.strptime(
        pc.replace_substring(moment, "T", " "),
        format="%Y-%m-%d %H:%M:%S",
        unit="ms",
        error_is_null=True,
    )
    digits = pc.replace_substring(pc.if_else(pc.equal(zone, "Z"), "+0000", zone), ":", "")
    hours = pc.utf8_slice_codeunits(digits, 1, 3).cast(pa.int64())
    minutes = pc.utf8_slice_codeunits(digits, 3, 5).cast(pa.int64())
    offset = pc.add(pc.multiply(hours, 3_600_000), pc.multiply(minutes, 60_000))
    signed = pc.if_else(pc.starts_with(digits, "-"), pc.negate(offset), offset)
    return pc.subtract(local.cast(pa.int64()), signed)


def _kinds(column: Any) -> Array:
    if pa.types.is_uint8(column.type) and not column.null_count:
        small: Array = np.minimum(column.to_numpy(), np.uint8(len(KINDS)))
        return small
    if pa.types.is_integer(column.type):
        numbers = pc.fill_null(column, len(KINDS)).to_numpy().astype(np.int64)
        outside = (numbers < 0) | (numbers > len(KINDS))
        return np.where(outside, len(KINDS), numbers).astype(np.uint8)
    kind_index = pc.index_in(
        pc.utf8_lower(pc.utf8_trim_whitespace(column.cast(pa.string()))),
        value_set=pa.array(KINDS),
    )
    return pc.fill_null(kind_index, len(KINDS)).to_numpy().astype(np.uint8)  # type: ignore[no-any-return]


def _countries(column: Any, bad: Array) -> Array:
    if pa.types.is_uint16(column.type) and not column.null_count:
        code_numbers = column.to_numpy()
        if not len(code_numbers) or code_numbers.max() <= country_code("ZZ"):
            return code_numbers  # type: ignore[no-any-return]
    if pa.types.is_integer(column.type):
        numbers = pc.fill_null(column, 0).to_numpy().astype(np.int64)
        wrong = (numbers < 0) | (numbers > country_code("ZZ"))
        bad |= wrong
        return np.where(wrong, 0, numbers).astype(np.uint16)
    coded = pc.fill_null(column.cast(pa.string()), "").dictionary_encode()
    codes, wrong = [], []
    for text in coded.dictionary.to_pylist():
        letters = text.strip().upper()
        fits = len(letters) == 2 and letters.isascii() and letters.isalpha()
        codes.append(country_code(letters) if fits else 0)
        wrong.append(bool(letters) and not fits)
    if not codes:
        return np.zeros(len(column), np.uint16)
    code_indexes = coded.indices.to_numpy()
    bad |= np.array(wrong, np.bool_)[code_indexes]
    countries: Array = np.array(codes, np.uint16)[code_indexes]
    return countries
