"""My day: what is due, what waits for me, what the rules did alone, what passed its deadline."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from amends.access.actors import Actor
from amends.access.queries import may
from amends.access.web.permission import actor_of, signed_in
from amends.complaints.queries import inbox as listing
from amends.complaints.queries.inbox import COUNTED, InboxFilter
from amends.complaints.queries.rows import deadlines_missed, decided_alone
from amends.desk.web.inbox import area_names, lines, shown_count
from amends.remedies.queries import totals

NEXT = 8


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
    }
    if context["handles"]:
        context |= _complaints(actor, now)
    if context["approves"]:
        context["waiting"], context["waiting_minor"] = totals().get("proposed", (0, 0))
    return render(request, "desk/day.html", context)


def _complaints(actor: Actor, now: datetime) -> dict[str, object]:
    sizes = listing.counts(
        ("open", "late", "escalated", "today", "person", "mine"),
        brand=actor.brand,
        handler=actor.ref,
        now=now,
    )
    mine = listing.page(InboxFilter(view="mine", handler=actor.ref, brand=actor.brand), now=now)
    view = "mine" if mine.rows else "open"
    upcoming = mine if mine.rows else listing.page(InboxFilter(brand=actor.brand), now=now)
    since = now - timedelta(hours=24)
    return {
        "sizes": {name: shown_count(size) for name, size in sizes.items()},
        "is_late": bool(sizes["late"]),
        "is_escalated": bool(sizes["escalated"]),
        "next_view": view,
        "next": lines(upcoming.rows[:NEXT], area_names()),
        "alone": decided_alone(since=since, most=COUNTED + 1),
        "breached": deadlines_missed(since=since, most=COUNTED + 1),
    }
