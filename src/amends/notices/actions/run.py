"""Count usage records once, and write what they make due: all of a batch in one transaction."""

from __future__ import annotations

import json
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import transaction
from django.db.models import Sum

from amends.database.rows import keys
from amends.kit.errors import BadInput, Refused
from amends.kit.periods import to_ms
from amends.ledger.actions.append import recording_time_ms
from amends.ledger.actions.append_segment import append_sealed, seal_segment, segments_of
from amends.notices.actions.commit_behind import CommitBehind
from amends.notices.actions.engine_memory import Engine, claim, committed, load, take_moves
from amends.notices.actions.kept_engine import KeptEngine
from amends.notices.actions.line_moves import Moved, write_moved
from amends.notices.actions.notice_rows import Rows, asks_for_references, rows_of
from amends.notices.actions.place_lines import place_lines
from amends.notices.actions.take_changes import take_changes
from amends.notices.actions.write_notices import write_notices
from amends.notices.engine_models import (
    SeenRecords,
    UsageBatch,
    UsageFile,
)
from amends.notices.models import Notice
from amends.notices.places import overlays
from amends.notices.rules.duties import book
from amends.notices.rules.engine.advance import KERNELS, Advanced, advance, days_of
from amends.notices.rules.engine.layout import (
    ALTERED,
    COUNTED,
    COUNTED_HELD,
    LATE,
    REPEATED,
    TREATMENTS,
    Array,
    Batch,
)
from amends.notices.rules.engine.seen import DAY_MS
from amends.notices.rules.engine.sizes import joined, jumped, sizes_of
from amends.notices.rules.usage.columns import (
    Finds,
    RosterWhenAsked,
    UnableToReadUsage,
    columns,
)
from amends.notices.usage_files.reading import Unfinished, batches, files_in, identify, read_ahead

SOURCE = "notices"
ROWS_A_BATCH = 500_000
_TOOK_PART = (COUNTED, COUNTED_HELD, LATE, REPEATED, ALTERED)


class UnableToRun(BadInput):
    """There is nothing to count, or no such way to count."""

    code = "unable_to_run"


class UnitsJumped(Refused):
    """Records are implausibly larger or smaller than this feed's usual ones."""

    code = "units_jumped"


@dataclass(slots=True)
class Report:
    """What a run met; `as_dict` is the document of `amends notices run --json`.

    records = counted + late + duplicates + rejected
    """

    treatments: Counter[str] = field(default_factory=Counter)
    notices: int = 0
    holds: int = 0
    digest: int = 0
    seconds: float = 0.0
    told: set[int] = field(default_factory=set)
    spent: dict[str, float] = field(default_factory=dict)
    files: list[dict[str, object]] = field(default_factory=list)
    began: float = field(default_factory=time.perf_counter)

    def time_since(self, now: datetime) -> datetime:
        """What time it is, if it was `now` when the run began."""
        return now + timedelta(seconds=time.perf_counter() - self.began)

    def as_dict(self) -> dict[str, object]:
        """The counts, adding up."""
        met = self.treatments
        counted = met["counted"] + met["counted_held"]
        duplicates = met["repeated"] + met["altered"]
        records = sum(met.values())
        return {
            "records": records,
            "duplicates": duplicates,
            "rejected": records - counted - met["late"] - duplicates,
            "notices": self.notices,
            "holds": self.holds,
            "notices_sha256": sha256((self.digest % 2**256).to_bytes(32, "big")).hexdigest(),
            "seconds": round(self.seconds, 3),
            "counted": counted,
            "late": met["late"],
            "treatments": {name: met[name] for name in TREATMENTS if met[name]},
            **({"spent_s": self.spent} if self.spent else {}),
            "files": self.files,
        }


def run(
    place: Path,
    *,
    jurisdiction: str,
    now: datetime,
    kernel: str = "numba",
    accept: bool = False,
    rows: int = ROWS_A_BATCH,
    progress: Callable[[int, int], None] = lambda done, total: None,
    duties: Sequence[Any] | None = None,
    only: Sequence[Path] | None = None,
    kept: KeptEngine | None = None,
) -> Report:
    """Count every file of a directory, or one file, that was not counted before.

    accept  let pass records of another size than usual: a person has looked
    rows    records a transaction; how they are cut changes nothing
    duties  those of the pack in force, if left out
    only    of the files of the directory, these
    kept    where a worker keeps its engine between two turns; not with `duties`
    """
    check(place, kernel)
    report = Report()
    held = kept.take(jurisdiction, now.date()) if kept else None
    if held:
        engine, roster = held
        take_changes(engine, now=now)
    else:
        engine = loaded(jurisdiction, now, duties)
        roster = RosterWhenAsked(engine.services)
    paths = files_in(place) if only is None else list(only)
    for number, path in enumerate(paths):
        _file(
            engine, roster, path, report, pack=jurisdiction, now=now, kernel=kernel,
            accept=accept, rows=rows, alone=place.is_file(),
        )  # fmt: skip
        progress(number + 1, len(paths))
    if kept:
        kept.put(engine, roster, jurisdiction, now.date())
    report.seconds = time.perf_counter() - report.began
    return report


