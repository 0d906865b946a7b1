"""My day: what is due today, what got worse and what helped, for the roles of its reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amends.cases.complaints.queries import inbox as listing
from amends.cases.complaints.queries.casefile import deadlines_missed, decided_alone
from amends.cases.complaints.queries.inbox import COUNTED, InboxFilter
from amends.cases.complaints.web.inbox import area_names, lines, shown_count
from amends.people.access.queries import may
from amends.people.access.web.permission import actor_of, signed_in
from amends.people.operator.queries import parts_off
from amends.platform import registry
from amends.platform.kit.actors import Actor
from amends.work.approvals.queries.waiting_of_day import waiting_of_day
from amends.work.remedies.queries import totals

NEXT = 8
MOST_ROWS = 5
QUESTIONS = (
    ("due", gettext_lazy("Due now")),
    ("worse", gettext_lazy("Got worse")),
    ("helped", gettext_lazy("Helped")),
)


@dataclass(frozen=True, slots=True)
class ShownPanel:
    """A panel with its first rows; `more` are not shown."""

    panel: registry.HomePanel
    rows: Sequence[registry.HomeRow]
    more: int


def greeting(now: datetime) -> str:
    """The time of day in a word."""
    hour = timezone.localtime(now).hour
    if 5 <= hour < 12:
        return _("Good morning")
    return _("Good afternoon") if 12 <= hour < 18 else _("Good evening")


@signed_in
def day(request: HttpRequest) -> HttpResponse:
    """The first page after signing in; what a role may not see is not on it."""
    now = timezone.now()
    actor = actor_of(request)
    context = {
        "now": now,
        "greeting": greeting(now),
        "actor": actor,
        "handles": may(actor.roles, "complaints.read"),
        "approves": may(actor.roles, "remedies.approve"),
        "waits": waiting_of_day(actor, now=now),
    }
    if context["handles"]:
        context |= _complaints(actor, now)
    if context["approves"]:
        context["waiting"], context["waiting_minor"] = totals().get("proposed", (0, 0))
    context["questions"] = _questions(actor, now)
    return render(request, "desk/day.html", context)


def _questions(actor: Actor, now: datetime) -> list[tuple[str, Any, list[ShownPanel]]]:
    """The questions that have a panel for this reader."""
    panels = [
        home_panel
        for home_panel in registry.home_panels(actor.roles, off=parts_off())
        if may(actor.roles, home_panel.permission)
    ]
    question_rows = [
        (
            question,
            heading,
            [_shown(panel, actor, now) for panel in panels if panel.question == question],
        )
        for question, heading in QUESTIONS
    ]
    return [each for each in question_rows if each[2]]


def _shown(panel: registry.HomePanel, actor: Actor, now: datetime) -> ShownPanel:
    rows = import_string(panel.rows)(actor, now)
    return ShownPanel(panel, rows[:MOST_ROWS], max(len(rows) - MOST_ROWS, 0))


def _complaints(actor: Actor, now: datetime) -> dict[str, object]:
    sizes = listing.counts(
        ("open", "late", "escalated", "today", "person", "mine"),
        brand=actor.brand,
        handler=actor.ref,
        now=now,
    )
    view = "mine" if sizes["mine"] else "open"
    upcoming = listing.page(InboxFilter(view=view, handler=actor.ref, brand=actor.brand), now=now)
    since = now - timedelta(hours=24)
    return {
        "sizes": {name: shown_count(size) for name, size in sizes.items()},
        "is_late": bool(sizes["late"]),
        "is_escalated": bool(sizes["escalated"]),
        "next_view": view,
        "next": lines(upcoming.rows[:NEXT], area_names()),
        "alone": decided_alone(since=since, limit=COUNTED + 1),
        "breached": deadlines_missed(since=since, limit=COUNTED + 1),
    }
