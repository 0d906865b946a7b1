"""Texts about the same subject, and figures in which they disagree."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from amends.work.knowledge.rules.search_index import IndexedText, SearchIndex
from amends.work.knowledge.rules.search_terms import Concepts

SAME_FROM = 0.72
"""From this share of its own score on, another text is about the same subject."""

_FIGURE = re.compile(
    r"([¥￥$€£])\s?(\d+(?:\.\d+)?)"
    r"|(\d+(?:\.\d+)?)\s?(元|个?工作日|日|天|小时|个月|GB|MB|Mbps|%|working days?"
    r"|calendar days?|days?|hours?|months?|yuan)",
    re.IGNORECASE,
)

_SAME_UNIT = {"天": "day", "日": "day", "calendar day": "day", "￥": "元", "¥": "元"}


def same_subject(texts: Sequence[tuple[str, str]], concepts: Concepts) -> list[tuple[int, int]]:
    """Pairs of texts (title, text) that answer the same question, each pair once.

    >>> from datetime import date
    >>> from amends.work.knowledge.rules.search_terms import concepts_on
    >>> same_subject(
    ...     [("Stop a service", "Press Stop."), ("Stop a service", "Press the red Stop."),
    ...      ("Get a tax receipt", "Enter the tax number.")], concepts_on(date(2026, 12, 1)))
    [(0, 1)]
    """
    rows = [
        IndexedText(article=str(at), language="", title=title, text=text)
        for at, (title, text) in enumerate(texts)
    ]
    index = SearchIndex(rows, concepts)
    pairs = set()
    for at, (title, text) in enumerate(texts):
        hits = index.search(f"{title} {text[:400]}", limit=4)
        own = next((hit.score for hit in hits if hit.row == at), 0.0)
        pairs |= {
            (min(at, hit.row), max(at, hit.row))
            for hit in hits
            if hit.row != at and own and hit.score >= SAME_FROM * own
        }
    return sorted(pairs)


def contradicting_figures(text: str, other_text: str) -> tuple[list[str], list[str]] | None:
    """The figures of a unit that two texts both name without agreeing in any; None where they do.

    >>> contradicting_figures("It takes 5 days.", "We answer within 15 days.")
    (['5 days'], ['15 days'])
    >>> contradicting_figures("5 days", "5 days or ¥10")
    """
    first, second = _by_unit(text), _by_unit(other_text)
    for unit in sorted(first.keys() & second.keys()):
        if first[unit].keys().isdisjoint(second[unit].keys()):
            return list(first[unit].values()), list(second[unit].values())
    return None


def _by_unit(text: str) -> dict[str, dict[str, str]]:
    """Unit → amount → the text of the figure."""
    figures_by_unit: dict[str, dict[str, str]] = defaultdict(dict)
    for match in _FIGURE.finditer(text):
        sign, amount, plain, unit = match.groups()
        name = (unit or sign).lower().rstrip("s")
        name = _SAME_UNIT.get(name, name)
        figures_by_unit[name][amount or plain] = match[0]
    return figures_by_unit
