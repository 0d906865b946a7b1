"""From rows to findings: is a ground shown, refuted, or open, and for which service or notice?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from amends.decisions.dossier.model import Dossier, Row
from amends.decisions.dossier.model import Ground as Entry
from amends.decisions.evidence import Matter
from amends.decisions.rulings.book import Book, Ground, Rule
from amends.kit.formats import local

State = Literal["shown", "refuted", "settled", "open"]


@dataclass(frozen=True, slots=True)
class GroundFinding:
    """What one row means for one ground.

    entries   charges the ground touches; `why` names what keeps an open one open
    rule      the rule of the day that makes the ground count, or says what was kept where it is
              refuted; None where there is none
    """

    ground: Ground
    row: Row
    state: State
    entries: tuple[Entry, ...] = ()
    rule: Rule | None = None
    why: str = ""


def findings(
    grounds: Iterable[str],
    *,
    dossier: Dossier,
    matter: Matter,
    book: Book,
    promises: frozenset[str],
) -> list[GroundFinding]:
    """The findings of the named grounds, in their order, for the service the words name if any."""
    by_question: dict[str, list[Row]] = {}
    for row in dossier.rows:
        by_question.setdefault(row.question, []).append(row)
    entries: dict[tuple[str, str], list[Entry]] = {}
    for entry in dossier.grounds:
        entries.setdefault((entry.ground, entry.about), []).append(entry)
    found = []
    for name in grounds:
        ground = book.grounds[name]
        for question in ground.questions:
            for row in _named(by_question.get(question, ()), matter.service):
                touched = tuple(entries.get((name, row.about), ()))
                finding = _finding(ground, row, touched, matter, book, promises)
                if finding is not None:
                    found.append(finding)
    return found


def _named(rows: Iterable[Row], service: str) -> list[Row]:
    """The rows about the service the words name; all rows where it has none of its own."""
    listed = list(rows)
    if not service:
        return listed
    return [row for row in listed if row.about == service] or listed


def _finding(
    ground: Ground,
    row: Row,
    entries: tuple[Entry, ...],
    matter: Matter,
    book: Book,
    promises: frozenset[str],
) -> GroundFinding | None:
    if row.unruled:
        return GroundFinding(ground, row, "open", entries, why="no_rule")
    if row.open_why:
        return GroundFinding(ground, row, "open", entries, why=row.open_why)
    if row.answer == "not_applicable":
        return None
    if row.conflicting:
        return GroundFinding(ground, row, "open", entries, why="conflicting_evidence")
    if row.answer == "not_covered":
        return GroundFinding(ground, row, "open", why="feed_not_covered")
    if row.answer in ground.shown:
        if ground.needs_money and not entries:
            return None
        left = any(entry.excess_minor > entry.refunded_minor for entry in entries)
        rule = _rule_for(ground, row, entries, matter, book.rules, promises)
        if rule is not None and rule.technologies and not row.technology:
            return GroundFinding(ground, row, "open", entries, why="technology_unknown")
        if entries and ground.ends_with_refund and not left:
            return GroundFinding(ground, row, "settled", entries, rule)
        return GroundFinding(ground, row, "shown", entries, rule, why="" if rule else "no_rule")
    if row.answer in ground.refuted:
        rule = _rule_for(ground, row, entries, matter, book.rules, promises)
        return GroundFinding(ground, row, "refuted", rule=rule)
    return GroundFinding(ground, row, "open", why=ground.unknown) if ground.unknown else None


def _rule_for(
    ground: Ground,
    row: Row,
    entries: tuple[Entry, ...],
    matter: Matter,
    rules: Mapping[str, tuple[Rule, ...]],
    promises: frozenset[str],
) -> Rule | None:
    """The first rule of the pack that holds for this event and, where it is on file, for this
    technology, and whose promise was made."""
    event_ms = entries[0].event_at_ms if entries else row.start_ms
    happened = None
    for rule in rules.get(ground.id, ()):
        if rule.promise and rule.promise not in promises:
            continue
        if rule.event_from is not None:
            happened = happened or local(event_ms, matter.zone).date()
            if happened < rule.event_from:
                continue
        if row.technology and rule.technologies and row.technology not in rule.technologies:
            continue
        return rule
    return None
