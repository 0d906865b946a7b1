"""Count usage records once, and write what they make due: all of a batch in one transaction."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from django.utils.translation import gettext

from amends.causes.notices.actions.accept_stopped_file import accept_file
from amends.causes.notices.actions.apply_line_changes import take_changes
from amends.causes.notices.actions.background_commit import BackgroundCommit
from amends.causes.notices.actions.cached_engine import CachedEngine
from amends.causes.notices.actions.engine_memory import UsageEngine, load, take_moves
from amends.causes.notices.actions.notice_rows import needs_references
from amends.causes.notices.actions.place_lines import place_lines
from amends.causes.notices.actions.usage_report import UsageReport, add_committed, add_repeated
from amends.causes.notices.actions.write_batch import CountedBatch, named_of, write_batch
from amends.causes.notices.engine_models import UsageFile
from amends.engines.duties.book import book
from amends.engines.duties.duty import Duty
from amends.engines.duties.overlays import overlays
from amends.engines.metering.engine.advance import Advanced, advance, days_of
from amends.engines.metering.engine.layout import COUNTED, COUNTED_HELD, LATE, Array, UsageColumns
from amends.engines.metering.engine.seen import DAY_MS
from amends.engines.metering.engine.sizes import joined, jumped
from amends.engines.metering.usage.columns import Finds, RosterWhenAsked, UnableToReadUsage
from amends.engines.metering.usage.files import Unfinished, files_in, identify
from amends.engines.metering.usage.screening import ScreenedBatch, looked_at
from amends.platform.database.sqlite_page_cache import sqlite_page_cache
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.packs import day_in
from amends.platform.kit.periods import to_ms

ROWS_A_BATCH = 500_000
log = logging.getLogger("amends.causes.notices")


class UnableToOpen(BadInput):
    """The file is there, and may not be read."""

    code = "usage_file_closed"


class UnitsJumped(Refused):
    """Records are implausibly larger or smaller than this feed's usual ones."""

    code = "units_jumped"


def run(
    folder: Path,
    *,
    jurisdiction: str,
    now: datetime,
    accept: bool = False,
    rows: int = ROWS_A_BATCH,
    progress: Callable[[int, int], None] = lambda done_bytes, total: None,
    duties: Sequence[Any] | None = None,
    without: Collection[str] = (),
    only: Sequence[Path] | None = None,
    cached_engine: CachedEngine | None = None,
) -> UsageReport:
    """Count every file of a directory, or one file, that was not counted before.

    accept  accept records of another size than usual: a person has checked
    rows    records a transaction; how they are cut changes nothing
    duties  those of the pack in force, if left out
    without of these and of the overlays, the ids of those that are switched off
    only    of the files of the directory, these
    kept    where a worker caches its engine between two turns; not with `duties` or `without`
    """
    check(folder)
    report = UsageReport()
    day = day_in(jurisdiction, now)
    kept_engine = cached_engine.take(jurisdiction, day) if cached_engine else None
    if kept_engine:
        engine, roster = kept_engine
        take_changes(engine, now=now)
    else:
        engine = loaded(jurisdiction, now, duties, without)
        roster = RosterWhenAsked(engine.services)
    paths = files_in(folder) if only is None else list(only)
    with sqlite_page_cache():
        for number, path in enumerate(paths):
            _file(
                engine,
                roster,
                path,
                report,
                pack=jurisdiction,
                now=now,
                accept=accept,
                rows=rows,
                alone=folder.is_file(),
            )
            progress(number + 1, len(paths))
    if cached_engine:
        cached_engine.put(engine, roster, jurisdiction, day)
    report.seconds = time.perf_counter() - report.began
    return report


def check(folder: Path) -> None:
    """Refuse what cannot be run."""
    if not folder.exists():
        raise BadInput(
            _("There is no such file or directory."),
            where=str(folder),
            next_step=_("Check how it is written."),
            code="unable_to_run",
        )


def loaded(
    jurisdiction: str, now: datetime, duties: Sequence[Any] | None, without: Collection[str] = ()
) -> UsageEngine:
    """The engine as the last commit left it, with what waited taken up, every line in its place.

    Duties given as an argument hold for every line alike.
    """
    day = day_in(jurisdiction, now)

    def on(jurisdiction_code: str) -> list[Duty]:
        return [duty for duty in book(jurisdiction_code, day).duties if duty.id not in without]

    if duties is None:
        engine = load(
            jurisdiction=jurisdiction,
            now=now,
            duties=on(jurisdiction),
            overlays={overlay: on(overlay) for overlay in overlays(jurisdiction).values()},
        )
        place_lines(engine, jurisdiction=jurisdiction)
    else:
        engine = load(jurisdiction=jurisdiction, now=now, duties=duties)
    take_changes(engine, now=now)
    return engine


