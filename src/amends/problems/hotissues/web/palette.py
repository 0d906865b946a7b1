"""What the palette finds among hot issues."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from amends.cases.complaints.texts.units import unit_names
from amends.people.access.queries import may
from amends.people.access.web.permission import actor_of
from amends.platform.registry import PaletteHit
from amends.problems.hotissues.models import Cell
from amends.problems.hotissues.queries import issues
from amends.problems.hotissues.texts.names import place_words

MOST = 6
NEWEST = 200
"""Issues whose names are read; each name is put together in the reader's language."""


def find(request: HttpRequest, query: str) -> Sequence[PaletteHit]:
    """Issues by number or by a part of their name, the newest alarm first."""
    actor = actor_of(request)
    if not may(actor.roles, "hotissues.read"):
        return []
    newest = issues(brand=actor.brand)[:NEWEST]
    cells = Cell.objects.filter(issue__in=newest, main=True).values_list("issue_id", "place")
    main_keys, names_of = dict(cells), cache(unit_names)
    hits = []
    for issue in newest:
        name = issue.title or place_words(main_keys.get(issue.id, ""), names_of=names_of)
        if query.casefold() in name.casefold() or query == str(issue.number):
            note = _("issue %(n)s") % {"n": issue.number}
            hits.append(
                PaletteHit(
                    group=_("Hot issues"),
                    title=name,
                    path=reverse("hotissue", args=[issue.id]),
                    note=note,
                )
            )
    return hits[:MOST]
