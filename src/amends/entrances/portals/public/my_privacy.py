"""My privacy: what I agreed to, who looked, what I may ask, what is kept how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amends.causes.privacy.actions.record_consent import give_consent, withdraw_consent
from amends.causes.privacy.actions.rights_requests import ask, document_of
from amends.causes.privacy.queries import RightsView, requests_of, rights_request
from amends.causes.privacy.queries.consents import ConsentView, consents_of
from amends.causes.privacy.queries.processing import processing
from amends.causes.privacy.queries.receipts import consent_receipt
from amends.causes.privacy.refusals import UnableToReceiptConsent
from amends.causes.privacy.texts.rights import RIGHTS
from amends.entrances.portals.public.forms import ConsentChoiceForm
from amends.entrances.portals.public.my_services import Me, shown_only
from amends.entrances.portals.public.words import pick
from amends.people.access.queries import looks_at
from amends.people.access.web.refusals import refusal_text
from amends.platform.kit.errors import AmendsError
from amends.platform.kit.formats import is_chinese
from amends.record.ledger.refusals import UnableToProve

_HERE = "web"


class RightForm(forms.Form):
    """A request about one's own data."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What do you wish?"),
        choices=lambda: [(right, RIGHTS[right]) for right in RIGHTS],
    )
    words = forms.CharField(
        label=gettext_lazy("In your own words (for a correction: what is wrong and right)"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )


@dataclass(frozen=True, slots=True)
class ShownConsent:
    """A purpose in the reader's words."""

    view: ConsentView
    name: str
    notice: str
    word: str


@dataclass(frozen=True, slots=True)
class ProcessingRow:
    """What is kept, why, how long, and who gets it."""

    purpose: str
    what: str
    how_long: str
    days: int | None
    who: str


@shown_only
@require_safe
def my_privacy(request: HttpRequest, me: Me) -> HttpResponse:
    """Consents, looks, requests, and what is kept."""
    return _page(request, me, RightForm())


@shown_only
@require_POST
def consent_mine(request: HttpRequest, me: Me, purpose: str) -> HttpResponse:
    """Agree, or take it back: one press each."""
    name = next(
        (consent.name for consent in _consents(me) if consent.view.purpose.id == purpose), ""
    )
    if not name:
        raise Http404
    form = ConsentChoiceForm(request.POST)
    if form.is_valid() and form.cleaned_data["back"]:
        withdraw_consent(me.subscriber, purpose, by=me.subscriber, channel=_HERE, now=me.now)
        message = _("Taken back, in force now: %(name)s.")
    else:
        give_consent(me.subscriber, purpose, by=me.subscriber, channel=_HERE, now=me.now)
        message = _("You agreed: %(name)s. You can take it back here at any time.")
    messages.success(request, message % {"name": name})
    return redirect("public:my_privacy")


@shown_only
@require_safe
def consent_receipt_mine(request: HttpRequest, me: Me, purpose: str) -> HttpResponse:
    """The receipt of a consent, to keep: it verifies without us."""
    try:
        text = consent_receipt(me.subscriber, purpose, now=me.now)
    except UnableToReceiptConsent as why:
        raise Http404 from why
    except UnableToProve:
        messages.info(request, _("The receipt is ready within a minute. Try again shortly."))
        return redirect("public:my_privacy")
    return _file(text, f"consent-{purpose}.json")


@shown_only
@require_POST
def ask_mine(request: HttpRequest, me: Me) -> HttpResponse:
    """Ask to see, copy, correct, erase, or stop."""
    form = RightForm(request.POST)
    if not form.is_valid():
        return _page(request, me, form, status=400)
    try:
        ask(
            me.subscriber,
            form.cleaned_data["kind"],
            text=form.cleaned_data["words"],
            by=me.subscriber,
            channel=_HERE,
            now=me.now,
        )
    except AmendsError as why:
        form.add_error(None, str(refusal_text(why)))
        return _page(request, me, form, status=400)
    messages.success(request, _("We have your request. It stands below with the day it is due."))
    return redirect("public:my_privacy")


@shown_only
@require_safe
def copy_mine(request: HttpRequest, me: Me, ref: str) -> HttpResponse:
    """The copy of my data that was made for me."""
    privacy_request = rights_request(ref)
    if privacy_request is None or privacy_request.subscriber != me.subscriber:
        raise Http404
    text = document_of(privacy_request, now=me.now)
    if not text:
        raise Http404
    return _file(text, f"my-data-{ref}.json")


def _page(request: HttpRequest, me: Me, form: RightForm, *, status: int = 200) -> HttpResponse:
    requests: list[RightsView] = requests_of(me.subscriber, now=me.now)
    context = {
        "consents": _consents(me),
        "requests": requests,
        "looks": len(looks_at(me.subscriber)),
        "kept": _processing_rows(me.now),
        "form": form,
    }
    return render(request, "portals/mine_privacy.html", context, status=status)


def _consents(me: Me) -> list[ShownConsent]:
    chinese = is_chinese(get_language() or "")
    return [
        ShownConsent(
            view=consent,
            name=pick(consent.purpose.zh, consent.purpose.en),
            notice=consent.purpose.notice(chinese=chinese),
            word=consent.purpose.words[0 if chinese else -1],
        )
        for consent in consents_of(me.subscriber, now=me.now)
    ]


def _processing_rows(now: datetime) -> list[ProcessingRow]:
    processing_register = processing(now)
    return [
        ProcessingRow(
            purpose=pick(activity.zh, activity.en),
            what=pick(*activity.categories),
            how_long=pick(*activity.retention),
            days=processing_register.days.get(activity.term),
            who=pick(*activity.recipients),
        )
        for activity in processing_register.activities
    ]


def _file(text: str, name: str) -> HttpResponse:
    return HttpResponse(
        text,
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
