"""Pages of a kiosk: big type, few steps, and nothing left when its user walks away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amends.cases.complaints.actions.intake import MAX_CHARACTERS, Receipt, Submission
from amends.cases.complaints.actions.receive import receive, refuse_reused_keys
from amends.cases.complaints.queries import StateView, state_names, state_of, states_of_subscriber
from amends.causes.confirmations.actions.prove_presence import answer_presence, request_presence
from amends.entrances.portals.actions.idempotency import hand_over
from amends.entrances.portals.public import kiosk_session as session
from amends.entrances.portals.public.forms import LineField, OfferOrderForm, PresenceForm, Story
from amends.entrances.portals.public.kiosk_session import AtKiosk, at_kiosk
from amends.entrances.portals.public.pages import personal
from amends.entrances.portals.public.words import pick
from amends.entrances.selfservice.actions.answer_text import order_words, usage_words
from amends.entrances.selfservice.actions.order import (
    OrderProgress,
    answer_order,
    order_offer,
    progress,
)
from amends.entrances.selfservice.actions.report import report_message
from amends.entrances.selfservice.actions.set_reminder import set_reminder
from amends.entrances.selfservice.actions.stop import stop_service
from amends.entrances.selfservice.queries import (
    IdentifiedUser,
    orderable,
    reminders_of,
    running,
    speed_test_link,
    usage_of,
)
from amends.entrances.selfservice.texts import menu_line
from amends.people.access.web.limits import COMPLAINTS, SENDING, WRONG_CODES, source_of, too_much
from amends.people.access.web.refusals import refusal_text
from amends.platform.kit.errors import AmendsError, UnableToReuseKey
from amends.platform.kit.formats import is_chinese
from amends.platform.kit.ids import random_id
from amends.platform.kit.periods import from_ms, to_ms
from amends.platform.vault.masks import mask_phone

_OFF = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}


class DeviceForm(forms.Form):
    """The token of the API client that this kiosk is."""

    token = forms.CharField(
        label=gettext_lazy("Token of this kiosk"),
        max_length=120,
        widget=forms.PasswordInput(_OFF),
    )


class KioskNumberForm(forms.Form):
    """Whose account it is."""

    number = LineField(
        label=gettext_lazy("Your phone number"),
        max_length=40,
        widget=forms.TextInput(_OFF | {"inputmode": "tel"}),
        error_messages={"required": gettext_lazy("Enter your number.")},
    )


class KioskComplaintForm(forms.Form):
    """A complaint, with a phone number where the user is not identified."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=40)
    text = Story(
        label=gettext_lazy("What happened?"),
        max_length=MAX_CHARACTERS,
        widget=forms.Textarea(_OFF | {"rows": 5}),
        error_messages={"required": gettext_lazy("Say in a sentence or two what happened.")},
    )
    phone = LineField(
        label=gettext_lazy("Phone number for our answer"),
        max_length=40,
        required=False,
        widget=forms.TextInput(_OFF | {"inputmode": "tel"}),
    )


class KioskStatusForm(forms.Form):
    """The tracking code of a complaint."""

    code = LineField(
        label=gettext_lazy("Number of the complaint, from the receipt"),
        max_length=40,
        widget=forms.TextInput(_OFF | {"autocapitalize": "characters"}),
        error_messages={"required": gettext_lazy("Enter the number of the complaint.")},
    )


class KioskStopForm(forms.Form):
    """A service to stop; the second button is sure."""

    service = forms.CharField(max_length=80, widget=forms.HiddenInput)
    sure = forms.BooleanField(required=False)


class KioskReminderForm(forms.Form):
    """One reminder: an amount of the user's own, or on or off."""

    duty = forms.CharField(max_length=80, widget=forms.HiddenInput)
    own = LineField(
        label=gettext_lazy("Amount"),
        required=False,
        max_length=20,
        widget=forms.TextInput(_OFF | {"inputmode": "decimal", "size": 6}),
    )
    wish = forms.ChoiceField(choices=[("on", "on"), ("off", "off")], required=False)


