"""Scan a file of counts: read it, judge it, write its alarms."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from amends.detection.baseline.references import Period
from amends.detection.clock_shift import shifted
from amends.detection.evidence import FRESH
from amends.detection.renamed_series import RenamedSeries, moved
from amends.detection.scan import Judge, Scan, scan
from amends.detection.words import Topic, over
from amends.hotissues.complaint_rows import TOTAL
from amends.hotissues.counts_file import CountsFile, read_counts, whole_of
from amends.hotissues.file_scan import FileScan, Fresh, counts_of_all
from amends.hotissues.renamed_alarms import looks_moved
from amends.kit.errors import BadInput, gettext_noop
from amends.kit.translatable import Translatable
from amends.tabular.exports import neutral_frame

LEAST_KNOWN: dict[Period, str] = {
    "week": gettext_noop("10 weeks"),
    "day": gettext_noop("18 days"),
    "hour": gettext_noop("216 hours"),
}
"""With the newest quarter of a short history left out, as `references` has it."""


_LATER = gettext_noop(
    "The hours of the newest week lie %(hours)s later than before: a clock or a zone was changed. "
    "Alarms by the hour are doubtful until it is known."
)
_EARLIER = gettext_noop(
    "The hours of the newest week lie %(hours)s earlier than before: a clock or a zone was "
    "changed. Alarms by the hour are doubtful until it is known."
)


class UnableToScan(BadInput):
    """The file or the wishes do not allow a scan."""

    code = "unable_to_scan"


def scan_file(
    path: Path,
    *,
    last: int,
    alarms: Path | None,
    false_per_series_year: float,
    period: Period | None = None,
    by: Sequence[str] = (),
    wishes: Mapping[str, str] | None = None,
    moves: Sequence[str] = (),
    false_share: float | None = None,
    judge: Judge | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> FileScan:
    """Scan the newest `last` periods of a file; write `alarms` (0/1) if asked. Raises BadInput.

    wishes       field → column of complaints a row, where that cannot be told
    moves        series that go on under other names: `OLD -> NEW`, or `OLD -> NEW, NEW` for a split
    false_share  also list what has begun in the newest period, so that about this share is false
    """
    if last < 1:
        raise UnableToScan(
            gettext_noop("--last %(last)s asks for no period."),
            next_step=gettext_noop("Ask for at least one period."),
            values={"last": last},
        )
    if not 0 < false_per_series_year <= 52:
        raise UnableToScan(
            gettext_noop("--false-per-series-year %(false_per_series_year)s cannot be kept."),
            next_step=gettext_noop("Choose a number above 0 and at most 52, such as 0.45."),
            values={"false_per_series_year": false_per_series_year},
        )
    if false_share is not None and not 0 < false_share <= 0.5:
        raise UnableToScan(
            gettext_noop("--false-share %(false_share)s cannot be kept."),
            next_step=gettext_noop("Choose a share above 0 and at most 0.5, such as 0.1."),
            values={"false_share": false_share},
        )
    try:
        file = read_counts(path, period=period, by=by, wishes=wishes)
    except BadInput as error:
        raise error.meaning_that(gettext_noop("Nothing was scanned.")) from error
    _move(file, moves)
    settings: dict[str, Any] = {
        "last": min(last, file.counts.shape[0]),
        "period": file.period,
        "start": file.start,
        "special": file.special,
        "false_per_series_year": false_per_series_year,
        "workers": os.cpu_count() or 1,
    }
    found = scan(file.counts, progress=progress, judge=judge, **settings)
    if not np.isfinite(found.mean).any():
        file.notes.append(
            Translatable(
                gettext_noop(
                    "Nothing could be judged: a period needs %(least)s before it, and the file "
                    "has %(count)s in all."
                ),
                least=Translatable(LEAST_KNOWN[file.period]),
                count=f"{file.counts.shape[0]:,}",
            )
        )
    file.notes += looks_moved(file, found)
    total = None
    if len(file.series) > 1 and TOTAL not in file.series:
        # The whole is a cell of its own: a batch complaint may have no topic and no area.
        total = scan(counts_of_all(file), **settings)
    if alarms is not None:
        _write(alarms, file.series, found)
    fresh = None
    if false_share is not None:
        alternatives = None if file.period == "hour" else FRESH
        newest = scan(file.counts, alternatives=alternatives, **(settings | {"last": 1}))
        fresh = Fresh(false_share, newest)
    return FileScan(file, found, total, _topics(file, settings["last"]), fresh)


def _move(file: CountsFile, moves: Sequence[str]) -> None:
    """Apply the moves, and say so if the clock behind hourly counts was moved."""
    for text in moves:
        move = RenamedSeries.read(text)
        if move is None:
            raise UnableToScan(
                gettext_noop("--move “%(text)s” names no move."),
                next_step=gettext_noop(
                    "Write 'OLD -> NEW' or 'OLD -> NEW, NEW' with the names of series."
                ),
                values={"text": text},
            )
        if unknown := [name for name in (move.old, *move.new[1:]) if name not in file.series]:
            raise UnableToScan(
                gettext_noop("There is no series “%(name)s”; there are %(known)s."),
                next_step=gettext_noop("Use the names that the file gives."),
                values={"name": unknown[0], "known": ", ".join(file.series[:20])},
            )
        if file.suspected is not None:
            _, file.suspected = moved(file.series, file.suspected, [move])
        file.series, file.counts = moved(file.series, file.counts, [move])
    if file.period == "hour" and (hours := shifted(whole_of(file.counts)[:, 0])):
        file.notes.append(Translatable(_LATER if hours > 0 else _EARLIER, hours=abs(hours)))


def _topics(file: CountsFile, last: int) -> tuple[Topic, ...]:
    """What the complaints of the newest periods begin to speak of, where they have words."""
    spoken = file.spoken
    if spoken is None:
        return ()
    size = file.counts.shape[0]
    return tuple(
        over(
            spoken.texts,
            spoken.periods,
            range(size - last, size),
            period=file.period,
            persons=spoken.persons,
            cells=spoken.cells,
        )
    )


def _write(path: Path, series: list[str], found: Scan) -> None:
    import polars as pl

    frame = pl.DataFrame(found.alarms.astype(np.uint8), schema=series)
    try:
        neutral_frame(frame).write_csv(path)
    except OSError as error:
        raise UnableToScan(
            gettext_noop("%(path)s cannot be written (%(why)s)."),
            next_step=gettext_noop("Name another file."),
            values={"path": path, "why": error.strerror or error},
        ) from error
