"""Public pages: is a number known, report a message, monthly statistics."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from amends.causes.protection.actions.evidence import add_evidence
from amends.causes.protection.actions.report import NewReport, report
from amends.causes.protection.actions.report_by_message import advice, thanks
from amends.causes.protection.choices import MessageLabel
from amends.causes.protection.queries import monthly_reports
from amends.causes.protection.queries.block_list import is_known
from amends.causes.protection.queries.followed_report import followed_report
from amends.causes.protection.texts.after_payment import numbers_to_call
from amends.causes.protection.web.forms import NumberLookupForm, ReportForm
from amends.people.access.web.limits import (
    WRONG_CODES,
    Limit,
    network_address,
    source_of,
    too_much,
)
from amends.people.access.web.permission import public
from amends.people.access.web.refusals import refusals_as_pages
from amends.platform.kit.ids import random_id

ASKING = Limit("number-asked", 30, timedelta(hours=1), a_day=100)
REPORTING = Limit("report", 10, timedelta(hours=1), a_day=30)


@public
@refusals_as_pages
@require_safe
def protect(request: HttpRequest) -> HttpResponse:
    """How to report, whether a number is known, and what was reported by month."""
    now, form, number_known = timezone.now(), NumberLookupForm(), None
    if "number" in request.GET:
        form = NumberLookupForm(request.GET)
        if form.is_valid():
            if wait := ASKING.take(request, now=now):
                return _wait(wait)
            number_known = is_known(form.cleaned_data["number"], now=now)
    context = {
        "form": form,
        "known": number_known,
        "months": monthly_reports(),
        **numbers_to_call(),
        "forward_to": settings.SMS_FROM if settings.SMS_FROM.lstrip("+").isdigit() else "",
    }
    return render(request, "protect/protect.html", context)


@public
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def report_page(request: HttpRequest) -> HttpResponse:
    """Report a message, call, link or app without signing in."""
    form = ReportForm(request.POST or None, request.FILES or None)
    if not form.is_valid():
        status = 400 if form.errors else 200
        return render(request, "protect/report.html", {"form": form}, status=status)
    now = timezone.now()
    if wait := REPORTING.take(request, now=now):
        return _wait(wait)
    files = form.cleaned_data.pop("files")
    receipt = report(
        NewReport(
            key=f"web:{random_id()}",
            channel="web",
            address=f"web {network_address(request)}",
            source=source_of(request),
            **form.cleaned_data,
        ),
        now=now,
    )
    add_evidence(receipt.ref, files, now=now)
    context = {
        "receipt": receipt,
        "label": MessageLabel(receipt.label) if receipt.label else None,
        "thanks": thanks(receipt),
        "advice": advice(receipt),
    }
    return render(request, "protect/reported.html", context)


@public
@refusals_as_pages
@require_safe
def followed(request: HttpRequest, ref: str) -> HttpResponse:
    """The state of a report, for anybody with its number."""
    now = timezone.now()
    if wait := WRONG_CODES.wait(request, now=now):
        return _wait(wait)
    found = followed_report(ref.lower())
    if found is None:
        WRONG_CODES.count(request, now=now)
        raise Http404
    return render(request, "protect/followed.html", {"report": found})


def _wait(minutes: int) -> HttpResponse:
    return HttpResponse(too_much(minutes), status=429, content_type="text/plain; charset=utf-8")