class KioskReportForm(forms.Form):
    """An unwanted message or call."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=40)
    number = LineField(
        label=gettext_lazy("Number it came from"),
        max_length=40,
        required=False,
        widget=forms.TextInput(_OFF | {"inputmode": "tel"}),
    )
    text = forms.CharField(
        label=gettext_lazy("What it said (leave empty for a call)"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(_OFF | {"rows": 4}),
    )


def _show(
    request: HttpRequest, page: str, *, status: int = 200, at: AtKiosk | None = None, **context: Any
) -> HttpResponse:
    page_context = {
        "idle_s": session.IDLE_S,
        "warning_s": session.WARNING_S,
        "user": at.user if at else None,
        **context,
    }
    return render(request, f"kiosk/{page}.html", page_context, status=status)


@personal
def device(request: HttpRequest) -> HttpResponse:
    """Register this browser as a kiosk, by the token of its API client."""
    form = DeviceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        response = redirect("public:kiosk")
        if wait := WRONG_CODES.wait(request, now=now):
            form.add_error("token", too_much(wait))
        elif session.register_device(response, form.cleaned_data["token"]):
            return response
        else:
            WRONG_CODES.count(request, now=now)
            form.add_error("token", _("This is not the token of a kiosk. Make one as an operator."))
    status = 400 if form.errors else 200
    return render(request, "kiosk/device.html", {"form": form}, status=status)


@at_kiosk()
@require_safe
def start(request: HttpRequest, at: AtKiosk) -> HttpResponse:
    """The first page: no personal data, large buttons."""
    return _show(request, "start", at=at, is_start=True, speed_test=speed_test_link())


@personal
def finish(request: HttpRequest) -> HttpResponse:
    """The user leaves, or the time ran out: empty the session and what the browser stored."""
    session.end(request)
    # A form that the browser remembers cannot be sent again.
    rotate_token(request)
    response = redirect("public:kiosk")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@at_kiosk()
@require_POST
def alive(request: HttpRequest, at: AtKiosk) -> HttpResponse:
    """The screen was touched; the 30 seconds begin again."""
    return HttpResponse(status=204)


@at_kiosk()
def number(request: HttpRequest, at: AtKiosk) -> HttpResponse:
    """Whose number; a code goes to its contact on record, whether there is one or not."""
    form = KioskNumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if wait := SENDING.take(request, now=at.now):
            form.add_error("number", too_much(wait))
        else:
            phone_number = form.cleaned_data["number"]
            brand = at.device.brand
            ref = request_presence(phone_number, source=source_of(request), brand=brand, now=at.now)
            session.ask(request, ref, masked=mask_phone(phone_number))
            return redirect("public:kiosk_code")
    return _show(request, "number", at=at, form=form, status=400 if form.errors else 200)


@at_kiosk()
def code(request: HttpRequest, at: AtKiosk) -> HttpResponse:
    """The six digits."""
    if not session.asked(request):
        return redirect("public:kiosk_number")
    form = _without_memory(PresenceForm(request.POST or None))
    if request.method == "POST" and form.is_valid():
        if wait := WRONG_CODES.wait(request, now=at.now):
            form.add_error("digits", too_much(wait))
        elif answer_presence(session.asked(request), form.cleaned_data["digits"], now=at.now):
            session.show(request)
            return redirect("public:kiosk_me")
        else:
            WRONG_CODES.count(request, now=at.now)
            form.add_error(
                "digits",
                _("This is not the code we sent, or it is too old. Look at the newest message."),
            )
    return _show(request, "code", at=at, form=form, status=400 if form.errors else 200)


def _without_memory(form: PresenceForm) -> PresenceForm:
    """No browser offers the code to the next person."""
    form.fields["digits"].widget.attrs |= _OFF
    return form


def _user(at: AtKiosk) -> IdentifiedUser:
    """The user; pages that need one are guarded by `identified`."""
    if at.user is None:
        raise LookupError("nobody is identified")
    return at.user


@at_kiosk(identified=True)
@require_safe
def me(request: HttpRequest, at: AtKiosk) -> HttpResponse:
    """The menu of an identified user."""
    return _show(request, "me", at=at)


@at_kiosk(identified=True)
@require_safe
def usage(request: HttpRequest, at: AtKiosk) -> HttpResponse:
    """The use of this month."""
    lines = usage_of(_user(at), now=at.now)
    line_rows = [(line, usage_words([line])) for line in lines]
    return _show(request, "usage", at=at, lines=line_rows)


@at_kiosk(identified=True)
def services(request: HttpRequest, at: AtKiosk) -> HttpResponse:
    """Running services; stopping takes a second press."""
    user, stopping = _user(at), ""
    form = KioskStopForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        service = form.cleaned_data["service"]
        if not form.cleaned_data["sure"]:
            stopping = service
        else:
            try:
                order_progress = stop_service(user, service, now=at.now)
                return _business_receipt(request, order_progress)
            except AmendsError as why:
                form.add_error(None, str(refusal_text(why)))
    active_services = running(user, now=at.now)
    return _show(
        request,
        "services",
        at=at,
        services=active_services,
        stopping=next(
            (
                active_service
                for active_service in active_services
                if active_service.service == stopping
            ),
            None,
        ),
        form=form,
        status=400 if form.errors else 200,
    )


@at_kiosk(identified=True)
def offers(request: HttpRequest, at: AtKiosk) -> HttpResponse:
    """Offers; an order needs the code of each confirmation."""
    user, form = _user(at), OfferOrderForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        offer, key = form.cleaned_data["offer"], form.cleaned_data["key"]
        try:
            placed = order_offer(user, offer, key=key, now=at.now)
            return redirect("public:kiosk_order", placed.order)
        except AmendsError as why:
            form.add_error(None, str(refusal_text(why)))
    return _show(
        request,
        "offers",
        at=at,
        offers=[(offer, menu_line(offer)) for offer in orderable(user, now=at.now)],
        key=random_id(),
        form=form,
        status=400 if form.errors else 200,
    )


@at_kiosk(identified=True)
def order(request: HttpRequest, at: AtKiosk, ref: str) -> HttpResponse:
    """Type the code of each confirmation that the rules ask for."""
    form = _without_memory(PresenceForm(request.POST or None))
    user = _user(at)
    try:
        if request.method == "POST" and form.is_valid():
            order_progress = answer_order(user, ref, form.cleaned_data["digits"], now=at.now)
            if not order_progress.is_open:
                return _business_receipt(request, order_progress)
            if order_progress.outcome in ("wrong", "spent"):
                form.add_error("digits", order_words(order_progress))
            else:
                form = _without_memory(PresenceForm())
        else:
            order_progress = progress(ref, "asked", subscriber=user.subscriber)
    except AmendsError as why:
        return _show(request, "refused", at=at, problem=str(refusal_text(why)), status=404)
    return _show(
        request,
        "order",
        at=at,
        form=form,
        done=order_progress,
        name=pick(order_progress.name_zh, order_progress.name_en),
        words=order_words(order_progress),
        status=400 if form.errors else 200,
    )


@at_kiosk(identified=True)
def reminders(request: HttpRequest, at: AtKiosk) -> HttpResponse:
    """Reminders: on, off, or an amount of one's own."""
    user, form = _user(at), KioskReminderForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            set_reminder(user, cleaned["duty"], cleaned["own"] or cleaned["wish"], now=at.now)
            return redirect("public:kiosk_reminders")
        except AmendsError as why:
            form.add_error("own", str(refusal_text(why)))
    rows = [
        (
            reminder,
            form
            if form.errors and form["duty"].value() == reminder.duty
            else KioskReminderForm(
                initial={"duty": reminder.duty}, auto_id=f"id_{reminder.duty}_%s"
            ),
        )
        for reminder in reminders_of(user, now=at.now)
    ]
    status = 400 if form.errors else 200
    return _show(request, "reminders", at=at, form=form, reminders=rows, status=status)


