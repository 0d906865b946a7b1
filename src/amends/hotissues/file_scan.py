"""What a scan of a file found: its document, its hottest series, its runs of alarms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amends.detection.false_discovery_rate import discoveries
from amends.detection.issues import Issue, issues
from amends.detection.redundant_issues import RedundantIssue, explained, parts
from amends.detection.scan import Scan
from amends.detection.words import FALSE_PER_WEEK, Topic
from amends.hotissues.complaint_rows import TOTAL
from amends.hotissues.counts_file import CountsFile, whole_of
from amends.hotissues.file_parts import carried_in, own_values

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
        there = np.flatnonzero(discoveries(evidence, self.scan.null, share=self.share))
        return there[np.argsort(-evidence[there])].tolist()


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
class FileScan:
    """The scan of a file and what it was read from."""

    file: CountsFile
    scan: Scan
    total: Scan | None = None
    topics: tuple[Topic, ...] = ()
    fresh: Fresh | None = None

    def document(self, *, seconds: float, limit: int = LIMIT) -> dict[str, Any]:
        """The document of `--json`; `limit` entries of each list, beside how many there are."""
        found, total = self._runs(self.scan), self._runs(self.total)
        return {
            "series": len(self.file.series),
            "periods": int(self.scan.alarms.shape[0]),
            "alarms": int(self.scan.alarms.sum()),
            "expected_false_per_series_year": round(self.scan.calibration.expected, 4),
            "expected_false_a_week": round(
                self.scan.calibration.expected * len(self.file.series) * 7 / 365.25, 3
            ),
            "seconds": round(seconds, 3),
            "period": self.file.period,
            "issues_found": len(found),
            "issues": self.issues(limit),
            "topics_false_a_week": FALSE_PER_WEEK if self.file.spoken else None,
            "topics_found": len(self.topics),
            "topics": [self._topic(topic) for topic in self.topics[:limit]],
            "fresh": None if self.fresh is None else self._fresh(self.fresh, limit),
            "total_issues_found": len(total),
            "total_issues": self.total_issues(limit),
            "total_alarms": None if self.total is None else int(self.total.alarms.sum()),
            "total_false_a_week": None
            if self.total is None
            else round(self.total.calibration.expected * 7 / 365.25, 4),
            "notes": list(self.file.notes),
        }

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
        found: list[dict[str, Any]] = []
        redundant: list[RedundantIssue] = []
        for issue in self._runs(self.scan)[:limit]:
            rows = slice(issue.first, issue.last + 1)
            counts = self.file.counts[skipped:][rows, issue.cell]
            carried = carried_in(self.file, self.scan, rows, issue.cell)
            own = own_values(self.file, issue.cell)
            found.append(
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
                            "part": dict(one.values),
                            "persons": one.persons,
                            "expected": one.expected,
                            "share": round(one.share, 3),
                        }
                        for one in carried
                    ],
                }
            )
            redundant.append(RedundantIssue(issue, own, parts(own, carried)))
        for one, by in zip(found, explained(redundant), strict=True):
            one["explained_by"] = (
                None if by is None else {"series": found[by]["series"], "first": found[by]["first"]}
            )
        return found

    def total_issues(self, limit: int = LIMIT) -> list[dict[str, Any]]:
        """The same of all series together, where they are a cell of their own."""
        if self.total is None:
            return []
        size = self.total.alarms.shape[0]
        whole = np.maximum(counts_of_all(self.file)[-size:, 0], 0)
        skipped = self.file.counts.shape[0] - size
        return [
            {
                "first": self.file.label(skipped + issue.first),
                "last": self.file.label(skipped + issue.last),
                "alarms": issue.alarms,
                "counted": int(whole[issue.first : issue.last + 1].sum()),
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
            whole = self.file.series.index(TOTAL)
            return float(counts[:, whole].sum()), float(np.nansum(mean[:, whole]))
        if len(self.file.series) == 1:
            return 0.0, 0.0
        return float(counts.sum()), float(np.nansum(mean))

    def _topic(self, topic: Topic) -> dict[str, Any]:
        """A topic with the lines of its complaints and five masked examples, each on one line."""
        spoken = self.file.spoken
        assert spoken is not None
        return {
            "terms": list(topic.terms),
            "log_odds": list(topic.log_odds),
            "series": topic.cell or TOTAL,
            "first": self.file.label(topic.start),
            "last": self.file.label(topic.last),
            "persons": topic.persons,
            "expected": round(topic.expected, 2),
            "evidence": topic.evidence,
            "lines": [spoken.lines[n] for n in topic.complaints],
            "quoted": [_quoted(spoken.texts[n]) for n in topic.quoted],
        }

    def hottest(self, most: int) -> list[Hot]:
        """Alarms, the newest and surest first."""
        places = np.argwhere(self.scan.alarms)
        order = sorted(places.tolist(), key=lambda at: (-at[0], -self.scan.evidence[at[0], at[1]]))
        skipped = self.file.counts.shape[0] - self.scan.alarms.shape[0]
        return [
            Hot(
                self.file.label(skipped + row),
                self.file.series[cell],
                int(self.file.counts[skipped + row, cell]),
                float(self.scan.mean[row, cell]),
                float(self.scan.evidence[row, cell]),
                **self._shares(slice(row, row + 1), cell),
            )
            for row, cell in order[:most]
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
