"""The palette (Ctrl-K): pages by name, and what the apps find, in one list."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from amends.people.access.web.permission import actor_of, signed_in
from amends.people.operator.queries import parts_off
from amends.platform.registry import PaletteHit, palette_hits
from amends.site.templatetags.navigation import areas_for

FEWEST_LETTERS = 2
MOST_LETTERS = 80


class PaletteForm(forms.Form):
    """What is sought."""

    words = forms.CharField(required=False)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def palette(request: HttpRequest) -> HttpResponse:
    """The results, as a part of a page or, without a script, as a page.

    What is sought is posted: it may be a phone number, and addresses are kept in logs.
    """
    form = PaletteForm(request.POST)
    query = form.cleaned_data["words"][:MOST_LETTERS] if form.is_valid() else ""
    hits = pages(request, query)
    if len(query) >= FEWEST_LETTERS:
        hits += palette_hits(request, query, off=parts_off())
    name = "palette_results" if request.headers.get("HX-Request") else "palette_page"
    return render(request, f"desk/{name}.html", {"words": query, "hits": hits})


def pages(request: HttpRequest, query: str) -> list[PaletteHit]:
    """The pages of the navigation whose name contains the words; all of them for ""."""
    page_hits = []
    for area in areas_for(actor_of(request).roles):
        for link in area.links:
            for entry in link.section:
                if query.casefold() in str(entry.label).casefold():
                    address = reverse(entry.name)
                    page_hits.append(
                        PaletteHit(
                            group=_("Pages"), title=entry.label, path=address, note=area.heading
                        )
                    )
    return page_hits
