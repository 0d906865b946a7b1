"""My protection: no advertising, what I reported and what became of it, appeals for my number."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from amends.access.web.refusals import refusal_text
from amends.kit.errors import AmendsError
from amends.kit.ids import random_id
from amends.portals.public.my_services import Me, shown_only
from amends.protection.actions.appeals import appeal
from amends.protection.actions.refuse_adverts import allow_adverts, refuse_adverts
from amends.protection.actions.report import NewReport, report, withdraw_report
from amends.protection.queries import my_appeals, my_reports, refuses_adverts

_HERE = "web"


class MyReportForm(forms.Form):
    """A message or call I got."""

    number = forms.CharField(
        label=gettext_lazy("Number or name of the sender"), max_length=40, required=False
    )
    text = forms.CharField(
        label=gettext_lazy("Words of the message, or the link"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )


class MyAppealForm(forms.Form):
    """Why a warning about a number of mine is wrong."""

    number = forms.CharField(label=gettext_lazy("Your number"), max_length=40)
    words = forms.CharField(
        label=gettext_lazy("What you use the number for"),
        max_length=2_000,
        widget=forms.Textarea({"rows": 3}),
    )


@shown_only
@require_safe
def my_protection(request: HttpRequest, me: Me) -> HttpResponse:
    """What protects me, and what became of what I reported."""
    return _page(request, me)


@shown_only
@require_POST
def adverts_mine(request: HttpRequest, me: Me) -> HttpResponse:
    """Refuse all advertising, or take that back."""
    if "allow" in request.POST:
        allow_adverts(me.subscriber)
        messages.success(request, _("What you agreed to elsewhere holds again."))
    else:
        refuse_adverts(me.subscriber, now=me.now)
        messages.success(request, _("From now on we send you no advertising."))
    return redirect("public:my_protection")


@shown_only
@require_POST
def report_mine(request: HttpRequest, me: Me) -> HttpResponse:
    """Report a message or call that came to my number."""
    form = MyReportForm(request.POST)
    if form.is_valid():
        new = NewReport(
            key=f"mine:{random_id()}",
            thing="message" if form.cleaned_data["text"] else "call",
            channel=_HERE,
            subscriber=me.subscriber,
            proven=True,
            **form.cleaned_data,
        )
        try:
            report(new, now=me.now)
        except AmendsError as why:
            form.add_error("number", refusal_text(why).what)
        else:
            messages.success(request, _("Thank you. You see below what becomes of it."))
            return redirect("public:my_protection")
    return _page(request, me, reporting=form, status=400)


@shown_only
@require_POST
def withdraw_mine(request: HttpRequest, me: Me, ref: str) -> HttpResponse:
    """Take a report of mine back."""
    try:
        withdraw_report(ref, reporter=me.subscriber, now=me.now)
        messages.success(request, _("The report is taken back."))
    except AmendsError as why:
        messages.error(request, refusal_text(why).what)
    return redirect("public:my_protection")


@shown_only
@require_POST
def appeal_mine(request: HttpRequest, me: Me) -> HttpResponse:
    """Appeal against a warning about my number."""
    form = MyAppealForm(request.POST)
    if form.is_valid():
        try:
            appeal(**form.cleaned_data, subscriber=me.subscriber, now=me.now)
        except AmendsError as why:
            form.add_error("number", refusal_text(why).what)
        else:
            messages.success(request, _("Your appeal is received; the answer appears here."))
            return redirect("public:my_protection")
    return _page(request, me, appealing=form, status=400)


def _page(
    request: HttpRequest,
    me: Me,
    *,
    reporting: MyReportForm | None = None,
    appealing: MyAppealForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "refuses_adverts": refuses_adverts(me.subscriber),
        "reports": my_reports(me.subscriber, now=me.now),
        "appeals": my_appeals(me.subscriber),
        "reporting": reporting or MyReportForm(),
        "appealing": appealing or MyAppealForm(),
    }
    return render(request, "portals/mine_protection.html", context, status=status)
