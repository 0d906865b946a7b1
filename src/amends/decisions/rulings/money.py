"""How much goes back: each charge once, inside the window, less what was refunded already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from amends.decisions.dossier.model import Ground as Entry
from amends.decisions.rulings.book import Rule
from amends.decisions.rulings.findings import GroundFinding


@dataclass(slots=True)
class RefundLine:
    """What one charge gives back, and under which rule.

    under_way_minor  being refunded for something else, and not among the facts yet
    """

    entry: Entry
    rule: Rule
    excess_minor: int
    under_way_minor: int = 0

    @property
    def owed_minor(self) -> int:
        """Still to be paid back, minor units: never more than what is left of the charge."""
        return max(0, self._not_refunded - self.under_way_minor)

    @property
    def counted_twice_minor(self) -> int:
        """What would be paid back a second time if nobody looked at what is under way."""
        return self._not_refunded - self.owed_minor

    @property
    def _not_refunded(self) -> int:
        excess = min(self.excess_minor, self.entry.amount_minor)
        return max(0, excess - self.entry.refunded_minor)


@dataclass(frozen=True, slots=True)
class RefundTotals:
    """The lines inside the window, and what was left outside it; `mixed` if currencies differ."""

    lines: tuple[RefundLine, ...]
    too_old: tuple[Entry, ...]
    currency: str
    mixed: bool = False

    @property
    def total_minor(self) -> int:
        """All that is owed, minor units."""
        return sum(line.owed_minor for line in self.lines)

    @property
    def under_way_minor(self) -> int:
        """What is not owed because it is being refunded already, minor units."""
        return sum(line.counted_twice_minor for line in self.lines)


def sums(
    shown: Iterable[GroundFinding],
    *,
    window_start_ms: int,
    currency: str,
    under_way_minor: Mapping[str, int],
) -> RefundTotals:
    """Add up the excess of shown findings; two grounds on one charge count once, the larger.

    window_start_ms   charges made earlier are not taken back by a rule
    currency          of the complaint, where no charge states one
    under_way_minor   charge → what is being refunded for something else
    """
    lines: dict[str, RefundLine] = {}
    too_old: dict[str, Entry] = {}
    for finding in shown:
        rule = finding.rule
        if rule is None or rule.money == "none":
            continue
        for entry in finding.entries:
            if entry.charged_at_ms < window_start_ms:
                too_old[entry.charge] = entry
                continue
            line = lines.get(entry.charge)
            if line is None or entry.excess_minor > line.excess_minor:
                lines[entry.charge] = RefundLine(
                    entry, rule, entry.excess_minor, under_way_minor.get(entry.charge, 0)
                )
    ordered = sorted(lines.values(), key=lambda line: (line.entry.charged_at_ms, line.entry.charge))
    found = sorted({line.entry.currency for line in ordered})
    return RefundTotals(
        tuple(ordered), tuple(too_old.values()), found[0] if found else currency, len(found) > 1
    )
