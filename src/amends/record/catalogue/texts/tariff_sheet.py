"""The tariff sheet (资费公示): every offer on sale with all its elements.

Source: 工信部“明白办、放心用”行动, Xinhua 2025-04-30: all tariffs on sale are shown, and what is
not shown is not sold; structure, items, price, rule, service, conditions, validity: MIIT
2018-08-23.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from amends.platform.tabular.exports import write_csv
from amends.record.catalogue.texts.words import (
    either,
    name_of,
    price_lines,
    sale_lines,
    sentences,
    service_lines,
    term_lines,
)
from amends.record.facts.offers.key_facts import KeyFacts, not_on_sale


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """One offer of the sheet: its name and the elements, each a heading and lines."""

    id: str
    name: str
    elements: tuple[tuple[str, tuple[str, ...]], ...]


def on_sale(offers: Iterable[KeyFacts], on: date) -> list[KeyFacts]:
    """Offers with a price that may be sold on a day, by name."""
    sold = [offer for offer in offers if offer.price is not None and not not_on_sale(offer, on)]
    return sorted(sold, key=lambda sold_facts: (sold_facts.kind, sold_facts.name, sold_facts.id))


def entry(facts: KeyFacts) -> SheetEntry:
    """What the sheet says of an offer, in the language in force."""
    lines = (
        sentences(price_lines(facts)),
        sentences(service_lines(facts)),
        sentences(term_lines(facts)),
        sentences(sale_lines(facts)),
        _one(either(facts.conditions_zh, facts.conditions_en)),
        (facts.filing or facts.id,),
    )
    elements = zip(_headings(), lines, strict=True)
    return SheetEntry(
        facts.id, name_of(facts), tuple(element for element in elements if element[1])
    )


def _headings() -> tuple[str, ...]:
    """The elements of the sheet in their order."""
    return (
        _("Price"),
        _("What you get"),
        _("Contract"),
        _("For whom, when"),
        _("Conditions"),
        _("Tariff number"),
    )


def _one(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def sheet_csv(offers: Iterable[KeyFacts]) -> str:
    """The sheet as a table: one row an offer, one column an element; lines joined by "; "."""
    entries = [entry(offer) for offer in offers]
    used = {name for sheet_entry in entries for name, _lines in sheet_entry.elements}
    headings = [name for name in _headings() if name in used]
    out = io.StringIO()
    rows = []
    for sheet_entry in entries:
        text_by_heading = {name: "; ".join(lines) for name, lines in sheet_entry.elements}
        rows.append([sheet_entry.name, *(text_by_heading.get(name, "") for name in headings)])
    write_csv(out, [_("Offer"), *headings], rows)
    return out.getvalue()