@at_kiosk(identified=True)
def report(request: HttpRequest, at: AtKiosk) -> HttpResponse:
    """Report an unwanted message or call."""
    form = KioskReportForm(request.POST or None, initial={"key": random_id()})
    if request.method == "POST" and form.is_valid():
        cleaned, user = form.cleaned_data, _user(at)
        number, text, key = cleaned["number"], cleaned["text"], cleaned["key"]
        try:
            with transaction.atomic():
                body = "\0".join((number, text, user.subscriber))
                hand_over(at.device.id, f"kiosk-report:{key}", body, now=at.now)
                message_report = report_message(
                    user,
                    number=number,
                    text=text,
                    key=key,
                    source=source_of(request),
                    now=at.now,
                )
            return _show(request, "reported", at=at, ref=message_report.ref)
        except UnableToReuseKey:
            form = KioskReportForm(initial={"number": number, "text": text, "key": random_id()})
            return _show(request, "report", at=at, form=form, problem=_reused(), status=409)
        except AmendsError as why:
            form.add_error("number", str(refusal_text(why)))
    return _show(request, "report", at=at, form=form, status=400 if form.errors else 200)


@at_kiosk()
def complain(request: HttpRequest, at: AtKiosk) -> HttpResponse:
    """File a complaint; a receipt is printed."""
    form = KioskComplaintForm(request.POST or None, initial={"key": random_id()})
    if request.method == "POST" and form.is_valid():
        if wait := COMPLAINTS.take(request, now=at.now):
            form.add_error("text", too_much(wait))
        else:
            cleaned = form.cleaned_data
            user = at.user
            try:
                received = _receive_once(at, cleaned)
            except UnableToReuseKey:
                form = KioskComplaintForm(initial={"text": cleaned["text"], "key": random_id()})
                return _show(request, "complain", at=at, form=form, problem=_reused(), status=409)
            may_show = received.opened or user is not None
            number = session.masked_number(request) if user else mask_phone(cleaned["phone"])
            session.put_receipt(
                request,
                code=received.tracking_code if may_show else "",
                due_ms=to_ms(received.due_at) if received.due_at else 0,
                number=number,
                kind="complaint",
            )
            return redirect("public:kiosk_receipt")
    return _show(request, "complain", at=at, form=form, status=400 if form.errors else 200)


