"""The navigation of the desk: four areas, at most five entries each, and the tabs of an entry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import template
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from amends.people.access.queries import may
from amends.people.access.web.permission import actor_of
from amends.people.operator.queries import installation, parts_off
from amends.platform.registry import Area, Entry, sections

register = template.Library()

AREAS: tuple[tuple[Area, Any, str], ...] = (
    ("work", _("Work"), "inbox"),
    ("problems", _("Problems"), "flag"),
    ("compliance", _("Compliance"), "shield"),
    ("reports", _("Reports"), "balance"),
    ("settings", _("Settings"), "settings"),
)


@dataclass(frozen=True, slots=True)
class NavigationLink:
    """An entry of the navigation as one person sees it.

    entry    the first page of its section that the person may open
    section  all pages of the section that the person may open
    """

    entry: Entry
    section: tuple[Entry, ...]

    @property
    def names(self) -> set[str]:
        """Names of the pages of the section."""
        return {entry.name for entry in self.section}


@dataclass(frozen=True, slots=True)
class NavigationArea:
    """An area with the links that one person may open."""

    name: str
    heading: Any
    icon: str
    links: list[NavigationLink]

    @property
    def entries(self) -> set[str]:
        """Names of all pages of the area that the person may open."""
        return {name for link in self.links for name in link.names}


def areas_for(roles: Sequence[str]) -> list[NavigationArea]:
    """The areas in which a person with these roles may open something."""
    nav_areas = [
        NavigationArea(name=area, heading=heading, icon=icon, links=_links(area, roles))
        for area, heading, icon in AREAS
    ]
    return [area for area in nav_areas if area.links]


def _links(area: Area, roles: Sequence[str]) -> list[NavigationLink]:
    links = []
    for section in sections(area, off=parts_off()):
        allowed = _allowed(section, roles)
        if allowed:
            links.append(NavigationLink(allowed[0], tuple(allowed)))
    return links


def _allowed(entries: Iterable[Entry], roles: Sequence[str]) -> list[Entry]:
    return [entry for entry in entries if not entry.permission or may(roles, entry.permission)]


@register.inclusion_tag("desk/rail.html", takes_context=True)
def rail(context: template.Context) -> dict[str, Any]:
    """Draw the navigation of wide screens."""
    return _navigation(context["request"])


@register.inclusion_tag("setup/banner.html", takes_context=True)
def first_steps_banner(context: template.Context) -> dict[str, Any]:
    """Lead an administrator back to the first steps until they are done or ended."""
    actor = actor_of(context["request"])
    is_shown = may(actor.roles, "admin") and not actor.brand
    return {"is_shown": is_shown and not installation().first_steps_ended}


@register.inclusion_tag("desk/phone_bar.html", takes_context=True)
def phone_bar(context: template.Context) -> dict[str, Any]:
    """Draw the bar at the bottom of a phone: the areas, and the account."""
    navigation = _navigation(context["request"])
    groups = navigation["groups"]
    return navigation | {
        "areas": [area for area in groups if area.name != "settings"],
        "settings": next((area for area in groups if area.name == "settings"), None),
        "request": context["request"],
    }


def _navigation(request: HttpRequest) -> dict[str, Any]:
    """The links of a request's user: found once, for the rail and for the phone's bar."""
    if not hasattr(request, "amends_navigation"):
        request.amends_navigation = _find_navigation(request)  # type: ignore[attr-defined]
    navigation: dict[str, Any] = request.amends_navigation
    return navigation


def _find_navigation(request: HttpRequest) -> dict[str, Any]:
    groups = areas_for(actor_of(request).roles)
    names = [name for area in groups for name in sorted(area.entries)]
    return {
        "groups": groups,
        # The cache key of the drawn navigation: it is the same for all who may open the same pages.
        "apps": " ".join(names),
        "here": _present(request.path),
        "staff": request.user.is_staff,
    }


def _present(path: str) -> str:
    """The name of the entry with the longest path that the address begins with."""
    fitting = [
        entry
        for area, _heading, _icon in AREAS
        for section in sections(area, off=parts_off())
        for entry in section
        if path.startswith(entry.path)
    ]
    return max(fitting, key=lambda entry: len(entry.path)).name if fitting else ""


@register.inclusion_tag("desk/section_tabs.html", takes_context=True)
def section_tabs(context: template.Context) -> dict[str, Any]:
    """Draw the pages of a section as tabs, on those pages and not on what they lead to."""
    request = context["request"]
    name = _present(request.path)
    roles = actor_of(request).roles
    for area, _heading, _icon in AREAS:
        for section in sections(area, off=parts_off()):
            if any(entry.name == name and entry.path == request.path for entry in section):
                label = section[0].label
                return {"entries": _allowed(section, roles), "here": name, "label": label}
    return {"entries": []}
