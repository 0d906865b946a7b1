"""One's own notifications, and the cases one watches."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from amends.people.access.web.permission import actor_of, signed_in
from amends.work.casework.actions.notify import mark_seen
from amends.work.casework.queries import work


@signed_in
@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    """What happened that concerns the reader, the newest first."""
    actor = actor_of(request)
    context = {
        "entries": work.notifications(actor),
        "unseen": work.unseen_count(actor.ref),
        "watched": work.watched_cases(actor),
        "now": timezone.now(),
    }
    return render(request, "casework/notifications.html", context)


@require_POST
@signed_in
def all_seen(request: HttpRequest) -> HttpResponse:
    """Mark every notification as seen."""
    mark_seen(actor_of(request).ref, now=timezone.now())
    return redirect("notifications")
