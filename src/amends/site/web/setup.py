"""The first run in pages: an account with a country and a name, then a list of what comes next."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from hmac import compare_digest
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amends.cases.complaints.queries.first_steps import first_complaint
from amends.channels.queries.capabilities import codes_can_leave
from amends.entrances.feeds.actions.uploads import confirm, newest_upload, upload
from amends.people.access.actions.add_user import UnableToAddUser, add_user
from amends.people.access.queries import may
from amends.people.access.queries.colleagues import anybody
from amends.people.access.web.permission import actor_of, public, requires
from amends.people.access.web.refusals import refusal_text, refusals_as_pages
from amends.people.operator.actions.change_installation import change_installation
from amends.people.operator.actions.change_profile import change_profile
from amends.people.operator.queries import installation, operator
from amends.people.operator.web.forms import PublicAddressField
from amends.people.subscribers.queries.counts import any_subscriber
from amends.platform import registry
from amends.platform.database.locks import advisory_lock
from amends.platform.environment.settings_values import chosen_pack, countries
from amends.platform.kit.actors import Actor
from amends.platform.kit.formats import is_chinese
from amends.platform.kit.packs import pack
from amends.record.ledger.queries import any_coverage
from amends.site.first_run import choose_pack, end_setup, setup_code

ROLES = ("administrator", "manager", "senior_handler")
"""What the first person may do: nobody else can give these roles yet."""
UPLOADS = ("subscribers", "facts")
SAMPLE_NUMBER = "13900000001"


@cache
def pack_titles() -> dict[str, tuple[str, str]]:
    """Country → its name in Chinese and English."""
    today = timezone.localdate()
    return {code: (pack(code, today).zh, pack(code, today).en) for code in countries()}


def _packs() -> list[tuple[str, str]]:
    at = 0 if is_chinese(get_language() or "") else 1
    return sorted(
        ((code, names[at]) for code, names in pack_titles().items()),
        key=lambda pack_title: pack_title[1],
    )


class FirstAccountForm(forms.Form):
    """Who runs the installation, whose rules apply, and who signs in first."""

    pack = forms.ChoiceField(
        label=gettext_lazy("Country whose rules apply"),
        help_text=gettext_lazy("Deadlines, holidays, duties and the regulator follow from it."),
        choices=_packs,
    )
    name = forms.CharField(label=gettext_lazy("Name of the operator"), max_length=200)
    hotline = forms.CharField(label=gettext_lazy("Hotline"), max_length=30, required=False)
    public_address = PublicAddressField()
    username = forms.CharField(
        label=gettext_lazy("Name to sign in with"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        help_text=gettext_lazy("At least 12 characters; a few words are easy to remember."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@public
def first_account(request: HttpRequest, code: str) -> HttpResponse:
    """Make the first account; the address is gone once there is one."""
    if anybody() or not compare_digest(code.encode(), setup_code().encode()):
        raise Http404
    here = request.build_absolute_uri("/").rstrip("/")
    form = FirstAccountForm(
        request.POST or None, initial={"pack": settings.JURISDICTION, "public_address": here}
    )
    if settings.BASE_URL_IS_SET:
        del form.fields["public_address"]
    named = bool(chosen_pack())
    if named:
        form.fields["pack"].disabled = True
    if form.is_valid():
        cleaned, now = form.cleaned_data, timezone.now()
        try:
            with transaction.atomic():
                advisory_lock("setup", ["first account"])
                if anybody():
                    raise Http404
                user = add_user(cleaned["username"], password=cleaned["password"], roles=ROLES)
        except UnableToAddUser as refusal:
            field = "username" if not cleaned["username"].strip() else "password"
            form.add_error(field, str(refusal_text(refusal)))
        else:
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
            profile = replace(operator(), name=cleaned["name"], hotline=cleaned["hotline"])
            actor = actor_of(request)
            change_profile(profile, accent="", logo=b"", actor=actor, now=now)
            change_installation(
                actor=actor,
                now=now,
                public_address=cleaned.get("public_address", ""),
                parts_off=registry.parts().keys(),
            )
            end_setup()
            if not named:
                choose_pack(cleaned["pack"])
            restarts = not named and cleaned["pack"] != settings.JURISDICTION
            return render(request, "setup/started.html", {"restarts": restarts})
    status = 400 if form.is_bound else 200
    return render(request, "setup/first_account.html", {"form": form}, status=status)


@dataclass(frozen=True, slots=True)
class SetupStep:
    """A step of the first run.

    upload  what a file uploaded here holds, "" where nothing is uploaded
    state   "done", "waits" (for the jobs) or "open"; note: what became of it
    """

    name: str
    title: str
    text: str
    state: str
    note: str = ""
    path: str = ""
    action: str = ""
    upload: str = ""


@require_safe
@requires("admin")
def setup(request: HttpRequest) -> HttpResponse:
    """The steps from an account to the first complaint with evidence."""
    actor = actor_of(request)
    steps = _steps(actor.brand)
    done = sum(step.state == "done" for step in steps)
    if done == len(steps) and not installation().first_steps_ended and not actor.brand:
        change_installation(actor=actor, now=timezone.now(), first_steps_ended=True)
    context = {
        "steps": steps,
        "done": done,
        "is_ended": installation().first_steps_ended,
        "waits": any(step.state == "waits" for step in steps),
        "number": SAMPLE_NUMBER,
    }
    name = "steps" if request.headers.get("HX-Request") else "setup"
    return render(request, f"setup/{name}.html", context)


@require_POST
@requires("admin")
@refusals_as_pages
def end_first_steps(request: HttpRequest) -> HttpResponse:
    """Do not lead administrators to the first steps any more."""
    change_installation(actor=actor_of(request), now=timezone.now(), first_steps_ended=True)
    return redirect("day")


def first_steps_wait(actor: Actor) -> bool:
    """Whether this person is led to the first steps: an administrator, until they are ended."""
    if actor.brand or not may(actor.roles, "admin") or installation().first_steps_ended:
        return False
    if any(step.state != "done" for step in _steps(actor.brand)):
        return True
    change_installation(actor=actor, now=timezone.now(), first_steps_ended=True)
    return False


def _steps(brand: str) -> list[SetupStep]:
    zh, en = pack_titles().get(settings.JURISDICTION.partition("-")[0], ("", ""))
    complaint = first_complaint(brand=brand)
    decided = bool(complaint and complaint.verdict)
    return [
        SetupStep(
            name="pack",
            title=_("Rules of the country"),
            text=zh if is_chinese(get_language() or "") else en,
            state="done",
            path=reverse("rules"),
            action=_("See the rules in force"),
        ),
        SetupStep(
            name="channel",
            title=_("A channel to customers"),
            text=_(
                "The public form receives complaints. Codes and replies are held until mail or "
                "text messages are switched on."
            ),
            state="done" if codes_can_leave() else "open",
            note=_("Messages are sent.") if codes_can_leave() else "",
            path=reverse("channels"),
            action=_("Set up channels"),
        ),
        _uploaded(
            "subscribers",
            _("Subscribers"),
            _("A file with the key you call a customer by, name, phone number and email address."),
            is_done=any_subscriber(),
        ),
        _uploaded(
            "facts",
            _("Business records"),
            _(
                "A file with orders, charges and confirmations, and what each source covers: only "
                "then does a missing record prove anything."
            ),
            is_done=any_coverage(),
        ),
        SetupStep(
            name="complaint",
            title=_("The first complaint"),
            text=_(
                "Log a call from the number %(number)s: “I was charged 5 for a music pack that I "
                "never ordered.” On its page choose “A document was shown” under "
                "“Customer”: then the records are read."
            )
            % {"number": SAMPLE_NUMBER},
            state="done" if decided else "open",
            note=_("Decided from the records.") if decided else "",
            path=reverse("complaint", args=[complaint.id]) if complaint else reverse("take_call"),
            action=_("Open the complaint") if complaint else _("Log a call"),
        ),
    ]


def _uploaded(kind: str, title: str, text: str, *, is_done: bool) -> SetupStep:
    newest = newest_upload(kind)
    if newest is None:
        return SetupStep(
            name=kind, title=title, text=text, state="done" if is_done else "open", upload=kind
        )
    report: dict[str, Any] = newest.report
    if newest.state == "queued":
        return SetupStep(
            name=kind,
            title=title,
            text=text,
            state="waits",
            note=_("The file is being imported."),
            upload=kind,
        )
    if newest.state == "failed":
        return SetupStep(
            name=kind,
            title=title,
            text=text,
            state="open",
            note=str(report.get("what", "")),
            upload=kind,
        )
    note = _("%(accepted)s rows imported, %(rejected)s refused.") % {
        "accepted": report.get("accepted", 0) + report.get("duplicates", 0),
        "rejected": report.get("rejected", 0),
    }
    is_accepted = bool(report.get("accepted") or report.get("duplicates"))
    path = reverse("import", args=[newest.id])
    return SetupStep(
        name=kind,
        title=title,
        text=text,
        state="done" if is_accepted else "open",
        note=note,
        path=path,
        action=_("See the import"),
        upload=kind,
    )


@require_POST
@requires("admin")
@refusals_as_pages
def setup_upload(request: HttpRequest, kind: str) -> HttpResponse:
    """Hand a file to the jobs, which import it within seconds."""
    sent = request.FILES.get("file")
    if kind not in UPLOADS:
        raise Http404
    actor = actor_of(request)
    content = sent.read() if sent else b""
    row = upload(
        (sent.name if sent else None) or kind, content, kind=kind, actor=actor, now=timezone.now()
    )
    confirm(row.id, {}, actor=actor)
    return redirect("setup")


@require_safe
@requires("admin")
def setup_sample(_request: HttpRequest, kind: str) -> HttpResponse:
    """A small file to begin with, with days of this week."""
    if kind not in UPLOADS:
        raise Http404
    content = _subscribers() if kind == "subscribers" else _facts(timezone.now())
    name = "subscribers.csv" if kind == "subscribers" else "records.jsonl"
    answer = HttpResponse(content, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _subscribers() -> str:
    return (
        "customer id,name,phone,email\n"
        f"C-1001,Li Ming,{SAMPLE_NUMBER},ming@example.org\n"
        "C-1002,Ann Moore,13900000002,ann@example.org\n"
    )


def _facts(now: datetime) -> str:
    """An order of a partner and its charge, without a confirmation, and what both sources cover."""
    currency = pack(settings.JURISDICTION, timezone.localdate(now)).currency
    begins = now - timedelta(days=3)
    ordered = now - timedelta(days=2)
    charge = {"charge": "charge-3", "charge_kind": "value_added", "amount_minor": 500}
    of_order = {"order": "order-9", "offer": "music-5", "initiator": "partner"}
    covers = {"scope": "all", "from_ms": _ms(begins), "to_ms": _ms(now), "complete": 1}
    ordering = "ServiceOrdered,ConfirmationGiven,ConfirmationRefused"
    rows: list[dict[str, Any]] = [
        {"kind": "OfferPublished", "source": "catalogue", "subject": "music-5", "at": begins}
        | {"offer": "music-5", "offer_version": "1", "price_minor": 500, "currency": currency}
        | {"name_zh": "音乐包", "name_en": "Music pack"},
        {"kind": "ServiceOrdered", "source": "crm", "subject": "service-77", "at": ordered}
        | {"customer_key": "C-1001", "channel": "app"}
        | of_order,
        {"kind": "ServiceActivated", "source": "crm", "subject": "service-77", "at": ordered}
        | {"customer_key": "C-1001"}
        | of_order,
        {"kind": "ChargeMade", "source": "billing", "subject": "service-77", "at": ordered}
        | {"customer_key": "C-1001", "offer": "music-5", "currency": currency, "order": "order-9"}
        | charge,
        {"kind": "SourceCovered", "source": "crm", "subject": "crm", "at": now}
        | {"kinds": ordering}
        | covers,
        {"kind": "SourceCovered", "source": "billing", "subject": "billing", "at": now}
        | {"kinds": "ChargeMade,RefundMade"}
        | covers,
    ]
    return "".join(
        json.dumps(
            {"happened_at": row.pop("at").isoformat(timespec="seconds")} | row, ensure_ascii=False
        )
        + "\n"
        for row in rows
    )


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
