"""Taking down a call at the desk: the caller's words become a contact and a complaint at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amends.cases.complaints.actions.intake import MAX_CHARACTERS, Submission
from amends.cases.complaints.actions.mark_urgent import UnableToMarkUrgent, mark_urgent
from amends.cases.complaints.actions.receive import receive, refuse_reused_keys
from amends.channels.actions.receive import ReceivedFile
from amends.channels.actions.record_call import UnableToTakeDown, take_down
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.platform.database.form_fields import CleanTextField
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import UnableToReuseKey
from amends.platform.kit.ids import random_id
from amends.platform.kit.tracking_codes import find_tracking_code

_MAX_RECORDING = 10 * 1024 * 1024


class CallForm(forms.Form):
    """What is written down of a call. `call` names it, so that sending twice keeps it once."""

    call = forms.CharField(widget=forms.HiddenInput, max_length=40)
    caller = CleanTextField(
        label=gettext_lazy("Number of the caller"),
        help_text=gettext_lazy(
            "Leave it empty if the number is withheld. Without a number here or below we cannot "
            "call back, read records or pay a refund: the caller has only the tracking code."
        ),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    name = CleanTextField(
        label=gettext_lazy("Name the caller gives (optional)"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    about = CleanTextField(
        label=gettext_lazy("Number or account it is about (optional)"),
        help_text=gettext_lazy("Only if it is another than the caller's."),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    words = CleanTextField(
        label=gettext_lazy("What the caller said, in the caller's words"),
        help_text=gettext_lazy(
            "Not a summary: this text is classified, and the caller may read it. If it contains "
            "a tracking code, it is added to that complaint."
        ),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "true"}),
        max_length=MAX_CHARACTERS,
        error_messages={"required": gettext_lazy("Write down what the caller said.")},
    )
    urgent = forms.BooleanField(
        label=gettext_lazy("It cannot wait: danger to life, or no service at all"), required=False
    )
    agreed = forms.BooleanField(
        label=gettext_lazy("The caller agreed to be recorded"), required=False
    )
    recording = forms.FileField(
        label=gettext_lazy("Recording (optional)"),
        help_text=gettext_lazy("An audio file of at most 10 MB; stored only if the caller agreed."),
        required=False,
        widget=forms.FileInput(attrs={"accept": "audio/*"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        recording = cleaned.get("recording")
        if recording and not cleaned.get("agreed"):
            self.add_error(
                "agreed",
                _("Tick this if the caller agreed, or leave the recording out."),
            )
        if recording and recording.size > _MAX_RECORDING:
            self.add_error("recording", _("Choose a recording of at most 10 MB."))
        return cleaned


@requires("complaints.handle")
@refusals_as_pages
def take_call(request: HttpRequest) -> HttpResponse:
    """The form, and what becomes of it: the complaint, opened."""
    if request.method != "POST":
        form = CallForm(initial={"call": random_id("call", length=16)})
        return render(request, "desk/call.html", {"form": form})
    form = CallForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            return _taken(request, form.cleaned_data)
        except UnableToTakeDown as refusal:
            field = "caller" if "number" in refusal.what else "words"
            form.add_error(
                field,
                _("This is not a phone number. Correct it, or leave it empty.")
                if field == "caller"
                else _("Write down what the caller said."),
            )
        except UnableToReuseKey:
            # They came back to the page and changed the words: sent again, it is another call.
            form.data = request.POST.copy()
            form.data["call"] = random_id("call", length=16)
            form.add_error(
                "words",
                _("What you sent from this page before is saved. Send again for another call."),
            )
            return render(request, "desk/call.html", {"form": form}, status=409)
    return render(request, "desk/call.html", {"form": form}, status=400)


def _taken(request: HttpRequest, cleaned: dict[str, Any]) -> HttpResponse:
    """Keep the call as a message, and receive it under the key the dispatcher would use.

    The dispatcher finds the message a moment later, meets the same key, and marks it.
    """
    now, actor = timezone.now(), actor_of(request)
    file = cleaned["recording"]
    with transaction.atomic():
        message = take_down(
            call=f"{actor.ref}:{cleaned['call']}",
            text=cleaned["words"],
            started_at=now,
            now=now,
            caller=cleaned["caller"],
            tracking_code=find_tracking_code(cleaned["words"]),
            brand=actor.brand,
            recording=ReceivedFile(file.name, file.read()) if file else None,
            agreed=cleaned["agreed"],
        )
        submission = Submission(
            channel="phone",
            key=f"inbound:{message.id}",
            text=cleaned["words"],
            received_at=message.received_at,
            name=cleaned["name"],
            phone=cleaned["caller"],
            about=cleaned["about"],
            thread=find_tracking_code(cleaned["words"]),
            brand=actor.brand,
            by=actor.ref,
            urgent=cleaned["urgent"],
        )
        receipt = receive(submission, now=now)
        refuse_reused_keys([submission], [receipt])
        if cleaned["urgent"] and not receipt.opened:
            _say_urgent(receipt.complaint, actor=actor, now=now)
    if receipt.opened:
        said_back = _("Logged as %(code)s. Give the caller this code.")
    else:
        said_back = _("Added to %(code)s, which is open. Give the caller this code.")
    messages.success(request, said_back % {"code": receipt.tracking_code})
    return redirect("complaint", receipt.complaint)


def _say_urgent(ref: str, *, actor: Actor, now: datetime) -> None:
    """What the call joined is urgent from now on, unless it is so already or was answered."""
    try:
        reason = _("Said so on the phone.")
        mark_urgent(ref, urgent=True, reason=reason, actor=actor, now=now)
    except UnableToMarkUrgent:
        return
