"""Pages that every public site needs: the use of personal data, accessibility, security contact."""

from __future__ import annotations

from datetime import datetime, time

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from amends.causes.privacy.queries.processing import processing
from amends.people.access.web.permission import public
from amends.people.operator.queries import operator, public_address
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
def security_contact(request: HttpRequest) -> HttpResponse:
    """Where weaknesses are reported (RFC 9116); 404 without a contact, or once it has expired."""
    contacts, last_day = settings.SECURITY_CONTACTS, settings.SECURITY_EXPIRES
    if not contacts or last_day is None or last_day < timezone.localdate():
        raise Http404
    expires_at = timezone.make_aware(datetime.combine(last_day, time(23, 59, 59)))
    languages = ", ".join(code for code, _name in settings.LANGUAGES)
    lines = [
        *(f"Contact: {address}" for address in contacts),
        f"Expires: {expires_at.isoformat()}",
        f"Preferred-Languages: {languages}",
        f"Canonical: {public_address()}{request.path}",
        *(f"Policy: {address}" for address in settings.SECURITY_POLICY),
    ]
    return HttpResponse("\r\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@public
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """The standard that the pages meet, the aids they have, and how to report a barrier."""
    return render(request, "portals/accessibility.html", {"operator": operator()})
