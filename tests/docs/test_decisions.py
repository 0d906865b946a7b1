"""The table of decisions in `docs/access.md` is the one that the code declares.

`AMENDS_RENEW_DOCS=1 python -m pytest tests/docs/test_decisions.py` writes it anew.
"""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import translation

from amends.people.access.queries.rights import rules_on
from amends.platform import registry

pytestmark = pytest.mark.no_database
PAGE = Path(__file__).parents[2] / "docs" / "access.md"
BEGIN, END = "<!-- decisions: generated -->\n", "<!-- end of decisions -->\n"
DAY = date(2026, 12, 1)


def _roles(permission: str) -> str:
    return ", ".join(f"`{role}`" for role in rules_on(DAY).roles if role in _holders(permission))


def _holders(permission: str) -> frozenset[str]:
    return rules_on(DAY).pages.get(permission, frozenset())


def _span(span: timedelta) -> str:
    return f"{span.days} days"


def _silence(decision: registry.BindingDecision) -> str:
    if decision.hold_hours:
        return f"lapses; an urgent one is in force for {decision.hold_hours} h at most, then undone"
    return "lapses, nothing is done"


def table() -> str:
    """Both tables: decisions of two people, and those with a rule of their own."""
    lines = [
        "| decision | effect | may ask | may decide, never who asked or benefits | until | "
        "without an answer | undo | rule instead |",
        "|---|---|---|---|---|---|---|---|",
    ]
    with translation.override("en"):
        lines += [
            f"| {one.title} `{one.name}` | {one.effect} | {_roles(one.asks)} | "
            f"{_roles(one.decides)}{' within a limit' if one.also_needs else ''} | "
            f"{_span(one.deadline)} | {_silence(one)} | {one.undo_note} | "
            f"{'; '.join(str(rule.title) for rule in one.rules) or '–'} |"
            for one in sorted(registry.decisions(), key=lambda one: one.name)
        ]
        lines += [
            "",
            "| exempt decision | effect | may decide | its rule | undo |",
            "|---|---|---|---|---|",
        ]
        lines += [
            f"| {one.title} `{one.name}` | {one.effect} | {_roles(one.decides) or '–'} | "
            f"{one.rule} | {one.undo_note} |"
            for one in sorted(registry.exempt_decisions(), key=lambda one: one.name)
        ]
    return "\n".join(lines) + "\n"


def test_the_page_lists_every_decision() -> None:
    text = PAGE.read_text(encoding="utf-8")
    before, _begin, rest = text.partition(BEGIN)
    _old, _end, after = rest.partition(END)
    fresh = f"{before}{BEGIN}{table()}{END}{after}"
    if os.environ.get("AMENDS_RENEW_DOCS"):
        PAGE.write_text(fresh, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == fresh, "AMENDS_RENEW_DOCS=1 writes it anew"
