"""`amends notices audit` and `coverage`: what was due, and how much of it arrived in time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from django.conf import settings

from amends.platform.cli.command import CheckFailed, command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import ngettext, pgettext
from amends.platform.cli.options import DAY_OPTION
from amends.platform.cli.progress import bar
from amends.platform.cli.render import TableColumn, View
from amends.platform.kit.errors import BadInput

if TYPE_CHECKING:
    from amends.cases.audits.queries import DutyCoverage
    from amends.cases.audits.rules.coverage import DutyTally

FROM = Annotated[
    date | None,
    typer.Option("--from", help="First day, 2026-10-01; months are audited whole.", **DAY_OPTION),
]
TO = Annotated[
    date | None,
    typer.Option("--to", help="First day that is not part of it, 2026-11-01.", **DAY_OPTION),
]
PACK = Annotated[
    str, typer.Option("--pack", help="Whose duties: cn, eu, uk, …; AMENDS_PACK if left out.")
]


@dataclass(frozen=True, slots=True)
class DutyCount:
    """Notices due under a duty in a period (its first day), by outcome.

    covered_share  in time, of those whose outcome is known (0 to 1); None where none is
    """

    duty: str
    period: str
    due: int
    in_time: int
    late: int
    failed: int
    missing: int
    unknown: int
    covered_share: float | None


@dataclass(frozen=True, slots=True)
class AuditOutcome:
    """Notices that were due from `start` up to `end`.

    stated          of these, the facts written by this audit
    untold_charges  charges made although their notice was missing; untold_minor, their sum by
                    currency in minor units
    not_audited     duties that leave no trace to recompute them from
    """

    start: datetime = field(metadata={"serialization_alias": "from"})
    end: datetime = field(metadata={"serialization_alias": "to"})
    owed: int
    stated: int
    duties: list[DutyCount]
    untold_charges: int
    untold_minor: dict[str, int]
    not_audited: list[str]


@dataclass(frozen=True, slots=True)
class CoveredDuty(DutyCount):
    """A duty over a period, with its months and charges without a notice (`untold_minor`)."""

    title_zh: str
    title_en: str
    source: str
    verified: Any
    untold_minor: int
    currency: str
    months: list[DutyCount]


@dataclass(frozen=True, slots=True)
class CoverageOfDuties:
    """Coverage of duties from a month up to a day, by the last audits."""

    start: str = field(metadata={"serialization_alias": "from"})
    end: date = field(metadata={"serialization_alias": "to"})
    audited_at: datetime | None
    duties: list[CoveredDuty]

    @property
    def failed(self) -> bool:
        """Whether a notice was late, failed or is missing."""
        return any(duty.late or duty.failed or duty.missing for duty in self.duties)


def _audit_view(audit_outcome: AuditOutcome) -> View:
    notes = [
        ngettext(
            "%(owed)s notice was due; %(stated)s of them were not on record.",
            "%(owed)s notices were due; %(stated)s of them were not on record.",
            audit_outcome.owed,
        )
        % {"owed": f"{audit_outcome.owed:,}", "stated": f"{audit_outcome.stated:,}"}
    ]
    if audit_outcome.untold_charges:
        sums = ", ".join(
            f"{minor / 100:,.2f} {code}" for code, minor in audit_outcome.untold_minor.items()
        )
        notes.append(
            ngettext(
                "%(count)s charge was made without its notice: %(sums)s.",
                "%(count)s charges were made without their notice: %(sums)s.",
                audit_outcome.untold_charges,
            )
            % {"count": f"{audit_outcome.untold_charges:,}", "sums": sums}
        )
    notes.append(
        _("Not recomputed, no trace outside the engine: %(duties)s.")
        % {"duties": ", ".join(audit_outcome.not_audited)}
    )
    return View(columns=_columns(), rows=audit_outcome.duties, notes=notes)


@command(view=_audit_view)
def audit(
    files: Annotated[
        list[Path] | None,
        typer.Argument(exists=True, dir_okay=False, help="Usage records: Parquet or CSV."),
    ] = None,
    since: FROM = None,
    until: TO = None,
    pack: PACK = "",
) -> AuditOutcome:
    """Compute again which notices were due, from facts and files, and count their outcomes."""
    from django.utils import timezone

    from amends.cases.audits.actions.audit import audit as run
    from amends.platform.kit.actors import system

    now = timezone.now()
    first, last = _period(since, until, now)
    with bar(_("Auditing")):
        report = run(
            start=first,
            end=last,
            actor=system("auditor"),
            now=now,
            jurisdiction=pack or settings.JURISDICTION,
            usage=files or [],
        )
    return AuditOutcome(
        start=report.start,
        end=report.end,
        owed=report.owed,
        stated=report.stated,
        duties=_counts(report.counts),
        untold_charges=report.untold,
        untold_minor=report.untold_minor,
        not_audited=list(report.not_audited),
    )


def _coverage_view(coverage_of_duties: CoverageOfDuties) -> View:
    return View(
        columns=_columns(),
        rows=[month for duty in coverage_of_duties.duties for month in duty.months],
        empty=_("Nothing was audited in these months; run `amends notices audit` first."),
    )


@command(view=_coverage_view)
def coverage(
    since: FROM = None,
    until: TO = None,
    pack: PACK = "",
    check: Annotated[
        bool, typer.Option("--check", help="Exit 1 if a notice was late, failed or missing.")
    ] = False,
) -> CoverageOfDuties:
    """Coverage of duties by the last audits: due, in time, late, failed, missing, unknown."""
    from django.utils import timezone

    from amends.cases.audits.queries import coverage_of_duties, last_audit, month_names
    from amends.platform.kit.packs import day_in

    now = timezone.now()
    first, last = _period(since, until, now)
    months = month_names(first, last)
    jurisdiction = pack or settings.JURISDICTION
    duties = coverage_of_duties(months, on=day_in(jurisdiction, now), jurisdiction=jurisdiction)
    ran = last_audit()
    duty_coverage = CoverageOfDuties(
        start=months[0],
        end=last,
        audited_at=ran[0] if ran else None,
        duties=[_covered(duty) for duty in duties],
    )
    if check and duty_coverage.failed:
        raise CheckFailed(duty_coverage)
    return duty_coverage


def _covered(duty_coverage: DutyCoverage) -> CoveredDuty:
    return CoveredDuty(
        **_values(duty_coverage.total),
        title_zh=duty_coverage.title_zh,
        title_en=duty_coverage.title_en,
        source=duty_coverage.source,
        verified=duty_coverage.verified,
        untold_minor=duty_coverage.untold_minor,
        currency=duty_coverage.currency,
        months=_counts(duty_coverage.months),
    )


def _counts(tallies: Iterable[DutyTally]) -> list[DutyCount]:
    return [DutyCount(**_values(tally)) for tally in tallies]


def _values(tally: DutyTally) -> dict[str, Any]:
    return {count_field.name: getattr(tally, count_field.name) for count_field in fields(DutyCount)}


def _period(since: date | None, until: date | None, now: datetime) -> tuple[date, date]:
    """The days asked for; the month before and this one where no option gives them."""
    from django.utils import timezone

    today = timezone.localdate(now)
    first = since or today.replace(day=1) - timedelta(days=1)
    last = until or today + timedelta(days=1)
    if last <= first:
        raise BadInput(
            _("The period ends before it starts."),
            where="--to",
            next_step=_("Give a later day for --to than for --from."),
        )
    return first.replace(day=1), last


def _columns() -> list[TableColumn]:
    from amends.causes.notices.texts.duties import duty_title

    def title(row: DutyCount) -> str:
        return str(duty_title(row.duty, date.fromisoformat(row.period)))

    return [
        TableColumn(_("duty"), "duty", whole=True),
        TableColumn(_("title"), title),
        TableColumn(_("month"), "period", "{:.7}", whole=True),
        TableColumn(pgettext("notice", "due"), "due", "{:,}", right=True),
        TableColumn(pgettext("notice", "in time"), "in_time", "{:,}", right=True),
        TableColumn(pgettext("notice", "late"), "late", "{:,}", right=True),
        TableColumn(_("failed"), "failed", "{:,}", right=True),
        TableColumn(pgettext("notice", "missing"), "missing", "{:,}", right=True),
        TableColumn(_("unknown"), "unknown", "{:,}", right=True),
        TableColumn(_("Share"), "covered_share", "{:.1%}", right=True),
    ]
