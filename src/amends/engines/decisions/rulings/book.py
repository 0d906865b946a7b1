"""The rules of the day, read from dated data: which ground counts for which class, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any

from amends.engines.decisions.rulings.model import ApprovalLimit
from amends.platform.kit.packs import RuleFile, UnableToFindRules, load_rules, load_version, pack

Both = tuple[str, str]
_PACKAGE = "amends.engines.decisions"


@dataclass(frozen=True, slots=True)
class Ground:
    """A way a complaint can be right: which answers of which questions show or refute it.

    needs_money     it is shown only where some charge is not supported
    ends_with_refund   once the money was paid back there is nothing left to put right
    takes_all       shown for a service, it takes back all that was charged for it
    partly_if_part  if only a part of the charge is wrong, the complaint is partly upheld
    unknown         why, where the records are complete but say nothing: `not_measured` or ""
    """

    id: str
    questions: tuple[str, ...]
    shown: frozenset[str]
    refuted: frozenset[str]
    needs_money: bool
    ends_with_refund: bool
    takes_all: bool
    partly_if_part: bool
    unknown: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class ClassRule:
    """How a class is decided.

    primary    grounds of the complaint itself
    instead    looked at only where the primary ones found nothing to judge
    siblings   other causes the facts may show, followed where the primary ones are refuted
    unless     questions whose `yes` leaves it to a person after all
    refuted    `not_upheld`, or why a person decides where refuting what we know settles nothing
    specific   as the second class of a complaint it names the cause, not only a feeling of it
    """

    code: str
    group: str
    primary: tuple[str, ...]
    instead: tuple[str, ...]
    siblings: tuple[str, ...]
    unless: tuple[str, ...]
    refuted: str
    specific: bool


@dataclass(frozen=True, slots=True)
class RulingRule:
    """A rule of law or promise that makes a ground count in one jurisdiction.

    money        `excess`: what is not supported goes back; `none`: no money follows
    kind         the kind of remedy the money is
    deeds        what else is to be done
    event_from   it holds for events (activation, notice due, charge) from this day on, or None
    promise      it rests on a promise of the operator, which he must have made (see `Limits`)
    compensation a remedy whose amount the pack's compensation rules fix, or ""
    technologies   the access technologies it holds for; none means any
    decides      false: a figure it needs is not known, so it can only suggest
    alone        it may be applied without a person
    """

    id: str
    ground: str
    money: str
    kind: str
    deeds: tuple[str, ...]
    event_from: date | None
    promise: str
    compensation: str
    technologies: frozenset[str]
    decides: bool
    alone: bool
    title_zh: str
    title_en: str
    zh: str
    en: str
    source: str
    verified: bool | str


@dataclass(frozen=True, slots=True)
class Book:
    """Everything `decide` looks up, for one jurisdiction on one day."""

    versions: tuple[str, ...]
    grounds: Mapping[str, Ground]
    classes: Mapping[str, ClassRule]
    rules: Mapping[str, tuple[RulingRule, ...]]
    deeds: Mapping[str, tuple[str, Both]]
    why: Mapping[str, Both]
    sentences: Mapping[str, Both]
    charge_months: int
    limits: ApprovalLimit

    def class_of(self, code: str) -> ClassRule:
        """The rule of a class; an unknown class is the unspecific one."""
        return self.classes.get(code) or self.classes["other.unspecific"]


@lru_cache(maxsize=4096)
def book(jurisdiction: str, on: date) -> Book:
    """The rules of `jurisdiction` on the day `on`, a provincial overlay over its national file.

    Where no file was in force, the grounds remain and every verdict waits for a person.
    """
    general = load_rules(_PACKAGE, "decisions", on)
    parent = pack(jurisdiction, on).parent
    listed = [_in_force(f"decisions-{name}", on) for name in (parent, jurisdiction) if name]
    files = [file for file in listed if file is not None]
    return _bound(general.effective_from, tuple((each.name, each.effective_from) for each in files))


@cache
def _bound(general_from: date, named: tuple[tuple[str, date], ...]) -> Book:
    """One book for all days on which the same files are in force."""
    general = load_version(_PACKAGE, "decisions", general_from)
    files = [load_version(_PACKAGE, name, version) for name, version in named]
    data = general.data
    admissibility: dict[str, Any] = dict(data["admissibility"])
    for file in files:
        admissibility.update(file.data.get("admissibility", {}))
    return Book(
        versions=(general.version, *(file.version for file in files)),
        grounds={key: _ground(key, row) for key, row in data["grounds"].items()},
        classes={code: _class(code, row) for code, row in data["classes"].items()},
        rules=_rules(files),
        deeds={key: (row["kind"], (row["zh"], row["en"])) for key, row in data["deeds"].items()},
        why={key: (row["zh"], row["en"]) for key, row in data["why"].items()},
        sentences={key: (row["zh"], row["en"]) for key, row in data["sentences"].items()},
        charge_months=int(admissibility["charge_months"]),
        limits=ApprovalLimit(
            amounts=dict(data["limits"]["amounts"]),
            promises=frozenset(data["limits"]["promises"]),
        ),
    )


def _in_force(name: str, on: date) -> RuleFile | None:
    try:
        return load_rules(_PACKAGE, name, on)
    except UnableToFindRules:
        return None


def _ground(key: str, row: Mapping[str, Any]) -> Ground:
    return Ground(
        id=key,
        questions=tuple(row["questions"]),
        shown=frozenset(row["shown"]),
        refuted=frozenset(row["refuted"]),
        needs_money=row.get("needs_money", False),
        ends_with_refund=row.get("ends_with_refund", False),
        takes_all=row.get("takes_all", False),
        partly_if_part=row.get("partly_if_part", False),
        unknown=row.get("unknown", ""),
        zh=row["zh"],
        en=row["en"],
    )


def _class(code: str, row: Mapping[str, Any]) -> ClassRule:
    return ClassRule(
        code=code,
        group=row["group"],
        primary=tuple(row["primary"]),
        instead=tuple(row.get("instead", ())),
        siblings=tuple(row.get("siblings", ())),
        unless=tuple(row.get("unless", ())),
        refuted=row["refuted"],
        specific=row.get("specific", True),
    )


def _rules(files: list[RuleFile]) -> dict[str, tuple[RulingRule, ...]]:
    """By ground; an overlay's rules stand before the national ones of the same ground."""
    rules_by_ground: dict[str, list[RulingRule]] = {}
    for file in reversed(files):
        for row in file.rules:
            rules_by_ground.setdefault(row["ground"], []).append(_rule(row))
    # Of rules that hold from an event's day on, the newest goes first.
    return {
        ground: tuple(sorted(rules, key=lambda rule: rule.event_from or date.min, reverse=True))
        for ground, rules in rules_by_ground.items()
    }


def _rule(row: Mapping[str, Any]) -> RulingRule:
    return RulingRule(
        id=row["id"],
        ground=row["ground"],
        money=row.get("money", "none"),
        kind=row.get("kind", "refund"),
        deeds=tuple(row.get("deeds", ())),
        event_from=row.get("event_from"),
        promise=row.get("promise", ""),
        compensation=row.get("compensation", ""),
        technologies=frozenset(row.get("technologies", ())),
        decides=row.get("decides", True),
        alone=row.get("alone", False),
        title_zh=row["title_zh"],
        title_en=row["title_en"],
        zh=row["zh"],
        en=row["en"],
        source=row["source"],
        verified=row["verified"],
    )