def check(place: Path, kernel: str) -> None:
    """Refuse what cannot be run."""
    if kernel not in KERNELS:
        raise UnableToRun(
            f"There is no kernel {kernel}.", next_step=f"Choose {', '.join(KERNELS)}."
        )
    if not place.exists():
        raise UnableToRun(
            "There is no such file or directory.",
            where=str(place),
            next_step="Check how it is written.",
        )


def loaded(jurisdiction: str, now: datetime, duties: Sequence[Any] | None) -> Engine:
    """The engine as the last commit left it, with what waited taken up, every line in its place.

    Duties given by hand hold for every line alike.
    """
    day = now.date()
    if duties is None:
        engine = load(
            jurisdiction=jurisdiction, now=now, duties=book(jurisdiction, day).duties,
            overlays={place: book(place, day).duties for place in overlays(jurisdiction).values()},
        )  # fmt: skip
        place_lines(engine, jurisdiction=jurisdiction)
    else:
        engine = load(jurisdiction=jurisdiction, now=now, duties=duties)
    take_changes(engine, now=now)
    return engine


def opened(path: Path, *, now: datetime, accept: bool) -> tuple[UsageFile, bool]:
    """The file as it is known by its content, and whether it is new."""
    found = identify(path)
    file, fresh = UsageFile.objects.get_or_create(
        sha256=found.sha256,
        defaults={
            "name": path.name[:255],
            "size_bytes": found.size_bytes,
            "received_ms": to_ms(now),
        },
    )
    if accept and not file.accepted:
        file.accepted = True
        file.save(update_fields=["accepted"])
    return file, fresh


def add_repeated(file: UsageFile, report: Report) -> int:
    """Count a file that was counted before as repeated, and tell what it brought; its records."""
    again = file.batches.aggregate(Sum("rows"))["rows__sum"] or 0
    report.treatments["repeated"] += again
    add_committed(file, report, treatments=False)
    return int(again)


def units_jumped(name: str, kind: str, row: int) -> UnitsJumped:
    """The refusal of a file whose unit seems to have changed."""
    return UnitsJumped(
        f"{name}: records of {kind} are of quite another size than usual.",
        meaning=f"Counting stopped at row {row}; what came before stands.",
        next_step="Look whether the feed changed its unit. If it did not, run with --accept.",
    )


def _file(
    engine: Engine, roster: Finds, path: Path, report: Report, *, pack: str, now: datetime,
    kernel: str, accept: bool, rows: int, alone: bool,
) -> None:  # fmt: skip
    file, fresh = opened(path, now=now, accept=accept)
    told: dict[str, object] = {"file": path.name, "state": "counted"}
    if not fresh and file.state == UsageFile.State.DONE:
        told |= {"state": "repeated", "records": add_repeated(file, report)}
        report.files.append(told)
        return
    add_committed(file, report, treatments=True)
    try:
        with CommitBehind() as behind:
            for table in read_ahead(batches(path, first_row=file.done_rows, rows=rows)):
                _batch(
                    engine, file, table, roster, report, behind, pack=pack, now=now, kernel=kernel
                )
        file.state, file.reason = UsageFile.State.DONE, ""
    except (Unfinished, UnableToReadUsage, UnitsJumped) as error:
        file.state, file.reason = UsageFile.State.STOPPED, str(error)[:300]
        if alone or isinstance(error, UnitsJumped):
            file.save(update_fields=["state", "reason"])
            raise
    file.save(update_fields=["state", "reason"])
    told |= {"records": file.done_rows}
    if file.reason:
        told |= {"state": "stopped", "reason": file.reason}
    report.files.append(told)


def add_committed(file: UsageFile, report: Report, *, treatments: bool) -> None:
    """What earlier runs have committed of the file, so that a run after a kill tells the whole."""
    if file.pk in report.told:
        return
    report.told.add(file.pk)
    for batch in file.batches.all():
        report.notices += batch.notices
        report.holds += batch.holds
        report.digest += int(batch.digest, 16)
        if treatments:
            report.treatments.update(json.loads(batch.counts))


