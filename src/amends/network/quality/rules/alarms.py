"""Alarms of other systems in one shape: CSV, Alertmanager's webhook, TM Forum's Alarm (TMF642)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _

KINDS = frozenset({"outage", "degraded", "congestion", "work"})
CAUSES = frozenset({"cable_cut", "power", "equipment", "congestion", "weather", "work", "unknown"})
AHEAD = timedelta(minutes=10)
"""How far a clock of another system may be ahead of ours."""
_LONGEST = 120
_SEVERITIES = {
    "critical": "critical",
    "page": "critical",
    "emergency": "critical",
    "major": "major",
    "error": "major",
    "high": "major",
    "minor": "minor",
    "warning": "minor",
    "indeterminate": "minor",
    "info": "minor",
}
_CAUSE_WORDS = (
    ("cable", "cable_cut"),
    ("fibre", "cable_cut"),
    ("fiber", "cable_cut"),
    ("lossofsignal", "cable_cut"),
    ("power", "power"),
    ("mains", "power"),
    ("battery", "power"),
    ("congest", "congestion"),
    ("capacity", "congestion"),
    ("overload", "congestion"),
    ("weather", "weather"),
    ("storm", "weather"),
    ("flood", "weather"),
    ("lightning", "weather"),
    ("maintenance", "work"),
    ("equipment", "equipment"),
    ("hardware", "equipment"),
    ("software", "equipment"),
)
_FALLBACK = {"cable_cut": "outage", "power": "outage"}
_NO_END_YEAR = 1970
"""Alertmanager gives the year 1 as the end of an alert that fires."""


class UnableToReadAlarms(BadInput):
    """The document holds no alarms in any known shape."""

    code = "alarms_unreadable"


@dataclass(frozen=True, slots=True)
class AlarmReport:
    """One report of one alarm; `area` or `cell` says where.

    key         what the source calls the alarm; a later report of the same key is about the same
    cleared_at  when it was over, None while it lasts
    """

    key: str
    raised_at: datetime
    area: str = ""
    cell: str = ""
    kind: str = "outage"
    cause: str = "unknown"
    severity: str = "major"
    technology: str = "all"
    cleared_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReadAlarms:
    """The alarms that could be read, and place → why, of the others."""

    alarms: list[AlarmReport] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


class _Unusable(ValueError):
    """One alarm cannot be used; the text says why."""


def read_rows(rows: Iterable[Mapping[str, Any]], *, zone: tzinfo, now: datetime) -> ReadAlarms:
    """Alarms given as rows: `alarm, at` and `area` or `cell`; optional `kind, cause, severity,
    technology, cleared_at`.

    zone  of times without an offset
    """
    return _read(
        ((f"row {number}", row) for number, row in enumerate(rows, start=2)),
        lambda row: _of_row(row, zone),
        now,
    )


def read_document(document: Any, *, zone: tzinfo, now: datetime) -> ReadAlarms:
    """The alarms of a JSON document: Alertmanager's webhook, one TMF642 alarm or event, or a list
    of TMF642 alarms."""
    if isinstance(document, Mapping) and isinstance(document.get("alerts"), Sequence):
        alerts = enumerate(document["alerts"])
        return _read(
            ((f"alerts[{n}]", alert) for n, alert in alerts), lambda o: _of_alert(o, zone), now
        )
    if isinstance(document, Mapping) and isinstance(document.get("event"), Mapping):
        event = document["event"]
        document = event.get("alarm", event)
    documents = document if isinstance(document, list) else [document]
    if not documents or not all(
        isinstance(alarm_document, Mapping) and "id" in alarm_document
        for alarm_document in documents
    ):
        raise UnableToReadAlarms(
            _("These are not alarms."),
            meaning=_("Nothing was recorded."),
            next_step=_(
                "Send what Alertmanager's webhook sends, or alarms as in TMF642 (id,"
                " alarmRaisedTime, perceivedSeverity, alarmedObject)."
            ),
        )
    return _read(
        ((f"[{n}]", alarm_document) for n, alarm_document in enumerate(documents)),
        lambda o: _of_tmf642(o, zone),
        now,
    )


def _read(located_alarms: Iterable[tuple[str, Any]], one_of: Any, now: datetime) -> ReadAlarms:
    read_alarms = ReadAlarms()
    for location, raw_alarm in located_alarms:
        try:
            if not isinstance(raw_alarm, Mapping):
                raise _Unusable(_("no object"))
            read_alarms.alarms.append(_checked(one_of(raw_alarm), now))
        except (_Unusable, ValueError, TypeError, OverflowError) as error:
            read_alarms.refused[location] = str(error)
    return read_alarms


def _of_row(row: Mapping[str, Any], zone: tzinfo) -> AlarmReport:
    cause = _cause(row.get("cause"))
    return AlarmReport(
        key=_text(row, "alarm"),
        raised_at=_moment(row.get("at"), zone),
        area=_text(row, "area"),
        cell=_text(row, "cell"),
        kind=_kind(row.get("kind"), cause),
        cause=cause,
        severity=_severity(row.get("severity")),
        technology=_text(row, "technology") or "all",
        cleared_at=_moment(row["cleared_at"], zone) if row.get("cleared_at") else None,
    )


def _of_alert(alert: Mapping[str, Any], zone: tzinfo) -> AlarmReport:
    labels = alert.get("labels") or {}
    if not isinstance(labels, Mapping):
        raise _Unusable(_("labels is not an object"))
    named = "|".join(f"{name}={labels[name]}" for name in sorted(labels))
    cause = _cause(labels.get("cause") or labels.get("alertname"))
    resolved = alert.get("status") == "resolved"
    ended = _moment(alert["endsAt"], zone) if resolved and alert.get("endsAt") else None
    return AlarmReport(
        key=_text(alert, "fingerprint") or named[:_LONGEST],
        raised_at=_moment(alert.get("startsAt"), zone),
        area=_text(labels, "area"),
        cell=_text(labels, "cell"),
        kind=_kind(labels.get("kind"), cause, fallback=_FALLBACK.get(cause, "degraded")),
        cause=cause,
        severity=_severity(labels.get("severity")),
        technology=_text(labels, "technology") or "all",
        cleared_at=ended if ended and ended.year >= _NO_END_YEAR else None,
    )


def _of_tmf642(alarm: Mapping[str, Any], zone: tzinfo) -> AlarmReport:
    severity = str(alarm.get("perceivedSeverity", "")).lower()
    cleared = severity == "cleared" or str(alarm.get("state", "")).lower() == "cleared"
    raised = alarm.get("alarmRaisedTime") or alarm.get("alarmReportingTime")
    ended = alarm.get("alarmClearedTime") or (alarm.get("alarmChangedTime") if cleared else None)
    if cleared and not ended:
        raise _Unusable(_("cleared, without alarmClearedTime"))
    cause = _cause(alarm.get("probableCause"))
    kind = "degraded" if "quality" in str(alarm.get("alarmType", "")).lower() else "outage"
    return AlarmReport(
        key=_text(alarm, "id"),
        raised_at=_moment(raised, zone),
        area=_text(_first(alarm.get("place")), "id"),
        cell=_text(_first(alarm.get("alarmedObject")), "id"),
        kind=_kind(None, cause, fallback=kind),
        cause=cause,
        severity=_severity(severity),
        technology=_text(alarm, "technology") or "all",
        cleared_at=_moment(ended, zone) if ended else None,
    )


def _first(value: Any) -> Mapping[str, Any]:
    if isinstance(value, list):
        value = value[0] if value else {}
    return value if isinstance(value, Mapping) else {}


def _checked(alarm: AlarmReport, now: datetime) -> AlarmReport:
    if not alarm.key:
        raise _Unusable(_("without a key"))
    if not (alarm.area or alarm.cell):
        raise _Unusable(_("without area and cell"))
    if alarm.raised_at > now + AHEAD:
        raise _Unusable(
            _("raised at %(at)s, which is yet to come") % {"at": alarm.raised_at.isoformat()}
        )
    if alarm.cleared_at is not None and alarm.cleared_at < alarm.raised_at:
        raise _Unusable(_("cleared before it was raised"))
    return alarm


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    text = "" if value is None else str(value).strip()
    if len(text) > _LONGEST or "\0" in text:
        raise _Unusable(_("%(column)s is not a name") % {"column": name})
    return text


def _kind(value: Any, cause: str, *, fallback: str = "outage") -> str:
    text = str(value or "").strip().lower()
    if text in KINDS:
        return text
    if text:
        raise _Unusable(_("kind %(kind)s is not known") % {"kind": text[:40]})
    return cause if cause in ("congestion", "work") else fallback


def _cause(value: Any) -> str:
    text = str(value or "").strip().lower().replace(" ", "_")
    if text in CAUSES:
        return text
    return next((cause for word, cause in _CAUSE_WORDS if word in text.replace("_", "")), "unknown")


def _severity(value: Any) -> str:
    return _SEVERITIES.get(str(value or "major").strip().lower(), "major")


def _moment(value: Any, zone: tzinfo) -> datetime:
    """ISO 8601; without an offset in `zone`, the first of two equal times when clocks go back."""
    if not value:
        raise _Unusable(_("without a time"))
    text = str(value).strip()
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise _Unusable(_("%(text)s is not a time") % {"text": text[:40]}) from None
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=zone)
    return parsed.astimezone(UTC)
