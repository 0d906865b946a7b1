"""A campaign: what to measure next, what was measured, the verdict and the protocol."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.validators import validate_email
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amends.network.quality.actions.start_campaign import (
    is_own_key,
    is_reminders_key,
    own_address,
    set_reminders,
    start_campaign,
)
from amends.network.quality.models import Campaign
from amends.network.quality.queries.verdicts import (
    campaign_progress,
    campaign_verdict,
    rule,
    rules_to_choose,
    zone,
)
from amends.network.quality.rules.speed_tests import MOST_MBPS
from amends.network.quality.texts.verdicts import PROMISES, shown
from amends.network.quality.web.own import is_own, remember_own
from amends.network.quality.web.results import rows
from amends.people.access.web.limits import DOCUMENTS, SENDING, SERIES, source_of, too_much
from amends.people.access.web.permission import public
from amends.platform.kit.formats import is_chinese
from amends.platform.vault.normal_forms import phone_region, possible_phone


class ReminderChoiceForm(forms.Form):
    """Reminders are wanted, or stopped."""

    stop = forms.BooleanField(required=False)


class CampaignForm(forms.Form):
    """The speeds of the contract, and where to send reminders."""

    reminders = forms.CharField(
        label=gettext_lazy("Remind me (optional)"),
        help_text=gettext_lazy("Email address or mobile number. We first ask you to confirm it."),
        required=False,
        max_length=254,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        reminders = self.fields.pop("reminders")
        for name, label in PROMISES.items():
            self.fields[name] = forms.FloatField(
                label=_(label), min_value=0.1, max_value=MOST_MBPS, required=name == "down_max_mbps"
            )
        self.fields["reminders"] = reminders

    def clean_reminders(self) -> str:
        """A mailbox or a telephone number, or ""."""
        address = str(self.cleaned_data["reminders"]).strip()
        if "@" in address:
            validate_email(address)
        elif address and not possible_phone(address, phone_region(settings.JURISDICTION)):
            raise forms.ValidationError(_("Write an email address or a telephone number."))
        return address

    def clean(self) -> dict[str, Any]:
        """The minimum is not above the normal speed, nor that above the maximum."""
        cleaned: dict[str, Any] = super().clean() or {}
        for direction in ("down", "up"):
            named = [cleaned.get(f"{direction}_{name}_mbps") for name in ("min", "normal", "max")]
            stated_speeds = [speed for speed in named if speed]
            if stated_speeds != sorted(stated_speeds):
                raise forms.ValidationError(
                    _("The minimum is above the normal or the maximum speed.")
                )
        return cleaned

    def plan(self) -> dict[str, float]:
        """The speeds that were named."""
        speeds = {name: self.cleaned_data[name] for name in PROMISES if self.cleaned_data.get(name)}
        return speeds | {"advertised_down_mbps": speeds["down_max_mbps"]}


@public
def new(request: HttpRequest) -> HttpResponse:
    """Start a campaign under the rule of the jurisdiction."""
    now = timezone.now()
    choices = {rule_set.version: rule_set for rule_set in rules_to_choose(now)}
    if not choices:
        raise Http404
    rules = choices.get(request.GET.get("rule", ""), next(iter(choices.values())))
    form, wait = CampaignForm(request.POST or None), 0
    if request.method == "POST" and form.is_valid():
        limit = SENDING if form.cleaned_data["reminders"] else SERIES
        if wait := limit.take(request, now=now):
            form.add_error(None, too_much(wait))
        else:
            row = start_campaign(
                rules.version,
                form.plan(),
                language=get_language() or "zh-hans",
                recipient=form.cleaned_data["reminders"],
                source=source_of(request),
                now=now,
            )
            response = redirect("speed:campaign", row.code)
            remember_own(request, response, row.code)
            return response
    chinese = is_chinese(get_language() or "")
    titles = [(choice, choice.zh if chinese else choice.en) for choice in choices.values()]
    context = {"form": form, "rule": rules, "titles": titles, "asks": rules.data["evidence"]}
    status = 429 if wait else 422 if form.errors else 200
    return render(request, "quality/new_campaign.html", context, status=status)


@public
@require_safe
def campaign(request: HttpRequest, code: str) -> HttpResponse:
    """What to do next, the verdict so far, and every test."""
    row, now = _found(code), timezone.now()
    tests = list(row.tests.order_by("-at", "code"))
    campaign_status = campaign_progress(row, now)
    context = {
        "campaign": row,
        "rows": rows(tests),
        "progress": campaign_status,
        "newest": next(iter(tests), None),
        "days": sorted(campaign_status.days.items()),
        "ready": campaign_status.next_at and campaign_status.next_at <= now,
        "percent": round(100 * min(campaign_status.done / campaign_status.of, 1)),
        "plan": [(_(PROMISES[key]), speed) for key, speed in row.plan.items() if key in PROMISES],
        "zone": str(zone(rule(row.rule))),
        "own_address": own_address(row) if is_own(request, row.code) else "",
        **shown(*campaign_verdict(row, tests, now)),
    }
    return render(request, "quality/campaign.html", context)


@public
@require_safe
def protocol_file(request: HttpRequest, code: str) -> HttpResponse:
    """The signed protocol as PDF; what lays it out takes 20 MB, held once somebody asked."""
    from amends.network.quality.texts.protocol import protocol

    row, now = _found(code), timezone.now()
    if wait := DOCUMENTS.take(request, now=now):
        return HttpResponse(too_much(wait), status=429, content_type="text/plain; charset=utf-8")
    response = HttpResponse(protocol(row, now), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="speed-tests-{row.code}.pdf"'
    return response


@public
@require_safe
def own_campaign(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """Another browser of the same person goes on with the series."""
    row = _found(code)
    if not is_own_key(row, key):
        raise Http404
    response = redirect("speed:campaign", row.code)
    remember_own(request, response, row.code)
    return response


@public
def reminders(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """Confirm reminders, or stop them; a link in a message leads here, and a button does it."""
    row = _found(code)
    if not is_reminders_key(row, key) or not row.channel:
        raise Http404
    if request.method == "POST":
        form = ReminderChoiceForm(request.POST)
        wanted = not (form.is_valid() and form.cleaned_data["stop"])
        set_reminders(row, wanted=wanted, now=timezone.now())
        message = _("You will be reminded.") if wanted else _("There are no more reminders.")
        messages.success(request, message)
        response = redirect("speed:campaign", row.code)
        remember_own(request, response, row.code)
        return response
    return render(request, "quality/reminders.html", {"campaign": row})


def _found(code: str) -> Campaign:
    return get_object_or_404(Campaign, code=code.strip().upper())