def _batch(
    engine: Engine, file: UsageFile, table: Any, roster: Finds, report: Report,
    behind: CommitBehind, *, pack: str, now: datetime, kernel: str,
) -> None:  # fmt: skip
    """Count a batch while the one before is written, and give it to be written."""
    batch, unread = columns(table, roster)
    found = sizes_of(batch, unread)
    kind = jumped(engine.sizes, found, engine.rules.limits)
    if kind and not file.accepted:
        behind.wait()
        raise units_jumped(file.name, kind, file.done_rows)
    days = _days(batch, file, engine)
    if engine.must_read(days):
        behind.wait()
    engine.remember(days)
    answer = advance(
        engine.memory,
        batch,
        engine.rules,
        received_ms=file.received_ms,
        kernel=kernel,
        rejected=unread,
    )
    engine.kept_days.update(answer.fresh)
    if asks_for_references(answer.notices):
        behind.wait()
    rows = rows_of(engine, answer.notices, pack=pack, detected_ms=to_ms(now))
    sealed_at = report.time_since(now)
    sealed = sealed_facts(rows, now, recorded_at_ms=to_ms(sealed_at))
    moved = take_moves(engine, _moved(batch, answer))
    behind.wait()
    fresh = new_rows(rows)
    if fresh is not rows:
        rows, sealed = fresh, sealed_facts(fresh, now, recorded_at_ms=to_ms(sealed_at))
    if not kind:
        engine.sizes = joined(engine.sizes, found)

    def commit() -> None:
        with transaction.atomic():
            claim(engine)
            due = sealed
            if recording_time_ms(sealed_at) > to_ms(sealed_at):
                # The log has settled a later moment meanwhile: no fact may come before it.
                due = sealed_facts(rows, sealed_at)
            _write(file, batch, answer, rows, due, moved, revision=engine.revision + 1, now=now)
        committed(engine)
        report.treatments.update(answer.counts)
        report.notices += len(rows)
        report.holds += len(rows.holds["key"])
        report.digest += rows.digest

    behind.write(commit)


def _moved(batch: Batch, answer: Advanced) -> Array:
    """[line] whether a record moved it."""
    counted = (answer.treatment == COUNTED) | (answer.treatment == COUNTED_HELD)
    counted |= answer.treatment == LATE
    moved = np.zeros(len(answer.memory.lines), np.bool_)
    moved[batch.line if counted.all() else batch.line[counted]] = True
    return moved


def _days(batch: Batch, file: UsageFile, engine: Engine) -> list[int]:
    """The days of use whose ids matter: records outside them are rejected anyway."""
    limits = engine.rules.limits
    first = file.received_ms // DAY_MS - limits.keep_days - 1
    last = (file.received_ms + limits.future_ms) // DAY_MS
    return [day for day in days_of(batch) if first <= day <= last]


def new_rows(rows: Rows) -> Rows:
    """Without the notices that stand already: a second arrival in a country on one day.

    Whatever counts a period crosses each step once; only visits can come back to a key, and those
    are rows from the beginning (`write_notices`).
    """
    entries = rows.table["key"].filter(pa.array(rows.urgent)).to_pylist()
    standing: set[str] = set()
    for at in range(0, len(entries), 900):
        some = entries[at : at + 900]
        found = Notice.objects.filter(pk__in=keys(Notice, {"key": some})).values_list(
            "key", flat=True
        )
        standing |= set(found)
    if not standing:
        return rows
    return rows.only([key not in standing for key in rows.keys])


def sealed_facts(rows: Rows, now: datetime, *, recorded_at_ms: int | None = None) -> list[Any]:
    """The facts, hashed before the transaction begins: that is the costly part.

    recorded_at_ms  as in `seal_segment`: given, the database is not asked
    """
    names = {
        "subscriber": "subscriber", "service": "subject", "due_at_ms": "happened_at_ms",
        "duty": "duty", "version": "duty_version", "key": "key", "due_by_ms": "due_at_ms",
        "step": "step",
    }  # fmt: skip
    due = rows.table.select(list(names)).rename_columns(list(names.values()))
    return [
        seal_segment(kind, part, source=SOURCE, now=now, recorded_at_ms=recorded_at_ms)
        for kind, of in (("NoticeDue", due), ("UsageCrossed", rows.crossed))
        if of.num_rows
        for part in segments_of(of)
    ]


def _write(
    file: UsageFile, batch: Batch, answer: Advanced, rows: Rows, sealed: Iterable[Any],
    moved: Moved, *, revision: int, now: datetime,
) -> None:  # fmt: skip
    write_notices(rows)
    for segment in sealed:
        append_sealed(segment)
    write_moved(moved, revision=revision)
    SeenRecords.objects.bulk_create(
        SeenRecords(day=day, entries=entries.tobytes()) for day, entries in answer.fresh.items()
    )
    rejected = np.flatnonzero(~np.isin(answer.treatment, _TOOK_PART))
    body = (rejected + file.done_rows).astype("<i8").tobytes() + answer.treatment[
        rejected
    ].tobytes()
    UsageBatch.objects.create(
        file=file, first_row=file.done_rows, rows=len(batch),
        counts=json.dumps({name: n for name, n in answer.counts.items() if n}),
        notices=len(rows), holds=len(rows.holds["key"]), rejected=zlib.compress(body, 1),
        digest=f"{rows.digest % 2**256:064x}", committed_ms=to_ms(now),
    )  # fmt: skip
    file.done_rows += len(batch)
    UsageFile.objects.filter(pk=file.pk).update(done_rows=file.done_rows)
