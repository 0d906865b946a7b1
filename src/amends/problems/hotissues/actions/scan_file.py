"""Scan a file of counts: read it, judge it, write its alarms."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amends.engines.detection.attribution import Carrier, carriers_in, carriers_of
from amends.engines.detection.baseline.references import Period
from amends.engines.detection.clock_shift import shifted
from amends.engines.detection.evidence import FRESH
from amends.engines.detection.false_discovery_rate import discoveries
from amends.engines.detection.issues import Issue, issues
from amends.engines.detection.redundant_issues import RedundantIssue, explained, parts
from amends.engines.detection.renamed_series import RenamedSeries, moved
from amends.engines.detection.renames import Rename, renames
from amends.engines.detection.scan import Judge, Scan, scan
from amends.engines.detection.words import FALSE_PER_WEEK, Topic, over
from amends.platform.kit.errors import BadInput, gettext_noop
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.translatable import Translatable
from amends.platform.tabular.exports import neutral_frame
from amends.problems.hotissues.queries.complaint_rows import TOTAL
from amends.problems.hotissues.queries.counts_file import CountsFile, read_counts, whole_of

MOST = 5
_SAID = _(
    "What %(here)s has more by %(period)s %(gone)s has less. If a class or an area was renamed, "
    "split or merged, say so with %(moves)s or a column version; if not, look at both."
)


def looks_moved(file: CountsFile, counts_scan: Scan) -> list[str]:
    """What to say of series that rose by what others of their kind lost."""
    size = counts_scan.alarms.shape[0]
    kinds = [
        "\0" if name == TOTAL else name.partition("=")[0] if "=" in name else ""
        for name in file.series
    ]
    counts = np.ascontiguousarray(file.counts[-size:])
    return [
        Translatable(
            _SAID,
            here=", ".join(file.series[at] for at in rename.new),
            gone=", ".join(file.series[at] for at in rename.old),
            moves=_moves(file, rename),
            period=file.label(file.counts.shape[0] - size + rename.row),
        )
        for rename in renames(counts, counts_scan, kinds)[:MOST]
    ]


def _moves(file: CountsFile, rename: Rename) -> str:
    """What to add to the command."""
    new = ", ".join(file.series[at] for at in rename.new)
    return " ".join(f"--move '{file.series[at]} -> {new}'" for at in rename.old)


# Which parts of a file of counts, or of complaints a row, carry a series that runs hot.


def own_values(file: CountsFile, cell: int) -> frozenset[tuple[str, str]]:
    """Dimension and value that a series names; nothing of the whole, or of other names."""
    series = file.series[cell]
    if series == TOTAL:
        return frozenset()
    parts = [series] if file.placed else series.split("|")
    named = [part.partition("=") for part in parts]
    if not file.placed and (len(named) < 2 or not all(sign for _name, sign, _value in named)):
        return frozenset()
    return frozenset((name.strip(), value) for name, _is, value in named)


def carriers_of_series(
    file: CountsFile, counts_scan: Scan, rows: slice, cell: int
) -> list[Carrier]:
    """Which values of which dimensions carry the series' excess in these periods.

    The expectation is the detector's own: of complaints a row that of the series, shared out as
    its complaints were before; of counts by several dimensions that of each of them.
    """
    skipped = file.counts.shape[0] - counts_scan.alarms.shape[0]
    if placed := file.placed:
        name, _is, value = file.series[cell].partition("=")
        here = np.ones(placed.periods.size, dtype=bool)
        if name in placed.values and file.series[cell] != TOTAL:
            here = np.array(
                [placed_value == value for placed_value in placed.values[name]], dtype=bool
            )
        first, end = skipped + rows.start, skipped + rows.stop
        return carriers_in(
            placed.within(here & (placed.periods >= first) & (placed.periods < end)),
            placed.within(here & (placed.periods < first)),
            columns=[column_name for column_name in placed.values if column_name != name],
            expected=float(np.nansum(counts_scan.mean[rows, cell])),
        )
    named = crossed(file)
    if named is None:
        return []
    columns, values, at = named
    shape = tuple(len(column_values) for column_values in values)
    seen, expected = np.zeros(shape), np.zeros(shape)
    counts = np.maximum(file.counts[skipped:][rows], 0)
    for column, position in enumerate(at):
        seen[position] += float(counts[:, column].sum())
        expected[position] += float(np.nansum(counts_scan.mean[rows, column]))
    own = {(columns[n], values[n][number]) for n, number in enumerate(at[cell])}
    return [
        carrier
        for carrier in carriers_of(seen, expected, columns, values)
        if own.issuperset(carrier.values)
    ]


def crossed(file: CountsFile) -> tuple[list[str], list[list[str]], list[tuple[int, ...]]] | None:
    """Dimensions, their values, and the place of each series, of counts whose series are named
    `area=north|class=billing`; None for others."""
    if "|" not in file.series[0]:
        return None
    named = [[part.partition("=") for part in series.split("|")] for series in file.series]
    columns = [name.strip() for name, _is, _value in named[0]]
    same = all(
        [name.strip() for name, _is, _value in series_parts] == columns
        and all(sign and value for _name, sign, value in series_parts)
        for series_parts in named
    )
    if not same or len(columns) < 2 or len({*columns}) < len(columns):
        return None
    values = [sorted({series_parts[n][2] for series_parts in named}) for n in range(len(columns))]
    at = [
        tuple(values[n].index(series_parts[n][2]) for n in range(len(columns)))
        for series_parts in named
    ]
    return columns, values, at


# What a scan of a file found: its document, its hottest series, its runs of alarms.


LIMIT = 20
"""Entries of each list of a document, unless more are asked for."""
LONGEST_QUOTE = 160


@dataclass(frozen=True, slots=True)
class Fresh:
    """Series that have begun to run hot in the newest period, about `share` of them by chance."""

    share: float
    scan: Scan

    def named(self) -> list[int]:
        """The columns of these series, the surest first."""
        evidence = self.scan.evidence[-1]
        if not self.scan.null.size:
            return []
        discovered = np.flatnonzero(discoveries(evidence, self.scan.null, share=self.share))
        return discovered[np.argsort(-evidence[discovered])].tolist()


@dataclass(frozen=True, slots=True)
class Hot:
    """A series in alarm in a period; `share` of all complaints, where there are others."""

    period: str
    series: str
    counted: int
    expected: float
    evidence: float
    share: float | None = None
    expected_share: float | None = None


@dataclass(frozen=True, slots=True)
class FileScanResult:
    """What a scan of a file found.

    alarms                          periods × series in alarm; `hottest` are the newest and surest
    expected_false_per_series_year  false issues to be expected by chance, per series and year
    expected_false_a_week           the same per week over all series
    issues, topics, total_issues    the newest of `…_found`: runs of alarms of a series, new words,
                                    runs of all series together
    topics_false_a_week             topics to be expected by chance; None where there are no texts
    fresh                           series that began in the newest period; None where not asked
    total_alarms                    None where all series together are no series of their own
    """

    series: int
    periods: int
    alarms: int
    expected_false_per_series_year: float
    expected_false_a_week: float
    seconds: float
    period: str
    issues_found: int
    issues: list[dict[str, Any]]
    topics_false_a_week: float | None
    topics_found: int
    topics: list[dict[str, Any]]
    fresh: dict[str, Any] | None
    total_issues_found: int
    total_issues: list[dict[str, Any]]
    total_alarms: int | None
    total_false_a_week: float | None
    notes: list[str]
    hottest: list[Hot]


@dataclass(frozen=True, slots=True)
class FileScan:
    """The scan of a file and what it was read from."""

    file: CountsFile
    scan: Scan
    total: Scan | None = None
    topics: tuple[Topic, ...] = ()
    fresh: Fresh | None = None

    def result(self, *, seconds: float, limit: int = LIMIT) -> FileScanResult:
        """What the scan found, with at most `limit` entries of each list."""
        series_runs, total = self._runs(self.scan), self._runs(self.total)
        expected = self.scan.calibration.expected
        return FileScanResult(
            series=len(self.file.series),
            periods=int(self.scan.alarms.shape[0]),
            alarms=int(self.scan.alarms.sum()),
            expected_false_per_series_year=round(expected, 4),
            expected_false_a_week=round(expected * len(self.file.series) * 7 / 365.25, 3),
            seconds=round(seconds, 3),
            period=self.file.period,
            issues_found=len(series_runs),
            issues=self.issues(limit),
            topics_false_a_week=FALSE_PER_WEEK if self.file.texts else None,
            topics_found=len(self.topics),
            topics=[self._topic(topic) for topic in self.topics[:limit]],
            fresh=None if self.fresh is None else self._fresh(self.fresh, limit),
            total_issues_found=len(total),
            total_issues=self.total_issues(limit),
            total_alarms=None if self.total is None else int(self.total.alarms.sum()),
            total_false_a_week=None
            if self.total is None
            else round(self.total.calibration.expected * 7 / 365.25, 4),
            notes=list(self.file.notes),
            hottest=self.hottest(limit),
        )

    def _runs(self, scan: Scan | None) -> list[Issue]:
        return [] if scan is None else issues(scan.alarms, period=self.file.period)

    def _fresh(self, fresh: Fresh, limit: int) -> dict[str, Any]:
        named = fresh.named()
        return {
            "share": fresh.share,
            "period": self.file.label(self.file.counts.shape[0] - 1),
            "series_found": len(named),
            "series": [
                {
                    "series": self.file.series[cell],
                    "counted": int(self.file.counts[-1, cell]),
                    "expected": round(float(fresh.scan.mean[-1, cell]), 1),
                    "evidence": round(float(fresh.scan.evidence[-1, cell]), 2),
                }
                for cell in named[:limit]
            ],
        }

    def issues(self, limit: int = LIMIT) -> list[dict[str, Any]]:
        """The newest runs of alarms; counts and expectations are summed over them."""
        skipped = self.file.counts.shape[0] - self.scan.alarms.shape[0]
        issue_dicts: list[dict[str, Any]] = []
        redundant: list[RedundantIssue] = []
        for issue in self._runs(self.scan)[:limit]:
            rows = slice(issue.first, issue.last + 1)
            counts = self.file.counts[skipped:][rows, issue.cell]
            carried = carriers_of_series(self.file, self.scan, rows, issue.cell)
            own = own_values(self.file, issue.cell)
            issue_dicts.append(
                {
                    "series": self.file.series[issue.cell],
                    "first": self.file.label(skipped + issue.first),
                    "last": self.file.label(skipped + issue.last),
                    "alarms": issue.alarms,
                    "counted": int(counts[counts >= 0].sum()),
                    "expected": round(float(np.nansum(self.scan.mean[rows, issue.cell])), 1),
                    **self._shares(rows, issue.cell),
                    **self._suspected(rows, issue.cell),
                    "carried": [
                        {
                            "part": dict(carrier.values),
                            "persons": carrier.persons,
                            "expected": carrier.expected,
                            "share": round(carrier.share, 3),
                        }
                        for carrier in carried
                    ],
                }
            )
            redundant.append(RedundantIssue(issue, own, parts(own, carried)))
        for issue_dict, by in zip(issue_dicts, explained(redundant), strict=True):
            issue_dict["explained_by"] = (
                None
                if by is None
                else {"series": issue_dicts[by]["series"], "first": issue_dicts[by]["first"]}
            )
        return issue_dicts

    def total_issues(self, limit: int = LIMIT) -> list[dict[str, Any]]:
        """The same of all series together, where they are a cell of their own."""
        if self.total is None:
            return []
        size = self.total.alarms.shape[0]
        total_counts = np.maximum(counts_of_all(self.file)[-size:, 0], 0)
        skipped = self.file.counts.shape[0] - size
        return [
            {
                "first": self.file.label(skipped + issue.first),
                "last": self.file.label(skipped + issue.last),
                "alarms": issue.alarms,
                "counted": int(total_counts[issue.first : issue.last + 1].sum()),
                "expected": round(
                    float(np.nansum(self.total.mean[issue.first : issue.last + 1])), 1
                ),
            }
            for issue in self._runs(self.total)[:limit]
        ]

    def _suspected(self, rows: slice, cell: int) -> dict[str, int]:
        """How many of the counted are suspected to be one sender's."""
        doubted = self.file.suspected
        if doubted is None:
            return {}
        return {"suspected": int(doubted[-self.scan.alarms.shape[0] :][rows, cell].sum())}

    def _shares(self, rows: slice, cell: int) -> dict[str, float]:
        """The series' share of all complaints in these periods, beside the one expected."""
        seen, expected = self._everything(rows)
        if self.file.series[cell] == TOTAL or not seen or not expected:
            return {}
        counts = np.maximum(self.file.counts[-self.scan.alarms.shape[0] :][rows, cell], 0)
        mean = float(np.nansum(self.scan.mean[rows, cell]))
        return {
            "share": round(float(counts.sum()) / seen, 4),
            "expected_share": round(mean / expected, 4),
        }

    def _everything(self, rows: slice) -> tuple[float, float]:
        """All complaints of these periods, and all that were expected; 0 where only one series is
        known."""
        counts = np.maximum(self.file.counts[-self.scan.alarms.shape[0] :][rows], 0)
        mean = self.scan.mean[rows]
        if TOTAL in self.file.series:
            total_column = self.file.series.index(TOTAL)
            return float(counts[:, total_column].sum()), float(np.nansum(mean[:, total_column]))
        if len(self.file.series) == 1:
            return 0.0, 0.0
        return float(counts.sum()), float(np.nansum(mean))

    def _topic(self, topic: Topic) -> dict[str, Any]:
        """A topic with the lines of its complaints and five masked examples, each on one line."""
        texts = self.file.texts
        assert texts is not None
        return {
            "terms": list(topic.terms),
            "log_odds": list(topic.log_odds),
            "series": topic.cell or TOTAL,
            "first": self.file.label(topic.start),
            "last": self.file.label(topic.last),
            "persons": topic.persons,
            "expected": round(topic.expected, 2),
            "evidence": topic.evidence,
            "lines": [texts.lines[n] for n in topic.complaints],
            "quoted": [_quoted(texts.texts[n]) for n in topic.quoted],
        }

    def hottest(self, limit: int) -> list[Hot]:
        """Alarms, the newest and surest first."""
        alarm_cells = np.argwhere(self.scan.alarms)
        order = sorted(
            alarm_cells.tolist(), key=lambda at: (-at[0], -self.scan.evidence[at[0], at[1]])
        )
        skipped = self.file.counts.shape[0] - self.scan.alarms.shape[0]
        return [
            Hot(
                period=self.file.label(skipped + row),
                series=self.file.series[cell],
                counted=int(self.file.counts[skipped + row, cell]),
                expected=float(self.scan.mean[row, cell]),
                evidence=float(self.scan.evidence[row, cell]),
                **self._shares(slice(row, row + 1), cell),
            )
            for row, cell in order[:limit]
        ]


