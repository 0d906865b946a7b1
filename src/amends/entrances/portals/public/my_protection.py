"""My protection: no advertising, what I reported and what became of it, appeals for my number."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from amends.causes.protection.actions.appeals import appeal
from amends.causes.protection.actions.guardianship import object_to_guardian
from amends.causes.protection.actions.refuse_adverts import allow_adverts, refuse_adverts
from amends.causes.protection.actions.report import NewReport, report, withdraw_report
from amends.causes.protection.actions.report_by_message import advice
from amends.causes.protection.actions.set_protection import (
    NewSettings,
    choose_number,
    correct_stop,
    remove_chosen,
    set_minor,
    set_protection,
)
from amends.causes.protection.queries import my_appeals, my_reports, refuses_adverts
from amends.causes.protection.queries.settings import (
    ProtectionLevel,
    Treatment,
    chosen_numbers,
    guardianship_of,
    minors_of,
    powers_over,
    second_contact_of,
    settings_of,
    stopped_for,
)
from amends.causes.protection.texts.after_payment import numbers_to_call
from amends.entrances.portals.public.forms import ConsentChoiceForm
from amends.entrances.portals.public.my_services import Me, shown_only
from amends.people.access.web.limits import source_of
from amends.people.access.web.refusals import refusal_text
from amends.platform.kit.errors import AmendsError
from amends.platform.kit.ids import random_id

_HERE = "web"


# Three forms of one page have a field `number`.
_REPORT_IDS, _APPEAL_IDS = "id_report_%s", "id_appeal_%s"


class MySettingsForm(forms.Form):
    """The settings of my protection."""

    level = forms.ChoiceField(label=gettext_lazy("Level of protection"), choices=ProtectionLevel)
    quiet_from = forms.TimeField(
        label=gettext_lazy("Quiet hours from"),
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy(
            "Advertising waits until the end of the quiet hours; companies that call are refused. "
            "Codes and personal messages arrive at once."
        ),
    )
    quiet_until = forms.TimeField(
        label=gettext_lazy("Quiet hours until"),
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
    )
    international_calls_off = forms.BooleanField(
        label=gettext_lazy("Refuse calls from other countries"), required=False
    )
    outcome_messages = forms.BooleanField(
        label=gettext_lazy("Send me a message about what became of my reports"), required=False
    )
    second_contact = forms.CharField(
        label=gettext_lazy("Second contact"),
        max_length=40,
        required=False,
        help_text=gettext_lazy(
            "For elders: the number of somebody we notify if you may become the victim of a fraud. "
            "You are then warned earlier, too."
        ),
    )


class MyNumberForm(forms.Form):
    """A number I always allow, or never want to hear from."""

    number = forms.CharField(label=gettext_lazy("Number or name of the sender"), max_length=40)
    treatment = forms.ChoiceField(
        label=gettext_lazy("What to do with it"),
        choices=Treatment,
        initial=Treatment.BLOCK,
    )


class MinorForm(forms.Form):
    """A guardian's settings of a minor's line."""

    minor = forms.CharField(max_length=64, widget=forms.HiddenInput)
    level = forms.ChoiceField(label=gettext_lazy("Level of protection"), choices=ProtectionLevel)
    purchases_off = forms.BooleanField(
        label=gettext_lazy("No purchases: nothing is opened or changed for this line"),
        required=False,
    )
    premium_off = forms.BooleanField(
        label=gettext_lazy("No premium services and no services of partners"), required=False
    )


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
    harmed = forms.BooleanField(
        label=gettext_lazy("I have paid, or shared a code or password"), required=False
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
    form = ConsentChoiceForm(request.POST)
    if form.is_valid() and form.cleaned_data["back"]:
        allow_adverts(me.subscriber)
        messages.success(request, _("What you agreed to elsewhere holds again."))
    else:
        refuse_adverts(me.subscriber, now=me.now)
        messages.success(request, _("From now on we send you no advertising."))
    return redirect("public:my_protection")


@shown_only
@require_POST
def settings_mine(request: HttpRequest, me: Me) -> HttpResponse:
    """Change what I want stopped."""
    form = MySettingsForm(request.POST)
    if form.is_valid():
        try:
            set_protection(me.subscriber, NewSettings(**form.cleaned_data), now=me.now)
        except AmendsError as why:
            form.add_error("level", refusal_text(why).what)
        else:
            messages.success(request, _("Your settings apply from now on."))
            return redirect("public:my_protection")
    return _page(request, me, settings=form, status=400)


@shown_only
@require_POST
def number_mine(request: HttpRequest, me: Me) -> HttpResponse:
    """Put a number on my list."""
    form = MyNumberForm(request.POST)
    if form.is_valid():
        number, treatment = form.cleaned_data["number"], Treatment(form.cleaned_data["treatment"])
        try:
            choose_number(me.subscriber, number, treatment, now=me.now)
        except AmendsError as why:
            form.add_error("number", refusal_text(why).what)
        else:
            messages.success(request, _("The number is on your list."))
            return redirect("public:my_protection")
    return _page(request, me, choosing=form, status=400)


@shown_only
@require_POST
def remove_number_mine(request: HttpRequest, me: Me, ref: str) -> HttpResponse:
    """Take a number off my list."""
    if remove_chosen(me.subscriber, ref):
        messages.success(request, _("The number is no longer on your list."))
    return redirect("public:my_protection")


@shown_only
@require_POST
def wrong_mine(request: HttpRequest, me: Me, ref: str) -> HttpResponse:
    """Say that something was wrongly stopped."""
    try:
        correct_stop(me.subscriber, ref, now=me.now)
        messages.success(
            request,
            _(
                "Thank you. This number reaches you from now on, unless it is blocked for "
                "everybody because of fraud; and it counts less as suspicious for others."
            ),
        )
    except AmendsError as why:
        messages.error(request, refusal_text(why).what)
    return redirect("public:my_protection")


@shown_only
@require_POST
def minor_mine(request: HttpRequest, me: Me) -> HttpResponse:
    """Choose for the line of a minor whose guardian I am."""
    form = MinorForm(request.POST)
    if not form.is_valid():
        return _page(request, me, status=400)
    try:
        set_minor(me.subscriber, **form.cleaned_data, now=me.now)
        messages.success(request, _("The settings of the minor's line apply from now on."))
    except AmendsError as why:
        messages.error(request, refusal_text(why).what)
    return redirect("public:my_protection")


@shown_only
@require_POST
def object_mine(request: HttpRequest, me: Me) -> HttpResponse:
    """Object to the guardian recorded for my line."""
    if object_to_guardian(me.subscriber, now=me.now):
        messages.success(request, _("Your objection is recorded; people examine it."))
    return redirect("public:my_protection")


@shown_only
@require_POST
def report_mine(request: HttpRequest, me: Me) -> HttpResponse:
    """Report a message or call that came to my number."""
    form = MyReportForm(request.POST, auto_id=_REPORT_IDS)
    if form.is_valid():
        new = NewReport(
            key=f"mine:{random_id()}",
            thing="message" if form.cleaned_data["text"] else "call",
            channel=_HERE,
            subscriber=me.subscriber,
            proven=True,
            source=source_of(request),
            **form.cleaned_data,
        )
        try:
            receipt = report(new, now=me.now)
        except AmendsError as why:
            form.add_error("number", refusal_text(why).what)
        else:
            messages.success(request, _("Thank you. You see below what becomes of it."))
            if what_to_do := advice(receipt):
                messages.warning(request, what_to_do)
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
    form = MyAppealForm(request.POST, auto_id=_APPEAL_IDS)
    if form.is_valid():
        try:
            appeal(
                form.cleaned_data["number"],
                subscriber=me.subscriber,
                text=form.cleaned_data["words"],
                now=me.now,
            )
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
    settings: MySettingsForm | None = None,
    choosing: MyNumberForm | None = None,
    reporting: MyReportForm | None = None,
    appealing: MyAppealForm | None = None,
    status: int = 200,
) -> HttpResponse:
    powers = powers_over(me.subscriber, now=me.now)
    context = {
        "settings": settings or _settings_form(me),
        "guarded": powers is not None and powers.sets_level,
        "guardianship": guardianship_of(me.subscriber, now=me.now),
        "choosing": choosing or MyNumberForm(),
        "chosen": chosen_numbers(me.subscriber),
        "stopped": stopped_for(me.subscriber, now=me.now),
        "minors": [
            (
                minor,
                MinorForm(
                    initial={
                        "minor": minor.row.minor,
                        "level": minor.level,
                        "purchases_off": minor.row.purchases_off,
                        "premium_off": minor.row.premium_off,
                    },
                    auto_id=f"id_minor_{index}_%s",
                ),
            )
            for index, minor in enumerate(minors_of(me.subscriber, now=me.now))
        ],
        "refuses_adverts": refuses_adverts(me.subscriber),
        "reports": my_reports(me.subscriber, now=me.now),
        "appeals": my_appeals(me.subscriber),
        "reporting": reporting or MyReportForm(auto_id=_REPORT_IDS),
        **numbers_to_call(),
        "appealing": appealing or MyAppealForm(auto_id=_APPEAL_IDS),
    }
    return render(request, "portals/mine_protection.html", context, status=status)


def _settings_form(me: Me) -> MySettingsForm:
    row = settings_of(me.subscriber)
    if row is None:
        return MySettingsForm(initial={"level": ProtectionLevel.MARKED, "outcome_messages": True})
    return MySettingsForm(
        initial={
            "level": row.level,
            "quiet_from": row.quiet_from,
            "quiet_until": row.quiet_until,
            "international_calls_off": row.international_calls_off,
            "outcome_messages": row.outcome_messages,
            "second_contact": second_contact_of(me.subscriber),
        }
    )
