"""Read a file of usage records as Arrow tables, from any row on, a batch at a time."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from amends.engines.metering.usage.columns import (
    REGISTERED,
    UnableToReadUsage,
    check_columns,
    wanted_columns,
)
from amends.engines.metering.usage.tmf635 import FLAT, flat
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _

ENDINGS = (".parquet", ".csv", ".csv.gz", ".jsonl", ".jsonl.gz")
_PIECE = 1 << 20


class Unfinished(BadInput):
    """The file ends before it should: it is still being written, or was cut off."""

    code = "usage_file_unfinished"


@dataclass(frozen=True, slots=True)
class UsageFileOnDisk:
    """A file by its content; `complete` is whether its last line has its end."""

    path: Path
    sha256: str
    size_bytes: int


def files_in(folder: Path) -> list[Path]:
    """The usage files of a directory by name, or the one file; hidden ones and others are left."""
    if folder.is_file():
        return [folder]
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and path.name.endswith(ENDINGS) and not path.name.startswith((".", "_"))
    )


def identify(path: Path) -> UsageFileOnDisk:
    """The content's SHA-256. A file that changes meanwhile is another file the next time."""
    digest, size = sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    return UsageFileOnDisk(path, digest.hexdigest(), size)


def batches(path: Path, *, first_row: int, rows: int) -> Iterator[Any]:
    """Tables of at most `rows` records each, from `first_row` on.

    A row that has not as many values as there are columns, and a last line without its end, come
    as a row of nulls: malformed, counted, and its place kept. Raises `Unfinished`,
    `UnableToReadUsage`.
    """
    if path.name.endswith(".parquet"):
        batch_stream = _parquet(path, first_row, rows)
    elif path.name.endswith((".csv", ".csv.gz")):
        batch_stream = _resized(_csv(path), first_row, rows)
    elif path.name.endswith((".jsonl", ".jsonl.gz")):
        batch_stream = _resized(_json_lines(path), first_row, rows)
    else:
        raise UnableToReadUsage(
            _("Files of this kind cannot be read."),
            next_step=_("Give a file that ends in %(known)s."),
            where=path.name,
            values={"known": ", ".join(ENDINGS)},
        )
    try:
        yield from batch_stream
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _unfinished(path) from error
    except (pa.ArrowException, OSError) as error:
        raise UnableToReadUsage(
            _("The file is damaged (%(why)s)."),
            meaning=_("What came before that place is counted, and not counted twice."),
            next_step=_("Ask for the file to be sent again."),
            where=path.name,
            values={"why": str(error)},
        ) from error


def limited(tables: Iterator[Any], rows: int) -> Iterator[Any]:
    """The first `rows` records of some tables; all of them where `rows` is negative."""
    for table in tables:
        if rows < 0:
            yield table
            continue
        yield table.slice(0, rows)
        rows -= table.num_rows
        if rows <= 0:
            return


def parts(path: Path, *, first_row: int, rows: int) -> list[tuple[int, int]]:
    """First row and length of parts that can be read apart: row groups of Parquet, else all.

    A length of -1 is: to the end. A file that cannot be opened is one part; reading it says why.
    """
    if not path.name.endswith(".parquet"):
        return [(first_row, -1)]
    try:
        with pq.ParquetFile(path) as file:
            sizes = [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)]
    except (pa.ArrowInvalid, OSError):
        return [(first_row, -1)]
    part_list, start, at = [], first_row, 0
    for size in sizes:
        at += size
        if at - start >= rows:
            part_list.append((start, at - start))
            start = at
    if at > start or not part_list:
        part_list.append((start, -1))
    return part_list


def read_ahead(tables: Iterator[Any]) -> Iterator[Any]:
    """The same tables; the next is read while the caller works on the one it has."""
    with ThreadPoolExecutor(1, thread_name_prefix="usage-reader") as reader:
        coming = reader.submit(next, tables, None)
        while (table := coming.result()) is not None:
            coming = reader.submit(next, tables, None)
            yield table


def _unfinished(path: Path) -> Unfinished:
    return Unfinished(
        _("The file ends before it should."),
        meaning=_("It is still being written, or was cut off; what it holds is not counted twice."),
        next_step=_("Run again once it is complete."),
        where=path.name,
    )


def _parquet(path: Path, first_row: int, rows: int) -> Iterator[Any]:
    try:
        # pre_buffer reads a column in one go; files are closed with the last batch.
        file = pq.ParquetFile(path, pre_buffer=True)
    except (pa.ArrowInvalid, OSError) as error:
        raise _unfinished(path) from error
    with file:
        names = file.schema_arrow.names
        check_columns(names, where=path.name)
        yield from _cut(_by_group(file, first_row, rows, wanted_columns(names)), rows)


def _by_group(file: Any, first_row: int, rows: int, names: list[str]) -> Iterator[Any]:
    """Batches from a row on. Asked for all groups at once, Arrow keeps every byte it has read."""
    groups, skip = _groups_from(file, first_row)
    for group in groups:
        for batch in file.iter_batches(rows, row_groups=[group], columns=names):
            if skip >= batch.num_rows:
                skip -= batch.num_rows
                continue
            yield batch.slice(skip)
            skip = 0


