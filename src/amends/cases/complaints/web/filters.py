"""Choose several values of each filter of the inbox, with how many complaints have each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amends.cases.complaints.queries import inbox as listing
from amends.cases.complaints.web.inbox import area_names, shown_count, wanted_by
from amends.cases.complaints.web.words import VERDICTS, class_words, state_sign
from amends.channels.queries.capabilities import channel_sign
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.people.access.web.signs import Words, sign
from amends.work.casework.queries.staff import teams


@dataclass(frozen=True, slots=True)
class FilterValue:
    """A value of a filter with its count."""

    value: str
    words: Words
    count: str
    is_chosen: bool


@requires("complaints.read")
@refusals_as_pages
@require_safe
def filters(request: HttpRequest) -> HttpResponse:
    """The filters of the list that the address asks for."""
    now, wanted = timezone.now(), wanted_by(request)
    areas = area_names()
    titles = {team.slug: team.title for team in teams(brand=actor_of(request).brand)}
    labellers: dict[str, Callable[[str], Words]] = {
        "code": class_words,
        "state": lambda code: state_sign(code).word,
        "channel": lambda code: channel_sign(code).word,
        "area": lambda code: areas.get(code, code),
        "verdict": lambda code: sign(VERDICTS, code).word,
        "team": lambda code: titles.get(code, code),
    }
    headings = {
        "code": _("Class"),
        "state": _("State"),
        "channel": _("Channel"),
        "area": _("Area"),
        "verdict": _("Verdict"),
        "team": _("Team"),
    }
    groups = []
    for name, heading in headings.items():
        chosen = listing.values_of(getattr(wanted, name))
        counts = listing.value_counts(wanted, name, now=now)
        values = [
            FilterValue(
                value=fromkey,
                words=labellers[name](fromkey),
                count=shown_count(counts.get(fromkey, 0)),
                is_chosen=fromkey in chosen,
            )
            for fromkey in dict.fromkeys([*chosen, *counts])
            if fromkey
        ]
        if values:
            groups.append((name, heading, values))
    kept_parameters = [
        (name, value)
        for name, values in request.GET.lists()
        if name not in (*headings, "after", "before")
        for value in values
    ]
    return render(
        request, "desk/filters.html", {"groups": groups, "kept": kept_parameters, "wanted": wanted}
    )