def _reused() -> str:
    return _("This form was sent before with another text. Check it and send again.")


def _receive_once(at: AtKiosk, cleaned: Mapping[str, str]) -> Receipt:
    """Receive a complaint; the same form again is the same complaint.

    Raises `UnableToReuseKey` where its key was used with another text, number or user.
    """
    phone = "" if at.user else cleaned["phone"]
    subscriber = at.user.subscriber if at.user else ""
    submission = Submission(
        channel=session.CHANNEL,
        key=f"kiosk:{at.device.id}:{cleaned['key']}",
        text=cleaned["text"],
        received_at=at.now,
        phone=phone,
        subscriber=subscriber,
        identity="challenge" if at.user else "",
        brand=at.device.brand,
        language="zh" if is_chinese(get_language() or "") else "en",
        by=f"client-{at.device.id}",
    )
    with transaction.atomic():
        body = "\0".join((submission.text, phone, subscriber))
        hand_over(at.device.id, f"kiosk:{cleaned['key']}", body, now=at.now)
        receipt = receive(submission, now=at.now)
        refuse_reused_keys([submission], [receipt])
    return receipt


@at_kiosk()
def status(request: HttpRequest, at: AtKiosk) -> HttpResponse:
    """Where a complaint is: by its number, or all of the person who is identified."""
    form = KioskStatusForm(request.POST or None)
    states: Sequence[StateView] = ()
    if at.user is not None:
        states = states_of_subscriber(at.user.subscriber)
    elif request.method == "POST" and form.is_valid():
        if wait := WRONG_CODES.wait(request, now=at.now):
            form.add_error("code", too_much(wait))
        elif state_by_code := state_of(form.cleaned_data["code"], brand=at.device.brand):
            states = (state_by_code,)
        else:
            WRONG_CODES.count(request, now=at.now)
            form.add_error("code", _("We have no complaint under this number."))
    names = state_names()
    state_rows = [(state, pick(*names[state.state])) for state in states]
    return _show(
        request,
        "status",
        at=at,
        form=form,
        found=state_rows,
        status=400 if form.errors else 200,
    )


def _business_receipt(request: HttpRequest, order_progress: OrderProgress) -> HttpResponse:
    """The receipt of an order or stop; nothing else about the account."""
    session.put_receipt(
        request,
        kind="order",
        words=order_words(order_progress),
        number=session.masked_number(request),
    )
    return redirect("public:kiosk_receipt")


@at_kiosk()
@require_safe
def receipt(request: HttpRequest, at: AtKiosk) -> HttpResponse:
    """The receipt of what was just done; a page of its own, so that no form is sent again."""
    receipt_fields = session.receipt_of(request)
    if not receipt_fields:
        return redirect("public:kiosk")
    due_ms = int(receipt_fields.get("due_ms") or 0)
    due_at = from_ms(due_ms) if due_ms else None
    return _show(request, "receipt", at=at, now=at.now, **(receipt_fields | {"due_at": due_at}))
