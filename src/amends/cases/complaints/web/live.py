"""What changed at a complaint while its page is open; what is typed there is never touched."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from amends.cases.complaints.queries.casefile import case_file, find
from amends.cases.complaints.queries.inbox import received_since
from amends.cases.complaints.web.compose import KIND
from amends.cases.complaints.web.page import live_context, page_context, version_of
from amends.cases.complaints.web.queue import queue_around
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.work.casework.texts.timeline import case_history

_LONGEST_SECONDS = 11
"""Digits of a moment in seconds; more of them lie beyond the year 5138."""


@require_safe
@requires("complaints.read")
@refusals_as_pages
def changes(request: HttpRequest, ref: str) -> HttpResponse:
    """The parts of the page that have changed; nothing (204) where none has.

    Only then is anything of the person read again. The list keeps its order; how many complaints
    came into it is said above it.
    """
    actor, now = actor_of(request), timezone.now()
    complaint = find(ref, brand=actor.brand)
    file = case_file(complaint)
    queue = queue_around(request, complaint, now=now)
    since = request.GET.get("since", "")
    is_moment = since.isdecimal() and len(since) <= _LONGEST_SECONDS
    opened_at = datetime.fromtimestamp(int(since), UTC) if is_moment else now
    newcomers = received_since(queue.wanted, opened_at, now=now)
    version = version_of(file, case_history(KIND, complaint.id))
    is_changed = version != request.GET.get("version", "")
    if not is_changed and str(newcomers) == request.GET.get("newcomers", "0"):
        return HttpResponse(status=204)
    context: dict[str, Any] = {"complaint": complaint, "is_changed": is_changed, "now": now}
    if is_changed:
        context |= page_context(complaint, actor, now=now, file=file)
    context |= live_context(version, queue, now=opened_at, newcomers=newcomers)
    return render(request, "desk/changes.html", context)
