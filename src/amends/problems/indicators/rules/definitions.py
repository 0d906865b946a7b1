"""What a complaint rate counts: definitions as dated data, and where a series breaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

from amends.platform.kit.packs import Verified, load_rules

_PACKAGE = "amends.problems.indicators"


@dataclass(frozen=True, slots=True)
class Definition:
    """What is counted, of which users, per how many of them."""

    id: str
    zh: str
    en: str
    counts_zh: str
    counts_en: str
    users_zh: str
    users_en: str
    per: int
    unit: str
    source: str
    verified: Verified


@dataclass(frozen=True, slots=True)
class Break:
    """Where a series changes what it counts: no trend is drawn across it without this mark."""

    id: str
    zh: str
    en: str
    after: str
    before: str
    source: str
    verified: Verified


def definitions(on: date) -> dict[str, Definition]:
    """The definitions known on a day, by id.

    >>> definitions(date(2026, 12, 1))["acma"].per
    10000
    """
    rows = load_rules(_PACKAGE, "rate-definitions", on).data["definitions"]
    return {
        row["id"]: Definition(**{name: row[name] for name in _names(Definition)}) for row in rows
    }


def breaks(series: Sequence[str], on: date) -> dict[int, Break]:
    """Position in a series of definition ids → the break before it.

    >>> series = ["cn-appeals-1", "cn-appeals-2", "cn-appeals-2", "cn-appeals-3"]
    >>> {place: mark.id for place, mark in breaks(series, date(2026, 12, 1)).items()}
    {1: 'provinces-join', 3: 'broadband-joins'}
    """
    rows = load_rules(_PACKAGE, "rate-definitions", on).data["breaks"]
    named_breaks = {
        (row["after"], row["before"]): Break(**{name: row[name] for name in _names(Break)})
        for row in rows
    }
    breaks_by_index: dict[int, Break] = {}
    for index in range(1, len(series)):
        pair = series[index - 1], series[index]
        if pair[0] != pair[1]:
            breaks_by_index[index] = named_breaks.get(pair) or _unnamed(*pair)
    return breaks_by_index


def class_breaks(quarters: Sequence[str], on: date) -> dict[int, Break]:
    """Position in a series of quarters → the change of classes before it; after the last one, too.

    >>> found = class_breaks(["2009-Q3", "2010-Q3", "2020-Q2"], date(2026, 12, 1))
    >>> {place: mark.id for place, mark in found.items()}
    {1: 'classes-2010', 3: 'classes-2025'}
    """
    rows = load_rules(_PACKAGE, "rate-definitions", on).data.get("class_breaks", [])
    breaks_by_index: dict[int, Break] = {}
    for row in rows:
        index = sum(quarter <= row["after"] for quarter in quarters)
        if index:
            breaks_by_index[index] = Break(**{name: row[name] for name in _names(Break)})
    return breaks_by_index


def _unnamed(after: str, before: str) -> Break:
    """A change nobody has described is still a break."""
    return Break(
        id=f"{after}-{before}",
        zh="自此口径改变，前后不可比较。",
        en="From here another definition holds; do not compare across it.",
        after=after,
        before=before,
        source="derived from the definitions of both sides",
        verified=False,
    )


def _names(kind: type[Definition | Break]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
