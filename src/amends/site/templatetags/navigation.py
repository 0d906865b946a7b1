"""The navigation of the desk: four areas, and what a person may open in each."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from amends.access.queries import may
from amends.access.web.permission import actor_of
from amends.registry import Area, navigation

register = template.Library()

AREAS: tuple[tuple[Area, Any], ...] = (
    ("work", _("Work")),
    ("problems", _("Problems")),
    ("compliance", _("Compliance")),
    ("reports", _("Reports")),
    ("settings", _("Settings")),
)


@register.inclusion_tag("desk/rail.html", takes_context=True)
def rail(context: template.Context) -> dict[str, Any]:
    """Draw the navigation; the longest path that fits the page marks the present one."""
    request = context["request"]
    roles = actor_of(request).roles
    listed = [(heading, navigation(area)) for area, heading in AREAS]
    paths = [entry.path for _heading, entries in listed for entry in entries]
    here = max((path for path in paths if request.path.startswith(path)), key=len, default="")
    groups = [
        (heading, open_)
        for heading, entries in listed
        if (open_ := [one for one in entries if not one.permission or may(roles, one.permission)])
    ]
    return {
        "groups": groups,
        # The cache key of the drawn navigation: it is the same for all who may open the same pages.
        "apps": " ".join(entry.name for _heading, entries in groups for entry in entries),
        "here": here,
        "staff": request.user.is_staff,
    }
