"""Self-examination: name an owner, check a process, write findings down, correct, re-check.

Every step leaves a row in the trail, in the same transaction; triggers protect the trail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from amends.cases.audits.queries import DutyTally, audited, counts_of
from amends.cases.examinations.models import (
    DutyCheck,
    ExaminationFinding,
    ExaminationStep,
    ProcessOwner,
)
from amends.cases.examinations.queries import numbers, processes
from amends.cases.examinations.rules.processes import (
    CLOSED,
    CORRECTED,
    FOUND,
    MET,
    MOVES,
    OPEN,
    Process,
    judged,
    months_of_quarter,
    quarter_of,
)
from amends.engines.duties.book import book
from amends.people.access.queries import actor_called, may
from amends.platform.database.rows import insert_new
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.vault.redaction import redact_person

SHORTEST = 8


class UnableToExamine(Refused):
    """The role, or the state of the finding, does not allow this step."""

    code = "unable_to_examine"


class UnableToFindProcess(BadInput):
    """The register has no such process or finding."""

    code = "process_unknown"


class UnableToUnderstand(BadInput):
    """Words that say nothing."""

    code = "too_short"


@dataclass(frozen=True, slots=True)
class NewFinding:
    """Something found; `key` names its cause, so that it is one finding however often seen."""

    key: str
    process: str
    source: str
    duty: str = ""
    figure: int = 0
    of: int = 0
    words: str = ""


def assign_owner(
    process: str, username: str, *, from_date: date, actor: Actor, now: datetime
) -> None:
    """From a day on, a colleague answers for a process."""
    _may(actor, "examination.check", now)
    own_process = _process(process, now)
    owner = actor_called(username).ref
    with transaction.atomic():
        ProcessOwner.objects.create(
            process=own_process.id, owner=owner, from_date=from_date, set_by=actor.ref, set_at=now
        )
        _step(actor, now, "owner", own_process.id, note=f"{owner} {from_date.isoformat()}")


def check_process(process: str, *, note: str, actor: Actor, now: datetime) -> list[DutyCheck]:
    """Hold every duty of a process against this quarter's coverage; what fails is a finding.

    note  how the duties that leave no trace were examined: a sentence, or the check says nothing
    """
    _may(actor, "examination.check", now)
    note_text = _words(note)
    own, today = _process(process, now), _today(now)
    quarter = quarter_of(today)
    traced = {duty.id for duty in audited(book(settings.JURISDICTION, today))}
    counts = counts_of((duty.id for duty in own.duties), months_of_quarter(quarter))
    limit = numbers(today)["met_permille"]
    checks, findings = [], []
    for duty in own.duties:
        seen = counts.get(duty.id, DutyTally(duty.id, quarter))
        outcome = judged(
            in_time=seen.in_time,
            known_count=seen.known,
            met_permille=limit,
            audited=duty.id in traced or duty.id in counts,
        )
        checks.append(
            DutyCheck(
                process=own.id,
                duty=duty.family,
                quarter=quarter,
                checked_at=now,
                checked_by=actor.ref,
                outcome=outcome,
                due=seen.due,
                in_time=seen.in_time,
                unknown=seen.unknown,
                note=note_text,
            )
        )
        if outcome == FOUND:
            missed = seen.known - seen.in_time
            findings.append(
                NewFinding(
                    key=f"coverage:{duty.id}:{quarter}",
                    process=own.id,
                    source="coverage",
                    duty=duty.id,
                    figure=missed,
                    of=seen.known,
                )
            )
    with transaction.atomic():
        DutyCheck.objects.bulk_create(checks)
        _step(actor, now, "check", own.id, note=note_text)
        _note(findings, by=actor, now=now)
    return checks


def note_findings(findings: Sequence[NewFinding], *, actor: Actor, now: datetime) -> int:
    """Write findings down, each cause once; how many are new."""
    _may(actor, "examination.correct", now)
    process_ids = {process.id for process in processes(_today(now))}
    if strangers := [finding.process for finding in findings if finding.process not in process_ids]:
        raise _unknown(strangers[0])
    with transaction.atomic():
        return _note(findings, by=actor, now=now)


def correct(
    finding: str, *, what: str, recheck_on: date | None, actor: Actor, now: datetime
) -> ExaminationFinding:
    """Say what was corrected, and when it is re-checked."""
    _may(actor, "examination.correct", now)
    correction = _words(what)
    on = recheck_on or _today(now) + timedelta(days=numbers(_today(now))["recheck_days"])
    if on <= _today(now):
        raise UnableToUnderstand(
            _("The day of the re-check has passed."), next_step=_("Choose a later day.")
        )
    with transaction.atomic():
        moved_finding = _moved(finding, CORRECTED)
        moved_finding.correction, moved_finding.recheck_on = correction, on
        moved_finding.corrected_at, moved_finding.corrected_by = now, actor.ref
        moved_finding.save()
        _step(actor, now, "correct", moved_finding.process, moved_finding.id, correction)
    return moved_finding


def recheck(
    finding: str, *, note: str, holds_now: bool, actor: Actor, now: datetime
) -> ExaminationFinding:
    """Look again: a finding of coverage is judged by the months since, any other by the person.

    held  whether the correction holds, in the person's eyes; figures overrule it
    """
    _may(actor, "examination.check", now)
    note_text = _words(note)
    with transaction.atomic():
        moved_finding = ExaminationFinding.objects.select_for_update().filter(id=finding).first()
        if moved_finding is None:
            raise _unknown(finding)
        if moved_finding.corrected_by == actor.ref and actor.kind == "user":
            raise UnableToExamine(
                _("You corrected this yourself."),
                meaning=_("Nothing was changed."),
                next_step=_("Ask a colleague to re-check it."),
            )
        holds = _holds(moved_finding, now) if moved_finding.source == "coverage" else holds_now
        moved_finding = _moved(finding, CLOSED if holds else OPEN)
        moved_finding.rechecked_at, moved_finding.rechecked_by = now, actor.ref
        if not holds:
            moved_finding.recheck_on = None
        moved_finding.save()
        _step(
            actor,
            now,
            "held" if holds else "reopened",
            moved_finding.process,
            moved_finding.id,
            note_text,
        )
    return moved_finding


def _holds(examination_finding: ExaminationFinding, now: datetime) -> bool:
    """Whether the duty was met in the whole months since; refused while none is known."""
    today = _today(now)
    since = (
        timezone.localtime(examination_finding.corrected_at).date()
        if examination_finding.corrected_at
        else today
    )
    months = [
        name
        for year in range(since.year, today.year + 1)
        for name in (f"{year}-{month:02}-01" for month in range(1, 13))
        if name > since.isoformat() and name <= today.isoformat()
    ]
    seen = counts_of([examination_finding.duty], months).get(
        examination_finding.duty, DutyTally(examination_finding.duty, "")
    )
    outcome = judged(
        in_time=seen.in_time,
        known_count=seen.known,
        met_permille=numbers(today)["met_permille"],
        audited=True,
    )
    if outcome not in (MET, FOUND):
        raise UnableToExamine(
            _("No whole month since the correction has been audited."),
            meaning=_("Whether it holds is not known, so the finding stays as it is."),
            next_step=_("Audit the months since, then re-check."),
        )
    return outcome == MET


def _moved(finding: str, state: str) -> ExaminationFinding:
    finding_row = ExaminationFinding.objects.select_for_update().filter(id=finding).first()
    if finding_row is None:
        raise _unknown(finding)
    if (finding_row.state, state) not in MOVES:
        raise UnableToExamine(
            _("The finding is not in a state for this step."),
            meaning=_("Nothing was changed."),
            next_step=_("Load the page again: first the correction, then the re-check."),
        )
    finding_row.state = state
    return finding_row


def _note(findings: Sequence[NewFinding], *, by: Actor, now: datetime) -> int:
    new = 0
    for finding in findings:
        row = ExaminationFinding(
            key=finding.key[:120],
            process=finding.process,
            duty=finding.duty,
            source=finding.source,
            figure=finding.figure,
            of=finding.of,
            words=redact_person(finding.words),
            found_at=now,
            found_by=by.ref,
        )
        if insert_new(row):
            _step(by, now, "found", finding.process, row.id, finding.key)
            new += 1
    return new


def _step(
    actor: Actor, now: datetime, verb: str, process: str, finding: str = "", note: str = ""
) -> None:
    ExaminationStep.objects.create(
        at=now, by=actor.ref, verb=verb, process=process, finding=finding, said=note
    )


def _may(actor: Actor, page: str, now: datetime) -> None:
    if actor.kind != "system" and not may(actor.roles, page, at=now):
        raise UnableToExamine(
            _("Your role does not take this step of the self-examination."),
            meaning=_("Nothing was changed."),
            next_step=_("Ask a service-quality manager."),
        )


def _process(process: str, now: datetime) -> Process:
    for registered in processes(_today(now)):
        if registered.id == process:
            return registered
    raise _unknown(process)


def _unknown(name: str) -> UnableToFindProcess:
    return UnableToFindProcess(
        _("There is no %(name)s in the register.") % {"name": name[:40]},
        next_step=_("Choose one from the list."),
    )


def _words(text: str) -> str:
    clean_text = redact_person(text.strip())
    if len(clean_text) < SHORTEST:
        raise UnableToUnderstand(
            _("The note says too little."),
            meaning=_("Nothing was changed."),
            next_step=_("Write in a sentence what was checked or done."),
        )
    return clean_text


def _today(now: datetime) -> date:
    return timezone.localtime(now).date()
