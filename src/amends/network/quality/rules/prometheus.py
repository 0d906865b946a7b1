"""Queries to a Prometheus server, and its answers as counters."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

_ADDRESS = re.compile(r"(https://[^/\s]+|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?)(/\S*)?")
_KNOWN = frozenset({"url", "step_s", "technology", "ca_file", "bearer_token_file", "queries"})
_KNOWN_OF_QUERY = frozenset({"kpi", "query", "cell", "area", "scale"})


@dataclass(frozen=True, slots=True)
class PrometheusQuery:
    """One indicator: its PromQL, the labels with cell and area, and what its values are times."""

    kpi: str
    query: str
    cell: str = "cell"
    area: str = "area"
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class PrometheusSource:
    """A Prometheus server and what is asked of it every `step_s` seconds."""

    url: str
    queries: tuple[PrometheusQuery, ...]
    step_s: int = 900
    technology: str = "all"
    ca_file: str = ""
    bearer_token_file: str = ""

    @property
    def step(self) -> timedelta:
        """Length of a sample."""
        return timedelta(seconds=self.step_s)


def source_of(document: Mapping[str, Any]) -> PrometheusSource:
    """The source of a configuration file; ValueError says what of it cannot be used.

    >>> query = {"kpi": "rtt_ms", "query": "avg by (area, cell) (rtt_seconds)", "scale": 1000}
    >>> source_of({"url": "http://127.0.0.1:9090", "queries": [query]}).queries[0].scale
    1000
    """
    if unknown := sorted(set(document) - _KNOWN):
        raise ValueError(f"unknown: {', '.join(unknown)}")
    url = str(document.get("url", "")).rstrip("/")
    if not _ADDRESS.fullmatch(url):
        raise ValueError("url: https://…, or http:// of this machine")
    step = document.get("step_s", 900)
    if step not in (900, 1800, 3600):
        raise ValueError("step_s: 900, 1800 or 3600")
    queries = []
    for number, row in enumerate(document.get("queries", []), 1):
        if unknown := sorted(set(row) - _KNOWN_OF_QUERY):
            raise ValueError(f"query {number}: unknown: {', '.join(unknown)}")
        if not row.get("kpi") or not row.get("query"):
            raise ValueError(f"query {number}: kpi and query are needed")
        queries.append(PrometheusQuery(**row))
    if not queries:
        raise ValueError("queries: none")
    if len({query.kpi for query in queries}) < len(queries):
        raise ValueError("queries: a kpi occurs twice")
    options = {name: str(document[name]) for name in _KNOWN & set(document) - {"url", "queries"}}
    return PrometheusSource(url, tuple(queries), **options | {"step_s": int(step)})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class PrometheusRows:
    """The samples of an answer: `at` (start of the sample), `area`, `cell`, `value`.

    nameless  series without the label of the cell
    nothing   values NaN or infinite
    """

    rows: list[tuple[datetime, str, str, float]]
    nameless: int
    nothing: int


def rows_of(answer: Mapping[str, Any], query: PrometheusQuery, step: timedelta) -> PrometheusRows:
    """The rows of an answer to `query_range`; ValueError for any other document.

    A value of Prometheus describes the time before its timestamp: the sample began a step earlier.
    """
    try:
        if answer["status"] != "success" or answer["data"]["resultType"] != "matrix":
            raise ValueError(str(answer.get("error", "no matrix"))[:200])
        rows, nameless, nothing = [], 0, 0
        for series in answer["data"]["result"]:
            labels = series["metric"]
            cell, area = labels.get(query.cell, ""), labels.get(query.area, "")
            if not cell:
                nameless += 1
                continue
            for moment, text in series["values"]:
                value = float(text) * query.scale
                if math.isfinite(value):
                    rows.append((datetime.fromtimestamp(moment, UTC) - step, area, cell, value))
                else:
                    nothing += 1
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not an answer of Prometheus ({type(error).__name__})") from error
    return PrometheusRows(rows, nameless, nothing)