def _cut(batches: Iterator[Any], rows: int) -> Iterator[Any]:
    """The same rows as tables of `rows` each, the last one shorter."""
    held_batches: list[Any] = []
    missing = rows
    for batch in batches:
        remainder = batch
        while remainder.num_rows >= missing:
            yield pa.Table.from_batches([*held_batches, remainder.slice(0, missing)])
            held_batches, remainder, missing = [], remainder.slice(missing), rows
        if remainder.num_rows:
            held_batches.append(remainder)
            missing -= remainder.num_rows
    if held_batches:
        yield pa.Table.from_batches(held_batches)


def _groups_from(file: Any, first_row: int) -> tuple[list[int], int]:
    """The row groups that hold rows from `first_row` on, and how many of their rows to skip."""
    before = 0
    for group in range(file.metadata.num_row_groups):
        group_rows = file.metadata.row_group(group).num_rows
        if before + group_rows > first_row:
            return list(range(group, file.metadata.num_row_groups)), first_row - before
        before += group_rows
    return [], 0


def _csv(path: Path) -> Iterator[Any]:
    with _opened(path) as stream:
        header = stream.readline(_PIECE)
        names = _header(header, path)
        check_columns(names, where=_("%(file)s, line %(line)s"), at={"file": path.name, "line": 1})
        while True:
            block, complete = _whole_lines(stream)
            if block:
                yield _csv_block(block, names, path)
            if not complete:
                return


def _whole_lines(stream: Any) -> tuple[bytes, bool]:
    """Some megabytes up to the end of a line, and whether there may be more.

    What stands after the last line end of the file gets an end and one value too many: a record
    that was cut off cannot be distinguished from one that was not.
    """
    block = stream.read(16 * _PIECE)
    if not block:
        return b"", False
    line_end = b"" if block.endswith(b"\n") else stream.readline()
    block += line_end
    if not block.endswith(b"\n"):
        block += b",cut off\n"
        return block, False
    return block, True


def _header(line: bytes, path: Path) -> list[str]:
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnableToReadUsage(
            _("The header is not UTF-8."),
            next_step=_("Save it as UTF-8."),
            where=_("%(file)s, line %(line)s"),
            at={"file": path.name, "line": 1},
        ) from error
    return [name.strip().strip('"').lower() for name in text.rstrip("\r\n").split(",")]


def _csv_block(block: bytes, names: list[str], path: Path) -> Any:
    """Lines as a table of texts. Lines of another length become rows of nulls, at their end."""
    odd: list[int] = []

    def note(row: Any) -> str:
        odd.append(1)
        return "skip"

    try:
        table = pa_csv.read_csv(
            io.BytesIO(block),
            read_options=pa_csv.ReadOptions(column_names=names, use_threads=False),
            parse_options=pa_csv.ParseOptions(invalid_row_handler=note),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True
            ),
        )
    except pa.ArrowInvalid as error:
        if len(odd) and "Empty" in str(error):
            table = pa.table({name: pa.array([], pa.string()) for name in names})
        else:
            raise UnableToReadUsage(
                _("The lines cannot be read (%(why)s)."),
                next_step=_("Save it as UTF-8 with a comma between values."),
                where=path.name,
                values={"why": str(error)},
            ) from error
    table = table.select(wanted_columns(names))
    if odd:
        nothing = pa.table({name: pa.nulls(len(odd), pa.string()) for name in table.column_names})
        table = pa.concat_tables([table, nothing])
    return table


def _json_lines(path: Path) -> Iterator[Any]:
    with _opened(path) as stream:
        lines: list[dict[str, str]] = []
        for line in stream:
            if not line.strip():
                continue
            lines.append(flat_record(line))
            if len(lines) == 100_000:
                yield _as_table(lines)
                lines = []
        if lines:
            yield _as_table(lines)


def flat_record(line: bytes) -> dict[str, str]:
    """One JSON line by our names, in either shape; empty where it cannot be read."""
    try:
        document = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}
    return flat(document) if isinstance(document, dict) else {}


def _as_table(lines: list[dict[str, str]]) -> Any:
    names = [name for name in FLAT if name not in ("line", "at_ms")]
    names += [name for name in ("line", "at_ms") if any(name in line for line in lines)]
    if "line" in names and not any("service" in line for line in lines):
        names.remove("service")
    if "at_ms" in names and not any("at" in line for line in lines):
        names.remove("at")
    if not any(name in line for line in lines for name in REGISTERED):
        names = [name for name in names if name not in REGISTERED]
    return pa.table(
        {name: pa.array([line.get(name) for line in lines], pa.string()) for name in names}
    )


def _opened(path: Path) -> Any:
    return gzip.open(path, "rb") if path.name.endswith(".gz") else path.open("rb")


def _resized(tables: Iterator[Any], first_row: int, rows: int) -> Iterator[Any]:
    """The same rows without the first ones, at most `rows` at once."""
    skip = first_row
    for table in tables:
        if skip >= table.num_rows:
            skip -= table.num_rows
            continue
        for start in range(skip, table.num_rows, rows):
            yield table.slice(start, rows)
        skip = 0
