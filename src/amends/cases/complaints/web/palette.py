"""What the palette finds among complaints and their customers, as the inbox would."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amends.cases.complaints.queries import inbox as listing
from amends.cases.complaints.queries.inbox import InboxFilter
from amends.cases.complaints.web.inbox import is_contact, search_address
from amends.cases.complaints.web.words import class_words
from amends.people.access.queries import may
from amends.people.access.web.permission import actor_of
from amends.platform.registry import PaletteHit

MOST = 6


def find(request: HttpRequest, query: str) -> Sequence[PaletteHit]:
    """Complaints by code, number, email address or words; the customer where a contact is named.

    What is shown is masked, as in the inbox; a brand finds its own.
    """
    actor = actor_of(request)
    if not may(actor.roles, "complaints.read"):
        return []
    inbox_page = listing.page(InboxFilter(words=query, brand=actor.brand), now=timezone.now())
    hits = [_complaint(row) for row in inbox_page.rows[:MOST]]
    if is_contact(query) and inbox_page.rows:
        hits.insert(0, _customer(request, query, inbox_page.rows))
    return hits


def _complaint(row: dict[str, Any]) -> PaletteHit:
    return PaletteHit(
        group=_("Complaints"),
        title=row["first_words"],
        path=reverse("complaint", args=[row["id"]]),
        note=f"{row['code_public']} · {class_words(row['code'])}",
    )


def _customer(request: HttpRequest, query: str, rows: list[dict[str, Any]]) -> PaletteHit:
    number = len(rows)
    return PaletteHit(
        group=_("Customers"),
        title=rows[0]["person_shown"] or _("customer without a number on record"),
        path=search_address(request, query),
        note=ngettext("%(n)s complaint", "%(n)s complaints", number) % {"n": number},
    )
