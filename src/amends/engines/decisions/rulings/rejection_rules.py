"""Records to read before a rule rejects alone, as dated data (`rejections@….toml`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from amends.engines.decisions.rulings.book import Both
from amends.platform.kit.packs import UnableToFindRules, load_rules, load_version

_PACKAGE = "amends.engines.decisions"


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportWords:
    """How one kind of record in a person's favour is said: the question, its answer with and
    without an amount, and the source that states it."""

    stated_by: str
    question: Both
    found: Both
    found_amount: Both


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectionRules:
    """Records to read before a rejection, as dated data.

    grounds   looked for in everybody's records
    mentioned  grounds that stop nothing and are mentioned in the letter
    wishes    classes that say what is wanted and not why
    outweighed_by  ground → another that outweighs it where the records refute that one
    silence   question → kinds of facts whose complete records answer it by holding nothing
    """

    version: str
    grounds: tuple[str, ...]
    mentioned: tuple[str, ...]
    wishes: frozenset[str]
    outweighed_by: Mapping[str, str]
    silence: Mapping[str, tuple[str, ...]]
    stopped: Mapping[str, Both]
    absent: Mapping[str, Both]
    support: Mapping[str, SupportWords]


def rejection_rules(on: date) -> RejectionRules | None:
    """The rules in force on the day `on`; None before there were any."""
    try:
        return _read(load_rules(_PACKAGE, "rejections", on).effective_from)
    except UnableToFindRules:
        return None


@cache
def _read(version: date) -> RejectionRules:
    file = load_version(_PACKAGE, "rejections", version)
    data = file.data
    return RejectionRules(
        version=file.version,
        grounds=tuple(data["reading"]["grounds"]),
        mentioned=tuple(data["reading"]["mentioned"]),
        wishes=frozenset(data["reading"]["wishes"]),
        outweighed_by=data["reading"]["outweighed_by"],
        silence={name: tuple(kinds) for name, kinds in data["reading"]["silence"].items()},
        stopped=_texts(data["stopped"]),
        absent=_texts(data["absent"]),
        support={
            kind: SupportWords(
                stated_by=row["stated_by"],
                question=_both(row["question"]),
                found=_both(row["found"]),
                found_amount=_both(row.get("found_amount", row["found"])),
            )
            for kind, row in data["support"].items()
        },
    )


def _texts(table: Mapping[str, Mapping[str, str]]) -> dict[str, Both]:
    return {key: _both(row) for key, row in table.items()}


def _both(row: Mapping[str, str]) -> Both:
    return row["zh"], row["en"]
