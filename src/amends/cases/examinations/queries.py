"""The state of each process in the self-examination, its checks, findings and steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils import timezone

from amends.cases.examinations.models import (
    DutyCheck,
    ExaminationFinding,
    ExaminationStep,
    ProcessOwner,
)
from amends.cases.examinations.rules.processes import (
    CLOSED,
    Process,
    ProcessCheck,
    check_of,
    register,
)
from amends.cases.examinations.rules.processes import process_of_rule as process_of_rule
from amends.cases.examinations.rules.processes import quarter_of as quarter_of
from amends.engines.duties.book import book
from amends.platform.kit.packs import load_rules


@dataclass(frozen=True, slots=True)
class ProcessStatus:
    """A process, who answers for it ("" for nobody), and its state this quarter."""

    process: Process
    owner: str
    owner_since: date | None
    check: ProcessCheck
    checks: dict[str, DutyCheck]
    findings: tuple[ExaminationFinding, ...]


def processes(on: date) -> tuple[Process, ...]:
    """The register in force on a day, with the duties of the installation's place."""
    file = load_rules("amends.cases.examinations", "processes", on)
    return register(file, book(settings.JURISDICTION, on))


def numbers(on: date) -> dict[str, int]:
    """The figures of the register in force on a day."""
    return dict(load_rules("amends.cases.examinations", "processes", on).data["numbers"])


def process_statuses(on: date) -> list[ProcessStatus]:
    """Every process in its state on a day, those in red first."""
    quarter = quarter_of(on)
    checks: dict[str, dict[str, DutyCheck]] = {}
    for check in DutyCheck.objects.filter(quarter=quarter).order_by("checked_at", "id"):
        checks.setdefault(check.process, {})[check.duty] = check
    findings: dict[str, list[ExaminationFinding]] = {}
    for examination_finding in ExaminationFinding.objects.exclude(state=CLOSED):
        findings.setdefault(examination_finding.process, []).append(examination_finding)
    owners = _owners(on)
    statuses = []
    for process in processes(on):
        own = checks.get(process.id, {})
        still_open = findings.get(process.id, [])
        overdue = sum(
            finding.recheck_on is not None and finding.recheck_on < on for finding in still_open
        )
        check = check_of(
            process,
            checked={duty: timezone.localdate(check.checked_at) for duty, check in own.items()},
            open_findings=len(still_open),
            overdue=overdue,
        )
        owner, since = owners.get(process.id, ("", None))
        statuses.append(
            ProcessStatus(
                process=process,
                owner=owner,
                owner_since=since,
                check=check,
                checks=own,
                findings=tuple(still_open),
            )
        )
    ranks = {"unchecked": 0, "overdue": 1, "found": 2, "checked": 3}
    return sorted(statuses, key=lambda each: ranks[each.check.word])


def _owners(on: date) -> dict[str, tuple[str, date]]:
    rows = ProcessOwner.objects.filter(from_date__lte=on).order_by("from_date", "id")
    return {row.process: (row.owner, row.from_date) for row in rows}


def process_status(process: str, on: date) -> ProcessStatus | None:
    """One process, None where the register does not know it."""
    return next((status for status in process_statuses(on) if status.process.id == process), None)


def findings_of(process: str) -> list[ExaminationFinding]:
    """Its findings, closed ones included, the newest first."""
    return list(ExaminationFinding.objects.filter(process=process))


def steps_of(process: str, *, limit: int = 100) -> list[ExaminationStep]:
    """What was done about a process, the newest first."""
    return list(ExaminationStep.objects.filter(process=process)[:limit])
