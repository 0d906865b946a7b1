"""Two pages that every public site needs: the use of personal data, and accessibility."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from amends.causes.privacy.queries.processing import processing
from amends.people.access.web.permission import public
from amends.people.operator.queries import operator
from amends.platform.kit.formats import is_chinese


@public
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """The record of processing as a notice: purposes, data, recipients, retention, rights."""
    record = processing(timezone.now())
    column = 0 if is_chinese(get_language() or "") else 1
    activities = [
        {
            "purpose": (activity.zh, activity.en)[column],
            "categories": activity.categories[column],
            "recipients": activity.recipients[column],
            "retention": activity.retention[column],
            "days": record.days.get(activity.term),
        }
        for activity in record.activities
    ]
    context = {"activities": activities, "operator": operator()}
    return render(request, "portals/privacy.html", context)


@public
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """The standard that the pages meet, the aids they have, and how to report a barrier."""
    return render(request, "portals/accessibility.html", {"operator": operator()})
