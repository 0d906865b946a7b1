"""Audit the weeks that were played: which duties were kept, and what is owed to the silent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings

from amends.cases.audits.actions.audit import audit
from amends.cases.audits.actions.propose_refunds import preview as untold_refunds
from amends.cases.audits.queries import DutyCoverage, audited_months, coverage_of_duties
from amends.causes.confirmations.actions.audit_past import look_back
from amends.causes.confirmations.actions.open_refunds import preview as unconfirmed_refunds
from amends.engines.duties.book import book
from amends.engines.duties.duty import Duty
from amends.engines.metering.usage.files import files_in
from amends.platform.kit.actors import system
from amends.platform.kit.periods import from_ms
from amends.work.remedies.actions.propose import Proposal
from amends_demo.actions.load import Progress, quietly
from amends_demo.actions.play import DeskProgress

_PARTS = 2


@dataclass(frozen=True, slots=True)
class Refunds:
    """What an audit would give back now, less what complaints and billing gave back before.

    people, silent  how many persons, and those of them who have not complained about anything
    amount_minor, silent_minor  what all of them are owed, and what the silent are
    """

    charges: int
    people: int
    amount_minor: int
    silent: int
    silent_minor: int

    def as_dict(self) -> dict[str, int]:
        """The counts and sums by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Absent:
    """A duty of the pack that nothing fell due under.

    reason  `by_contract`, `by_publication`, `by_confirmation`, `by_bill`: what meets it, no notice;
            `elsewhere`: another app sends it, and the demonstration does not play that;
            `no_such_event`: what would pull it does not happen in the invented world
    """

    duty: str
    zh: str
    en: str
    reason: str


@dataclass(frozen=True, slots=True)
class Audited:
    """What the real auditors say of the weeks.

    duties   coverage of each duty that anything fell due under, the worst first
    absent   the pack's other duties: nothing fell due under them here, each with the reason
    untold   charges made although their notice was missing
    unconfirmed  charges that no confirmation covers
    """

    duties: tuple[DutyCoverage, ...]
    absent: tuple[Absent, ...]
    untold: Refunds
    unconfirmed: Refunds

    def as_dict(self) -> dict[str, Any]:
        """The parts of the demonstration's document that are about audits."""
        return {
            "duties": [_duty(duty) for duty in self.duties],
            "duties_absent": {absent_duty.duty: absent_duty.reason for absent_duty in self.absent},
            "found": {
                "missing_notice": self.untold.as_dict(),
                "unconfirmed": self.unconfirmed.as_dict(),
            },
        }


def _duty(duty_coverage: DutyCoverage) -> dict[str, Any]:
    share, total = duty_coverage.total.covered_share, duty_coverage.total
    return {
        "duty": duty_coverage.duty,
        "due": total.due,
        "in_time": total.in_time,
        "late": total.late,
        "failed": total.failed,
        "missing": total.missing,
        "unknown": total.unknown,
        "share": None if share is None else round(share, 4),
    }


def audit_weeks(desk: DeskProgress, *, progress: Progress = quietly) -> Audited:
    """Run both auditors over the ledger as it stands at the end of the weeks.

    They read facts and the files of usage, as on any other installation, and nothing of the world's
    truth. What they find stays on the pages of coverage and of audits, where one action opens the
    refunds.
    """
    scenario, pack = desk.loaded.world.scenario, "cn"
    start, end = from_ms(scenario.start_ms), from_ms(scenario.end_ms)
    progress("audits", 0, _PARTS)
    audit(
        start=start.date(),
        end=end.date() + timedelta(days=1),
        actor=system("auditor"),
        now=end,
        jurisdiction=pack,
        usage=files_in(settings.USAGE_DIR),
    )
    progress("audits", 1, _PARTS)
    look_back_run = look_back(start=start, end=end, actor=system("confirmations"), now=end)
    progress("audits", _PARTS, _PARTS)
    months, complainers = audited_months(), _complained(desk)
    covered = tuple(coverage_of_duties(months, on=end.date(), jurisdiction=pack))
    return Audited(
        duties=covered,
        absent=_absent({duty_coverage.duty for duty_coverage in covered}, pack, end.date()),
        untold=_refunds(untold_refunds(periods=months, now=end).proposals, complainers),
        unconfirmed=_refunds(unconfirmed_refunds(look_back_run.id), complainers),
    )


def _absent(met: set[str], pack: str, on: date) -> tuple[Absent, ...]:
    """The duties of the pack in force on a day that are not among `met`."""
    return tuple(
        Absent(
            duty=duty.id,
            zh=duty.zh,
            en=duty.en,
            reason=_reason(duty),
        )
        for duty in book(pack, on).duties
        if duty.id not in met
    )


def _reason(duty: Duty) -> str:
    if duty.met_by != "notice":
        return f"by_{duty.met_by}"
    return "elsewhere" if duty.trigger == "month_closed" else "no_such_event"


def _complained(desk: DeskProgress) -> set[str]:
    """The pseudonyms of everybody who has complained."""
    pseudonyms = desk.loaded.pseudonyms
    files = (file for file in desk.files.values() if not file.stranger and not file.enquiry)
    return {pseudonyms[file.contact["subscriber"]] for file in files}


def _refunds(proposals: Sequence[Proposal], complainers: set[str]) -> Refunds:
    silent = [proposal for proposal in proposals if proposal.subscriber not in complainers]
    return Refunds(
        charges=len(proposals),
        people=len({proposal.subscriber for proposal in proposals}),
        amount_minor=_sum(proposals),
        silent=len({silent_proposal.subscriber for silent_proposal in silent}),
        silent_minor=_sum(silent),
    )


def _sum(proposals: Iterable[Proposal]) -> int:
    return sum(proposal.amount_minor for proposal in proposals)
