"""Known problems by area: network incidents, and what was said of faults that hit many."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amends.network.quality.queries.known_problems import known_problems
from amends.people.access.web.permission import public
from amends.platform.kit.formats import is_chinese
from amends.problems.emergencies.queries import public_statements
from amends.record.catalogue.queries import areas, areas_within


class AreaForm(forms.Form):
    """An area of the operator's map; none for all."""

    area = forms.ChoiceField(label=gettext_lazy("Area"), required=False)

    def __init__(self, data: object, names: dict[str, str]) -> None:
        super().__init__(data)
        self.fields["area"].choices = [("", _("All areas")), *names.items()]

    def area_chosen(self) -> str:
        """Its code; "" for none, or one that is unknown."""
        return str(self.cleaned_data["area"]) if self.is_valid() else ""


@public
@require_safe
def statements(request: HttpRequest) -> HttpResponse:
    """The page; it contains no names. A statement without areas is about all of them."""
    chinese, all_areas = is_chinese(get_language() or ""), areas()
    names = {
        listed_area.code: listed_area.name_zh if chinese else listed_area.name_en
        for listed_area in all_areas
    }
    form = AreaForm(request.GET or None, names)
    chosen = form.area_chosen()
    parents = {listed_area.code: listed_area.parent for listed_area in all_areas}
    within = areas_within([chosen]) | _above(chosen, parents) if chosen else None
    context = {
        "form": form,
        "chosen": names.get(chosen, ""),
        "problems": [
            (problem, [names.get(area, area) for area in problem.areas])
            for problem in known_problems(now=timezone.now(), within=within)
        ],
        "rows": [
            public_statement
            for public_statement in public_statements()
            if _is_within(public_statement.areas, within)
        ],
    }
    return render(request, "portals/statements.html", context)


def _is_within(hit: Iterable[str], within: set[str] | None) -> bool:
    hit = set(hit)
    return within is None or not hit or bool(hit & within)


def _above(area: str, parents: dict[str, str]) -> set[str]:
    """The areas that `area` is part of."""
    ancestors: set[str] = set()
    while (area := parents.get(area, "")) and area not in ancestors:
        ancestors.add(area)
    return ancestors
