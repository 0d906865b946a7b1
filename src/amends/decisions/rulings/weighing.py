"""Small judgements on findings: which rule leads, how strong the evidence is, what it cites."""

from __future__ import annotations

from amends.decisions.rulings.book import Rule
from amends.decisions.rulings.findings import GroundFinding
from amends.decisions.rulings.model import Reason
from amends.decisions.rulings.money import RefundTotals


def blocking(found: list[GroundFinding], shown: list[GroundFinding]) -> list[GroundFinding]:
    """The open findings that could still change the answer.

    Where a ground takes back everything a service was charged, no other can add to it.
    """
    settled = {each.row.about for each in shown if each.ground.takes_all}
    return [each for each in found if each.state == "open" and each.row.about not in settled]


def leading_rule(ruled: list[GroundFinding], total: RefundTotals) -> Rule | None:
    """The rule that carries most of the money, or the first."""
    by_rule: dict[str, int] = {}
    for line in total.lines:
        by_rule[line.rule.id] = by_rule.get(line.rule.id, 0) + line.owed_minor
    rules = [each.rule for each in ruled if each.rule is not None]
    return max(rules, key=lambda rule: by_rule.get(rule.id, 0), default=None)


def only_part(ruled: list[GroundFinding], total: RefundTotals) -> bool:
    """Whether less is granted than what is complained of: charges too old, a fee partly due."""
    if total.too_old:
        return True
    return any(
        entry.excess_minor < entry.amount_minor
        for each in ruled
        if each.ground.partly_if_part
        for entry in each.entries
    )


def strength_of(ruled: list[GroundFinding]) -> str:
    """`strong` where facts say so, `moderate` where complete records are silent, else `weak`."""
    rules = [each.rule for each in ruled if each.rule is not None]
    if any(rule.verified is False and not rule.promise for rule in rules):
        return "weak"
    silent = any(each.row.answer == "nothing_found" for each in ruled)
    return "moderate" if silent else "strong"


def fact_of(finding: GroundFinding) -> Reason:
    """The fact of a finding as a reason, without a rule."""
    row = finding.row
    return Reason(row.question, row.zh, row.en, row.facts)


def ruled_reason(finding: GroundFinding) -> Reason:
    """The fact of a finding with the rule that makes it count."""
    row, rule = finding.row, finding.rule
    if rule is None:
        return fact_of(finding)
    return Reason(
        row.question,
        row.zh,
        row.en,
        row.facts,
        rule.id,
        rule.zh,
        rule.en,
        rule.source,
        rule.verified,
    )