def opened(
    path: Path, *, now: datetime, accept: bool, accept_by: str = "amends notices run"
) -> tuple[UsageFile, bool]:
    """The file as it is known by its content, and whether it is new; `UnableToOpen`."""
    try:
        identified = identify(path)
    except OSError as error:
        raise UnableToOpen(
            _("The file cannot be opened (%(why)s)."),
            meaning=_("None of it is counted; the other files are."),
            next_step=_("Make it readable for the account that runs Amends, then run again."),
            where=path.name,
            values={"why": error.strerror},
        ) from error
    file, fresh = UsageFile.objects.get_or_create(
        sha256=identified.sha256,
        defaults={
            "name": path.name[:255],
            "size_bytes": identified.size_bytes,
            "received_ms": to_ms(now),
        },
    )
    if accept and not file.accepted:
        accept_file(file, by=accept_by, now=now)
    return file, fresh


def units_jumped(name: str, kind: str, row: int) -> UnitsJumped:
    """The refusal of a file whose unit seems to have changed."""
    return UnitsJumped(
        _("%(name)s: records of %(kind)s are of quite another size than usual."),
        meaning=_("Counting stopped at row %(row)s; what came before is counted."),
        next_step=_("Check whether the feed changed its unit. If it did not, run with --accept."),
        values={"name": name, "kind": kind, "row": row},
    )


def _file(
    engine: UsageEngine,
    roster: Finds,
    path: Path,
    report: UsageReport,
    *,
    pack: str,
    now: datetime,
    accept: bool,
    rows: int,
    alone: bool,
) -> None:
    document: dict[str, object] = {"file": path.name, "state": "counted"}
    try:
        file, fresh = opened(path, now=now, accept=accept)
    except UnableToOpen as error:
        if alone:
            raise
        log.warning("%s", error)
        report.files.append(
            document | {"state": "stopped", "reason": error.in_words(gettext)[:300]}
        )
        return
    if not fresh and file.state == UsageFile.State.DONE:
        document |= {"state": "repeated", "records": add_repeated(file, report)}
        report.files.append(document)
        return
    add_committed(file, report, treatments=True)
    try:
        with BackgroundCommit() as behind:
            for looked in looked_at(
                path,
                roster=roster,
                rules=engine.rules,
                lines=len(engine.memory.lines),
                received_ms=file.received_ms,
                first_row=file.done_rows,
                rows=rows,
            ):
                _batch(engine, file, looked, report, behind, pack=pack, now=now)
        file.state, file.why, file.reason = UsageFile.State.DONE, "", ""
    except (Unfinished, UnableToReadUsage, UnitsJumped) as error:
        file.state, file.why, file.reason = (
            UsageFile.State.STOPPED,
            error.code,
            error.in_words(gettext)[:300],
        )
        if alone or isinstance(error, UnitsJumped):
            file.save(update_fields=["state", "why", "reason"])
            raise
    file.save(update_fields=["state", "why", "reason"])
    document |= {"records": file.done_rows}
    if file.reason:
        document |= {"state": "stopped", "reason": file.reason}
    report.files.append(document)


def _batch(
    engine: UsageEngine,
    file: UsageFile,
    looked: ScreenedBatch,
    report: UsageReport,
    behind: BackgroundCommit,
    *,
    pack: str,
    now: datetime,
) -> None:
    """Count a batch while the one before is written, and give it to be written."""
    batch, sizes = looked.batch, looked.sizes
    kind = jumped(engine.sizes, sizes, engine.rules.limits)
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
        rejected=looked.rejected,
        screened=looked.screened,
    )
    engine.stored_days.update(answer.fresh)
    if needs_references(answer.notices):
        behind.wait()
    named = named_of(engine, answer.notices, pack=pack, now=now, sealed_at=report.time_since(now))
    counted = CountedBatch(
        file=file,
        records=len(batch),
        answer=answer,
        moved=take_moves(engine, _moved(batch, answer)),
        named=named,
    )
    behind.wait()
    if days and engine.must_read([days[-1] + 1]):
        # Records come mostly in order: the next batch waits for nothing the next batch asks for.
        engine.remember([*days, days[-1] + 1])
    if not kind:
        engine.sizes = joined(engine.sizes, sizes)
    behind.write(partial(write_batch, engine, counted, report, now=now))


def _moved(batch: UsageColumns, answer: Advanced) -> Array:
    """[line] whether a record moved it."""
    counted = (answer.treatment == COUNTED) | (answer.treatment == COUNTED_HELD)
    counted |= answer.treatment == LATE
    moved = np.zeros(len(answer.memory.lines), np.bool_)
    moved[batch.line if counted.all() else batch.line[counted]] = True
    return moved


def _days(batch: UsageColumns, file: UsageFile, engine: UsageEngine) -> list[int]:
    """The days of use whose ids matter: records outside them are rejected anyway."""
    limits = engine.rules.limits
    first = file.received_ms // DAY_MS - limits.keep_days - 1
    last = (file.received_ms + limits.future_ms) // DAY_MS
    return [day for day in days_of(batch) if first <= day <= last]