def _quoted(text: str) -> str:
    """A masked text as an example of one line.

    >>> _quoted("Dear operator,\\n\\nmy bill")
    'Dear operator, my bill'
    """
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_QUOTE else f"{line[: LONGEST_QUOTE - 1].rstrip()}…"


def counts_of_all(file: CountsFile) -> NDArray[np.int32]:
    """All series together, where they are known for longer than each of them too."""
    return whole_of(file.counts) if file.whole is None else file.whole


# Scan a file of counts: read it, judge it, write its alarms.


LEAST_KNOWN: dict[Period, str] = {
    "week": gettext_noop("10 weeks"),
    "day": gettext_noop("18 days"),
    "hour": gettext_noop("216 hours"),
}
"""With the newest quarter of a short history left out, as `references` has it."""


_LATER = gettext_noop(
    "In the latest week, activity is %(hours)s hours later than before: a clock or time zone "
    "was changed. Hourly alarms are unreliable until this is explained."
)
_EARLIER = gettext_noop(
    "In the latest week, activity is %(hours)s hours earlier than before: a clock or time zone "
    "was changed. Hourly alarms are unreliable until this is explained."
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
    counts_scan = scan(file.counts, progress=progress, judge=judge, **settings)
    if not np.isfinite(counts_scan.mean).any():
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
    file.notes += looks_moved(file, counts_scan)
    total = None
    if len(file.series) > 1 and TOTAL not in file.series:
        # The whole is a cell of its own: a batch complaint may have no topic and no area.
        total = scan(counts_of_all(file), **settings)
    if alarms is not None:
        _write(alarms, file.series, counts_scan)
    fresh = None
    if false_share is not None:
        alternatives = None if file.period == "hour" else FRESH
        newest = scan(file.counts, alternatives=alternatives, **(settings | {"last": 1}))
        fresh = Fresh(false_share, newest)
    return FileScan(
        file=file,
        scan=counts_scan,
        total=total,
        topics=_topics(file, settings["last"]),
        fresh=fresh,
    )


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
    texts = file.texts
    if texts is None:
        return ()
    size = file.counts.shape[0]
    return tuple(
        over(
            texts.texts,
            texts.periods,
            range(size - last, size),
            period=file.period,
            persons=texts.persons,
            cells=texts.cells,
        )
    )


def _write(path: Path, series: list[str], counts_scan: Scan) -> None:
    import polars as pl

    frame = pl.DataFrame(counts_scan.alarms.astype(np.uint8), schema=series)
    try:
        neutral_frame(frame).write_csv(path)
    except OSError as error:
        raise UnableToScan(
            gettext_noop("%(path)s cannot be written (%(why)s)."),
            next_step=gettext_noop("Name another file."),
            values={"path": path, "why": error.strerror or error},
        ) from error
