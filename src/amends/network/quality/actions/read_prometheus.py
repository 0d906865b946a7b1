"""Read the counters of cells from a Prometheus server."""

from __future__ import annotations

import http.client
import json
import ssl
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import polars as pl
from django.conf import settings

from amends.network.quality.actions.take_counters import take_counters
from amends.network.quality.queries.counters import counters_dir
from amends.network.quality.queries.prometheus import PrometheusState, prometheus_state, state_file
from amends.network.quality.rules.prometheus import (
    PrometheusQuery,
    PrometheusRows,
    PrometheusSource,
    rows_of,
    source_of,
)
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.json_in import UnableToReadJson, read_json

TIMEOUT_S = 60
_MOST_BYTES = 256 * 1024 * 1024
CATCH_UP = timedelta(days=14)
"""After an outage so much is read again; the default retention of Prometheus is fifteen days."""
AT_ONCE = timedelta(days=1)


class UnableToReadPrometheus(BadInput):
    """The configuration cannot be used, or the server does not answer as Prometheus does."""

    code = "unable_to_read_prometheus"
    why = ""


@dataclass(frozen=True, slots=True)
class PrometheusRead:
    """Result of one reading.

    samples   taken from the answers; used: of them those that were stored or stored before
    nameless  series without a label of the cell; nothing: values NaN or infinite
    until     indicator → end of what has been read
    opened, ended  numbers of incidents
    """

    samples: int
    used: int
    nameless: int
    nothing: int
    until: dict[str, str] = field(default_factory=dict)
    opened: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)


def read_configured(*, by: Actor, now: datetime) -> PrometheusRead | None:
    """Read on from where the last reading ended; None where no server is configured.

    Raises UnableToReadPrometheus; what was not read is read the next time.
    """
    path = settings.PROMETHEUS_FILE
    if not path:
        return None
    before = prometheus_state()
    try:
        return _read(_source(Path(path)), before, by=by, now=now)
    except UnableToReadPrometheus as error:
        _remember(PrometheusState(before.until, before.read_at, error.why))
        raise


def _read(
    source: PrometheusSource, before: PrometheusState, *, by: Actor, now: datetime
) -> PrometheusRead:
    step = source.step
    latest = datetime.fromtimestamp(int(now.timestamp()) // source.step_s * source.step_s, UTC)
    frames, until = [], dict(before.until)
    nameless = nothing = 0
    for query in source.queries:
        last_until = before.until.get(query.kpi)
        start = max(
            datetime.fromisoformat(last_until) if last_until else latest - CATCH_UP,
            latest - CATCH_UP,
        )
        # The newest sample once more: what was scraped late corrects it.
        while start <= latest:
            end = min(start + AT_ONCE, latest)
            prometheus_rows = _asked(source, query, start, end)
            nameless, nothing = (
                max(nameless, prometheus_rows.nameless),
                nothing + prometheus_rows.nothing,
            )
            frames.append(_frame(prometheus_rows, query.kpi))
            start = end + step
        until[query.kpi] = latest.isoformat()
    every = pl.concat(frames)
    intake = None
    if every.height:
        with tempfile.TemporaryDirectory(dir=_folder()) as folder:
            file = Path(folder) / "prometheus.parquet"
            every.write_parquet(file)
            intake = take_counters(file, technology=source.technology, by=by, now=now)
    _remember(PrometheusState(until, now.isoformat()))
    return PrometheusRead(
        samples=every.height,
        used=intake.rows.used if intake else 0,
        nameless=nameless,
        nothing=nothing,
        until=until,
        opened=intake.opened if intake else [],
        ended=intake.ended if intake else [],
    )


def _source(path: Path) -> PrometheusSource:
    try:
        return source_of(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise _unable(
            str(error) or type(error).__name__,
            _("Correct the file that AMENDS_PROMETHEUS_FILE names (see docs/quality.md)."),
        ) from error


def _asked(
    source: PrometheusSource, query: PrometheusQuery, start: datetime, end: datetime
) -> PrometheusRows:
    fields = {
        "query": query.query,
        "start": str(int(start.timestamp())),
        "end": str(int(end.timestamp())),
        "step": str(source.step_s),
    }
    check = _("Check that Prometheus runs and the query works there; the rest is read next time.")
    try:
        return rows_of(_called(source, fields), query, source.step)
    except (OSError, http.client.HTTPException, UnableToReadJson, ValueError) as error:
        why = f"{query.kpi}: {type(error).__name__} {error}"[:200]
        raise _unable(why, check) from error


def _called(source: PrometheusSource, fields: Mapping[str, str]) -> Any:
    parts = urlsplit(source.url)
    host = parts.hostname or ""
    line: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=source.ca_file or None)
        line = http.client.HTTPSConnection(host, parts.port, timeout=TIMEOUT_S, context=context)
    else:
        line = http.client.HTTPConnection(host, parts.port, timeout=TIMEOUT_S)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if source.bearer_token_file:
        token = Path(source.bearer_token_file).read_text(encoding="utf-8").strip()
        headers["Authorization"] = f"Bearer {token}"
    try:
        line.request("POST", f"{parts.path}/api/v1/query_range", urlencode(fields), headers)
        answer = line.getresponse()
        content = answer.read(_MOST_BYTES + 1)
    finally:
        line.close()
    if len(content) > _MOST_BYTES:
        raise ValueError("the answer is too large")
    if answer.status not in (HTTPStatus.OK, HTTPStatus.BAD_REQUEST):
        raise ValueError(f"status {answer.status}")
    return read_json(content)


def _frame(prometheus_rows: PrometheusRows, kpi: str) -> pl.DataFrame:
    schema: dict[str, Any] = {
        "at": pl.Datetime("us", "UTC"),
        "area": pl.String,
        "cell": pl.String,
    }
    rows = pl.DataFrame(prometheus_rows.rows, schema=schema | {"value": pl.Float64}, orient="row")
    return rows.with_columns(pl.lit(kpi).alias("kpi"))


def _unable(why: str, next_step: str) -> UnableToReadPrometheus:
    error = UnableToReadPrometheus(
        _("The counters of Prometheus cannot be read (%(why)s)."),
        meaning=_("Counters already read stay; nothing is lost while Prometheus keeps the rest."),
        next_step=next_step,
        values={"why": why},
    )
    error.why = why
    return error


def _folder() -> Path:
    folder = counters_dir()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _remember(state: PrometheusState) -> None:
    fresh = _folder() / "prometheus.new"
    fresh.write_text(json.dumps(asdict(state)), encoding="utf-8")
    fresh.replace(state_file())
