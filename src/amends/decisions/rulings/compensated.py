"""Amounts a pack fixes for a thing done late, beside what was charged."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from amends.decisions.compensation import Basis, compensations, late_repair_days
from amends.decisions.evidence import Matter
from amends.decisions.rulings.findings import GroundFinding
from amends.decisions.rulings.model import RemedyProposal
from amends.kit.formats import local
from amends.kit.packs import UnableToFindRules
from amends.kit.periods import from_ms


def compensated(
    ruled: Iterable[GroundFinding], matter: Matter, on: date
) -> tuple[RemedyProposal, ...]:
    """The compensation of each finding whose rule names one; none where its amount is not known."""
    found: list[RemedyProposal] = []
    for finding in ruled:
        if finding.rule is not None and finding.rule.compensation == "late_repair":
            found += _late_repair(finding, matter, on)
    return _as_one(found)


def _as_one(found: list[RemedyProposal]) -> tuple[RemedyProposal, ...]:
    """Compensation belongs to no charge, so a complaint has one, whatever it is made of."""
    if len(found) < 2:
        return tuple(found)
    texts = dict.fromkeys((each.zh, each.en) for each in found)
    return (
        RemedyProposal(
            "compensation",
            sum(each.amount_minor for each in found),
            found[0].currency,
            "",
            "".join(zh for zh, _ in texts),
            " ".join(en for _, en in texts),
        ),
    )


def _late_repair(finding: GroundFinding, matter: Matter, on: date) -> list[RemedyProposal]:
    """Days are counted from the start of the fault: whoever reported it first did so then."""
    zone = local(0, matter.zone).tzinfo
    assert zone is not None
    started, ended = from_ms(finding.row.start_ms), from_ms(finding.row.end_ms)
    days = late_repair_days(started, ended, jurisdiction=matter.place, zone=zone)
    basis = Basis(days=days, started_at=started, ended_at=ended)
    try:
        amounts = compensations(
            jurisdiction=matter.place, remedy="late_repair", on=on, basis=basis, zone=zone
        )
    except UnableToFindRules:
        return []
    return [
        RemedyProposal("compensation", each.amount_minor, each.currency, "", each.zh, each.en)
        for each in amounts
        if each.amount_minor and each.to == "user"
    ]
