"""Findings of other scanners: the JSON reports of MobSF and of Exodus.

MobSF (static analysis, `/api/v1/report_json`) and Exodus (`exodus-standalone`, `reports`) use
names of their own; findings that correspond to a code here get that code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.printable import printable

MOST = 500
_SEVERITIES = {"high": "high", "warning": "medium", "dangerous": "medium", "info": "low"}
_MANIFEST_CODES = {
    "debuggable": "DEBUGGABLE",
    "backup": "BACKUP",
    "cleartext": "CLEARTEXT",
    "exported": "EXPORTED_UNPROTECTED",
    "minsdk": "OLD_TARGET_SDK",
    "janus": "WEAK_SIGNATURE",
}


class UnableToReadReport(BadInput):
    """The report is neither of MobSF nor of Exodus."""

    code = "unable_to_read_report"


@dataclass(frozen=True, slots=True)
class ReportedFinding:
    """A finding of another scanner; `source`: mobsf or exodus."""

    code: str
    severity: str
    title: str
    evidence: str
    source: str


def read_report(document: Any, *, package: str) -> list[ReportedFinding]:
    """The findings of a report; raises UnableToReadReport, also for one of another app."""
    if not isinstance(document, dict):
        raise _unknown()
    application = document.get("application")
    of = document.get("package_name") or document.get("handle")
    if isinstance(application, dict):
        of = application.get("handle", of)
    if isinstance(of, str) and of and of != package:
        raise UnableToReadReport(
            _("The report is of the app %(other)s, not of %(package)s."),
            next_step=_("Send the report of the same app."),
            values={"other": printable(of)[:200], "package": package},
        )
    if "manifest_analysis" in document or "certificate_analysis" in document:
        return list(_mobsf(document))[:MOST]
    if "trackers" in document:
        return list(_exodus(_list_of(document, "trackers"), "exodus"))[:MOST]
    raise _unknown()


def _unknown() -> UnableToReadReport:
    return UnableToReadReport(
        _("The report is neither of MobSF nor of Exodus."),
        next_step=_("Send the JSON report of one of them."),
    )


def _wrong_shape(name: str) -> UnableToReadReport:
    return UnableToReadReport(
        _("The field “%(field)s” of the report does not have the form of MobSF or Exodus."),
        meaning=_("Nothing was checked: findings could be missed."),
        next_step=_(
            'Exodus writes {"handle": "…", "trackers": [{"name": "…"}]}; MobSF writes '
            '{"package_name": "…", "manifest_analysis": {"manifest_findings": [{…}]}, '
            '"trackers": {"trackers": [{…}]}}. Export the report again.'
        ),
        values={"field": name},
    )


def _list_of(fields: Mapping[str, Any], name: str) -> list[Any]:
    """The list in a field; [] where the field is absent or null. Raises UnableToReadReport."""
    rows = fields.get(name)
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise _wrong_shape(name)
    return rows


def _object_in(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object in a field; {} where the field is absent or null. Raises UnableToReadReport."""
    member = fields.get(name)
    if member is None:
        return {}
    if not isinstance(member, dict):
        raise _wrong_shape(name)
    return member


def _mobsf(document: Mapping[str, Any]) -> Iterator[ReportedFinding]:
    # Older versions write the list without an object around it.
    if isinstance(document.get("manifest_analysis"), list):
        rows = _list_of(document, "manifest_analysis")
    else:
        rows = _list_of(_object_in(document, "manifest_analysis"), "manifest_findings")
    for row in rows:
        if not isinstance(row, dict):
            raise _wrong_shape("manifest_analysis")
        severity = _SEVERITIES.get(str(row.get("severity", row.get("stat", ""))).lower())
        title = _text(row.get("title"))
        if severity and title:
            name = f"{row.get('rule', '')} {title}".lower()
            code = next((code for word, code in _MANIFEST_CODES.items() if word in name), "")
            if code:
                yield ReportedFinding(
                    code=code,
                    severity=severity,
                    title=title,
                    evidence=_text(row.get("name")),
                    source="mobsf",
                )
    certificate = _object_in(document, "certificate_analysis")
    for row in _list_of(certificate, "certificate_findings"):
        if not isinstance(row, list) or len(row) < 2:
            raise _wrong_shape("certificate_findings")
        severity = _SEVERITIES.get(str(row[0]).lower())
        if severity in ("high", "medium"):
            title = _text(row[-1])
            yield ReportedFinding(
                code="WEAK_SIGNATURE",
                severity=severity,
                title=title,
                evidence=_text(row[1]),
                source="mobsf",
            )
    yield from _exodus(_list_of(_object_in(document, "trackers"), "trackers"), "mobsf")


def _exodus(rows: Sequence[Any], source: str) -> Iterator[ReportedFinding]:
    for row in rows:
        name = row.get("name") if isinstance(row, dict) else row
        if isinstance(row, dict) and not name and len(row) == 1:
            name = next(iter(row))
        if not isinstance(name, str | int):
            raise _wrong_shape("trackers")
        yield ReportedFinding(
            code="TRACKER",
            severity="medium",
            title=_text(name),
            evidence=_text(name),
            source=source,
        )


def _text(value: Any) -> str:
    return printable(value)[:200] if isinstance(value, str | int) else ""
