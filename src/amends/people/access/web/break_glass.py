"""Emergency looks: one person asks with a reason, another agrees, the values are shown once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from amends.people.access.actions.break_glass import (
    approve_break_glass,
    ask_break_glass,
    break_glass,
)
from amends.people.access.actions.unmask import UnableToUnmask
from amends.people.access.queries import BreakGlassView, break_glass_requests
from amends.people.access.queries.colleagues import people
from amends.people.access.queries.rights import rules_on
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusal_text, refusals_as_pages
from amends.people.access.web.words import FIELDS, field_words
from amends.people.subscribers.queries import identify, subscribers
from amends.platform.database.form_fields import CleanTextField
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput

SHOWN = 50


class UnableToFindNumberHolder(BadInput):
    """Nobody on record has that number, mailbox or reference."""

    code = "subscriber_not_found"


@dataclass(frozen=True, slots=True)
class BreakGlassRow:
    """A request as the page shows it; `state` says what can be done with it."""

    request: BreakGlassView
    fields: list[object]
    asked_by: str
    approved_by: str
    state: str
    can_agree: bool
    can_look: bool


class BreakGlassForm(forms.Form):
    """Whose data must be seen without a case, which, and why."""

    whom = CleanTextField(
        label=gettext_lazy("Whose data"),
        help_text=gettext_lazy("A telephone number, mailbox, service or pseudonym."),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    personal_fields = forms.MultipleChoiceField(
        label=gettext_lazy("What must be seen"),
        choices=list(FIELDS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    reason = CleanTextField(
        label=gettext_lazy("Why, and why now"),
        help_text=gettext_lazy("The person concerned will read this."),
        max_length=300,
        widget=forms.Textarea({"rows": 3}),
    )


@requires("access.break_glass")
def requests(request: HttpRequest) -> HttpResponse:
    """The requests of the brand, newest first, and the form to ask."""
    return _page(request, BreakGlassForm())


def _page(request: HttpRequest, form: BreakGlassForm, *, status: int = 200) -> HttpResponse:
    now, actor = timezone.now(), actor_of(request)
    rows = _of_brand(break_glass_requests()[: SHOWN * 4], actor)[:SHOWN]
    names = people({row.asked_by for row in rows} | {row.approved_by for row in rows})
    rules = rules_on(timezone.localdate(now))
    context = {
        "lines": [_line(row, actor, names, now) for row in rows],
        "form": form,
        "minutes": rules.break_glass_minutes,
        "may_ask": {"senior_handler", "privacy_officer"} & set(actor.roles),
        "case": request.GET.get("case", ""),
    }
    return render(request, "desk/emergency.html", context, status=status)


def _of_brand(rows: list[BreakGlassView], actor: Actor) -> list[BreakGlassView]:
    if not actor.brand:
        return rows
    subscriber_views = subscribers({row.subscriber for row in rows})
    return [
        row
        for row in rows
        if row.subscriber in subscriber_views
        and subscriber_views[row.subscriber].brand == actor.brand
    ]


def _refuse_other_brand(ref: str, actor: Actor) -> None:
    request_rows = [row for row in break_glass_requests() if row.ref == ref]
    if not _of_brand(request_rows, actor):
        raise Http404


def _line(row: BreakGlassView, actor: Actor, names: dict[str, str], now: datetime) -> BreakGlassRow:
    limit = timedelta(minutes=rules_on(timezone.localdate(now)).break_glass_minutes)
    if row.used_at is not None:
        state = "shown"
    elif now - (row.approved_at or row.asked_at) > limit:
        state = "lapsed"
    else:
        state = "agreed" if row.approved_at else "waiting"
    mine = row.asked_by == actor.ref
    return BreakGlassRow(
        request=row,
        fields=list(field_words(row.fields)),
        asked_by=names.get(row.asked_by, row.asked_by),
        approved_by=names.get(row.approved_by, row.approved_by),
        state=state,
        can_agree=state == "waiting" and not mine,
        can_look=state == "agreed" and mine,
    )


@require_POST
@requires("access.break_glass")
@refusals_as_pages
def ask(request: HttpRequest) -> HttpResponse:
    """Ask to see a person's data without a case."""
    form = BreakGlassForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    try:
        ask_break_glass(
            actor_of(request),
            subscriber=_subscriber(form.cleaned_data["whom"]),
            fields=form.cleaned_data["personal_fields"],
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
        )
    except UnableToFindNumberHolder as refusal:
        form.add_error("whom", str(refusal_text(refusal)))
    except UnableToUnmask as refusal:
        form.add_error("reason", str(refusal_text(refusal)))
    if form.errors:
        return _page(request, form, status=400)
    messages.success(request, _("Asked. A second person must agree before anything is shown."))
    return redirect("emergency")


def _subscriber(contact: str) -> str:
    """The pseudonym of whom is meant: by number, mailbox, service or the pseudonym itself."""
    if contact in subscribers([contact]):
        return contact
    by_mail = "@" in contact
    person = identify(
        phone="" if by_mail else contact, email=contact if by_mail else "", service=contact
    )
    if person is None:
        raise UnableToFindNumberHolder(
            _("Nobody on record is known by that."),
            meaning=_("Nothing was asked and nothing was shown."),
            next_step=_("Check the number, mailbox or service, and ask again."),
        )
    return person.pseudonym


@require_POST
@requires("access.break_glass")
@refusals_as_pages
def agree(request: HttpRequest, ref: str) -> HttpResponse:
    """Agree to another person's request."""
    _refuse_other_brand(ref, actor_of(request))
    approve_break_glass(actor_of(request), ref, now=timezone.now())
    messages.success(request, _("Agreed. Whoever asked can now look, once."))
    return redirect("emergency")


@require_POST
@requires("access.break_glass")
@never_cache
@refusals_as_pages
def look(request: HttpRequest, ref: str) -> HttpResponse:
    """The values, once, on a page that is not kept."""
    _refuse_other_brand(ref, actor_of(request))
    values = break_glass(actor_of(request), ref, now=timezone.now())
    labelled_values = [(FIELDS.get(name, name), value) for name, value in values.items()]
    return render(request, "desk/emergency_shown.html", {"values": labelled_values})
