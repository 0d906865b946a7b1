"""Questions about the self-examination: how each process stands, its checks, findings and steps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from amends.kit.packs import load_rules
from amends.notices.models import (
    DutyCheck,
    DutyCount,
    ExaminationStep,
    Finding,
    ProcessOwner,
)
from amends.notices.rules.audit.coverage import DutyTally
from amends.notices.rules.audit.outcomes import STATES
from amends.notices.rules.duties import book
from amends.notices.rules.examination import (
    CLOSED,
    Process,
    ProcessCheck,
    register,
    standing,
)
from amends.notices.rules.examination import process_of_rule as process_of_rule
from amends.notices.rules.examination import quarter_of as quarter_of


@dataclass(frozen=True, slots=True)
class ProcessStanding:
    """A process, who answers for it ("" for nobody), and how it stands this quarter."""

    process: Process
    owner: str
    owner_since: date | None
    standing: ProcessCheck
    checks: dict[str, DutyCheck]
    findings: tuple[Finding, ...]


def processes(on: date) -> tuple[Process, ...]:
    """The register in force on a day, with the duties of the installation's place."""
    file = load_rules("amends.notices", "processes", on)
    return register(file, book(settings.JURISDICTION, on))


def numbers(on: date) -> dict[str, int]:
    """The figures of the register in force on a day."""
    return dict(load_rules("amends.notices", "processes", on).data["numbers"])


def standings(on: date) -> list[ProcessStanding]:
    """Every process as it stands on a day, those in red first."""
    quarter = quarter_of(on)
    checks: dict[str, dict[str, DutyCheck]] = {}
    for check in DutyCheck.objects.filter(quarter=quarter).order_by("checked_at", "id"):
        checks.setdefault(check.process, {})[check.duty] = check
    findings: dict[str, list[Finding]] = {}
    for one in Finding.objects.exclude(state=CLOSED):
        findings.setdefault(one.process, []).append(one)
    owners = _owners(on)
    found = []
    for process in processes(on):
        own = checks.get(process.id, {})
        standing_findings = findings.get(process.id, [])
        overdue = sum(one.recheck_on is not None and one.recheck_on < on
                      for one in standing_findings)  # fmt: skip
        stands = standing(
            process,
            checked={duty: timezone.localdate(check.checked_at) for duty, check in own.items()},
            open_findings=len(standing_findings),
            overdue=overdue,
        )
        owner, since = owners.get(process.id, ("", None))
        found.append(ProcessStanding(process, owner, since, stands, own, tuple(standing_findings)))
    ranks = {"unchecked": 0, "overdue": 1, "found": 2, "checked": 3}
    return sorted(found, key=lambda each: ranks[each.standing.word])


def _owners(on: date) -> dict[str, tuple[str, date]]:
    rows = ProcessOwner.objects.filter(from_date__lte=on).order_by("from_date", "id")
    return {row.process: (row.owner, row.from_date) for row in rows}


def process_standing(process: str, on: date) -> ProcessStanding | None:
    """One process, None where the register does not know it."""
    return next((one for one in standings(on) if one.process.id == process), None)


def findings_of(process: str) -> list[Finding]:
    """Its findings, closed ones included, the newest first."""
    return list(Finding.objects.filter(process=process))


def steps_of(process: str, *, limit: int = 100) -> list[ExaminationStep]:
    """What was done about a process, the newest first."""
    return list(ExaminationStep.objects.filter(process=process)[:limit])


def counts_of(duties: Iterable[str], months: Iterable[str]) -> dict[str, DutyTally]:
    """What became of the notices of some duties in some months, all brands together."""
    rows = (
        DutyCount.objects.filter(duty__in=list(duties), period__in=list(months))
        .order_by("duty")
        .values("duty")
        .annotate(**{f"sum_{name}": Sum(name) for name in STATES})
    )
    return {
        row["duty"]: DutyTally(
            row["duty"], "", **{name: row[f"sum_{name}"] or 0 for name in STATES}
        )
        for row in rows
    }
