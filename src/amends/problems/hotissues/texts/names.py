"""What issues, their places and their causes are called, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from amends.cases.complaints.texts.units import unit_names
from amends.engines.detection.cube import values_of
from amends.engines.duties.titles import words_of
from amends.people.partners.queries import partner
from amends.platform.kit.formats import is_chinese
from amends.problems.hotissues.models import HotIssue
from amends.problems.hotissues.queries.membership import main_place

_UNTITLED = ("", "Drill", "演练")
"""Drills without a title once kept this word, in the language of whoever began them."""


def name_of(issue: HotIssue) -> str:
    """The title people gave it, or its place in words; an untitled drill is called “Drill”."""
    if issue.drill and issue.title in _UNTITLED:
        return _("Drill")
    return issue.title or place_words(main_place(issue))


Names = Callable[[str], Mapping[str, str]]
"""Dimension → unit → its name; a reader of many places remembers what it has asked."""


def place_words(cell_key: str, *, names_of: Names = unit_names) -> str:
    """A place as people name it: the names of its values, "all complaints" for everything."""
    values = values_of(cell_key)
    if not values:
        return _("all complaints")
    labels = []
    if "cause" in values:
        kind, _colon, reference = values["cause"].partition(":")
        labels.append(cause_name(kind, reference, names_of=names_of))
    if "words" in values:
        labels.append(_("“%(words)s”") % {"words": values["words"]})
    for dimension in ("code", "area", "product", "channel"):
        if dimension not in values:
            continue
        value = values[dimension]
        name = names_of(dimension).get(value)
        if name is None and dimension == "code":
            name = names_of("root").get(value)
        labels.append(name or value)
    return " · ".join(labels)


def place_parts(cell_key: str, *, names_of: Names = unit_names) -> tuple[str, str]:
    """What a place is about and its area, in words; the area is "" where the place has none."""
    values = values_of(cell_key)
    area = values.pop("area", "")
    remaining_key = "|".join(f"{name}={value}" for name, value in values.items())
    named = names_of("area").get(area, area) if area else ""
    return place_words(remaining_key, names_of=names_of), named


def cause_name(
    kind: str,
    reference: str,
    numbers: Mapping[str, str | int] | None = None,
    *,
    names_of: Names = unit_names,
) -> str:
    """What a cause is called: the name of its offer, partner, area or duty, else its reference."""
    numbers = numbers or {}
    if kind == "partner":
        return _named_partner(reference)
    if kind == "campaign":
        return names_of("campaign").get(reference, reference)
    if kind in ("offer_change", "service_fault"):
        offer = str(numbers.get("offer", reference))
        return names_of("product").get(offer, offer)
    if kind in ("degraded", "unrecorded", "incident"):
        area = str(numbers.get("area", reference))
        return names_of("area").get(area, area)
    if kind == "notices_missing":
        texts = words_of(reference, timezone.localdate(), settings.JURISDICTION)
        if texts is None:
            return reference
        return texts.title_zh if is_chinese(get_language() or "en") else texts.title_en
    if kind == "lookups" and numbers.get("partner"):
        return f"{_named_partner(str(numbers['partner']))} · {reference}"
    return reference


def _named_partner(reference: str) -> str:
    partner_row = partner(reference)
    if partner_row is None:
        return reference
    return partner_row.name_zh if is_chinese(get_language() or "en") else partner_row.name_en
