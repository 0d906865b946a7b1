"""Files of other systems: the chain of a service, and events along it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from amends.causes.vetting import refusals
from amends.causes.vetting.refusals import UnableToReadChain
from amends.causes.vetting.rules.chain_events import (
    CHARGE,
    COMPLAINT,
    EVENT_SOURCES,
    INCIDENT,
    PROBE,
    ChainEvent,
)
from amends.causes.vetting.rules.chains import ServiceChain, chain_of
from amends.platform.kit.json_in import read_json
from amends.platform.tabular.date_order import reading_of
from amends.platform.tabular.dates import read_moment
from amends.platform.tabular.tables import read_table

_MOST_BYTES = 10_000_000
_COLUMNS: dict[str, tuple[str, ...]] = {
    "at": ("at", "time", "timestamp", "date", "datetime", "时间", "发生时间"),
    "source": ("source", "type", "event", "来源", "类型"),
    "link": ("link", "link_id", "component", "环节", "链路"),
    "ok": ("ok", "passed", "success", "result", "是否正常", "结果"),
    "ms": ("ms", "latency_ms", "duration_ms", "latency", "耗时", "时延"),
    "what": ("what", "detail", "description", "info", "内容", "说明"),
}
_NEEDED = ("at", "source", "link", "what")
_YES = frozenset({"1", "1.0", "true", "t", "yes", "y", "ok", "pass", "passed", "是", "正常"})
_NO = frozenset({"0", "0.0", "false", "f", "no", "n", "fail", "failed", "error", "否", "异常"})
_UNSTATED = frozenset({"", "-", "none", "null", "nan", "n/a"})


@dataclass(frozen=True, slots=True)
class ChainEvents:
    """Events of a file. `rejected` counts rows that cannot be used, by reason (in English)."""

    events: Sequence[ChainEvent]
    read: int
    rejected: Mapping[str, int] = field(default_factory=dict)


def read_chain(path: Path) -> ServiceChain:
    """The chain of a JSON file `{"service", "links": [{"id", "kind", "probes"}]}`.

    A probe is given by its id, or as an object with `id`. Raises UnableToReadChain.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError("larger than 10 MB")
        document = read_json(path.read_bytes())
        if not isinstance(document, dict) or not isinstance(document.get("links"), list):
            raise ValueError("no object with a list “links”")
        return chain_of(
            str(document.get("service", "")), [_link(link) for link in document["links"]]
        )
    except OSError as error:
        raise _no_chain(path, error.strerror or str(error)) from error
    except ValueError as error:
        raise _no_chain(path, str(error)) from error


def _link(entry: object) -> tuple[str, str, list[str]]:
    if not isinstance(entry, dict):
        raise ValueError("a link that is not an object")
    probes = entry.get("probes") or []
    if not isinstance(probes, list):
        raise ValueError("“probes” is not a list")
    ids = [str(probe.get("id", "")) if isinstance(probe, dict) else str(probe) for probe in probes]
    return str(entry.get("id", "")), str(entry.get("kind", "")).strip().lower(), ids


def _no_chain(path: Path, why: str) -> UnableToReadChain:
    return refusals.no_chain(file=path.name, why=why.rstrip("."))


def read_events(path: Path, chain: ServiceChain, *, zone: str) -> ChainEvents:
    """The events of a table, in any order; rows that cannot be used are counted.

    zone  of times without an offset

    Raises UnableToReadEvents where a column is missing or no row can be used.
    """
    table = read_table(path)
    column_indexes = _places(table.header)
    if missing := [name for name in _NEEDED if name not in column_indexes]:
        raise refusals.column_missing(file=path.name, missing=", ".join(missing))
    times = _times([row[column_indexes["at"]] for row in table.rows], zone)
    owner = {probe: link.id for link in chain.links for probe in link.probes}
    events, rejected = [], Counter[str]()
    for row, at in zip(table.rows, times, strict=True):
        cells = {name: row[number].strip() for name, number in column_indexes.items()}
        event = _event(cells, at, owner)
        if isinstance(event, str):
            rejected[event] += 1
        else:
            events.append(event)
    if table.rejects:
        rejected["not a row of the table"] += len(table.rejects)
    if not events:
        raise refusals.no_usable_event(file=path.name, sources=", ".join(EVENT_SOURCES))
    return ChainEvents(events, table.read, dict(rejected))


def _places(header: Sequence[str]) -> dict[str, int]:
    plain = [name.strip().strip("\ufeff").lower().replace(" ", "_") for name in header]
    indexes = {}
    for role, names in _COLUMNS.items():
        for name in names:
            if name in plain:
                indexes[role] = plain.index(name)
                break
    return indexes


def _times(cells: Sequence[str], zone: str) -> list[datetime | None]:
    order = reading_of(cells[:2_000], column="at", latest=None).order
    here = ZoneInfo(zone)
    return [_moment(cell, order, here) for cell in cells]


def _moment(cell: str, order: str, here: ZoneInfo) -> datetime | None:
    text = cell.strip()
    try:
        exact = datetime.fromisoformat(text)
    except ValueError:
        exact = None
    if exact is None:
        read = read_moment(text)
        day: date | None = read.day(order) if read else None  # type: ignore[arg-type]
        if read is None or day is None:
            return None
        exact = datetime.combine(day, read.clock or time(), read.zone)
    if not 1 < exact.year < 9999:  # what some systems write for "none"
        return None
    return (exact if exact.tzinfo else exact.replace(tzinfo=here)).astimezone(UTC)


def _event(
    cells: Mapping[str, str], at: datetime | None, owner: Mapping[str, str]
) -> ChainEvent | str:
    """The event of a row, or why it cannot be used."""
    source = cells["source"].lower()
    if at is None:
        return "no readable time"
    if source not in EVENT_SOURCES:
        return "unknown source"
    ok = _passed(cells.get("ok", ""))
    if ok is None and cells.get("ok", "").lower() not in _UNSTATED:
        return "“ok” is neither 1 nor 0"
    link, what = cells["link"], cells["what"]
    if source == COMPLAINT:
        return ChainEvent(at=at, source=source, link=link, ok=None, ms=None, what=what)
    if source == PROBE:
        probe, sign, _error = what.partition(":")
        probe = probe.strip()
        passed = ok if ok is not None else (not sign if what else None)
        if passed is None:
            return "neither passed nor failed"
        return ChainEvent(
            at=at,
            source=source,
            link=link or owner.get(probe, ""),
            ok=passed,
            ms=_ms(cells),
            what=probe,
        )
    if source == CHARGE:
        is_confirmed = {"confirmed": True, "unconfirmed": False, "repeated": False}.get(
            what.lower(), ok
        )
        if is_confirmed is None:
            return "neither confirmed nor unconfirmed"
        return ChainEvent(
            at=at, source=source, link=link, ok=is_confirmed, ms=None, what=what.lower()
        )
    state, _space, kind = what.partition(" ")
    closed = {"open": False, "opened": False, "closed": True}.get(state.lower().rstrip(":"))
    if closed is None:
        closed, kind = ok, what
    if source == INCIDENT and closed is None:
        return "neither open nor closed"
    return ChainEvent(at=at, source=source, link=link, ok=closed, ms=None, what=kind.strip())


def _passed(cell: str) -> bool | None:
    text = cell.lower()
    return True if text in _YES else False if text in _NO else None


def _ms(cells: Mapping[str, str]) -> float | None:
    try:
        ms = float(cells.get("ms", ""))
    except ValueError:
        return None
    return ms if math.isfinite(ms) and ms > 0 else None
