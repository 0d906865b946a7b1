"""Incidents of personal data: the list, and one with scope, clocks, steps and review."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from amends.causes.privacy.actions.incidents import (
    add_step,
    close_incident,
    judge_step,
    open_incident,
    open_one,
    raise_level,
    report,
    rescope,
)
from amends.causes.privacy.actions.notify_people import ask_to_notify, notify_people
from amends.causes.privacy.models import Incident, IncidentStep
from amends.causes.privacy.queries import due_reports, incident, incidents, misuse_case, next_report
from amends.causes.privacy.queries.clocks import incident_clocks, incident_levels
from amends.causes.privacy.rules.data_words import words_of_fields
from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.people.access.web.words import chinese
from amends.platform.kit.actors import Actor


def moment_input() -> forms.DateTimeInput:
    """A day and a time, as browsers ask for them."""
    return forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M")


class IncidentForm(forms.Form):
    """What is known when an incident is opened."""

    title = forms.CharField(label=gettext_lazy("What happened"), max_length=160)
    users = forms.CharField(
        label=gettext_lazy("References of the users, with a comma between"), max_length=500
    )
    since = forms.DateTimeField(
        label=gettext_lazy("From"),
        widget=moment_input(),
    )
    until = forms.DateTimeField(
        label=gettext_lazy("Until"),
        widget=moment_input(),
    )
    found_at = forms.DateTimeField(
        label=gettext_lazy("Became known at"),
        widget=moment_input(),
    )
    drill = forms.BooleanField(label=gettext_lazy("This is a drill"), required=False)


@requires("privacy.incidents")
@require_safe
def incidents_page(request: HttpRequest) -> HttpResponse:
    """Open incidents, or closed ones."""
    closed = request.GET.get("state") == "closed"
    rows = [
        (row, next_report(row)) for row in incidents(brand=actor_of(request).brand, closed=closed)
    ]
    context = {"rows": rows, "closed": closed, "now": timezone.now()}
    return render(request, "desk/privacy_incidents.html", context)


@requires("privacy.incidents")
@refusals_as_pages
def new_incident(request: HttpRequest) -> HttpResponse:
    """Open an incident by hand, or from a case file of alerts (`?case=`)."""
    actor, now = actor_of(request), timezone.now()
    case = request.GET.get("case", "")
    form = IncidentForm(request.POST or None, initial=_known(case, actor, now))
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        row = open_incident(
            cleaned["title"],
            origin=Incident.Origin.ALERT if case else Incident.Origin.HAND,
            users=[part.strip() for part in cleaned["users"].split(",") if part.strip()],
            since=cleaned["since"],
            until=min(cleaned["until"], now),
            found_at=cleaned["found_at"],
            actor=actor,
            now=now,
            reference=case,
            drill=cleaned["drill"],
        )
        return redirect("privacy_incident", row.ref)
    return render(request, "desk/privacy_incident_new.html", {"form": form})


def _known(case: str, actor: Actor, now: datetime) -> dict[str, Any]:
    """What a case file already says: the user, and the period of its alerts."""
    case_row = misuse_case(case, brand=actor.brand) if case else None
    if case_row is None:
        return {"until": now, "found_at": now}
    alerts = list(case_row.alerts.all())
    first = min((alert.at for alert in alerts), default=case_row.opened_at)
    since = first - timedelta(days=max((alert.days for alert in alerts), default=1))
    return {"users": case_row.user, "since": since, "until": now, "found_at": case_row.opened_at}


@requires("privacy.incidents")
@require_safe
def incident_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One incident; after it is closed, the after-action page, which prints."""
    row = incident(ref, brand=actor_of(request).brand)
    if row is None:
        raise Http404
    rules = {
        incident_clock.rule: incident_clock for incident_clock in incident_clocks(row.found_at)
    }
    levels = [
        (incident_level.id, incident_level.zh if chinese() else incident_level.en)
        for incident_level in incident_levels(row.found_at)
    ]
    steps = list(row.steps.all())
    staff = [row.opened_by, row.closed_by, row.notice_asked_by, *(step.by for step in steps)]
    names = people([*row.users, *staff])
    informed_count = row.affected.exclude(message="").count()
    untold = row.affected.filter(message="").count()
    due_ids = {due_report.pk for due_report in due_reports(row, untold=untold)}
    me = actor_of(request).ref
    context = {
        "it": row,
        "who": [names.get(user, user) for user in row.users],
        "names": {
            "opened": names.get(row.opened_by, row.opened_by),
            "closed": names.get(row.closed_by, row.closed_by),
        },
        "clocks": [
            (clock, _words(rules.get(clock.rule)), rules.get(clock.rule), clock.pk in due_ids)
            for clock in row.clocks.all()
        ],
        "steps": [(step, names.get(step.by, step.by)) for step in steps],
        "fields": words_of_fields(",".join(row.scope.get("fields", [])), chinese=chinese()),
        "told": informed_count,
        "untold": untold,
        "asked_by": names.get(row.notice_asked_by, row.notice_asked_by),
        "asked_by_me": row.notice_asked_by == me,
        "grown": untold > row.notice_people,
        "level": dict(levels).get(row.level, row.level),
        "levels": levels,
        "kinds": IncidentStep.Kind.choices,
        "about_me": me in row.users,
        "now": timezone.now(),
    }
    return render(request, "desk/privacy_incident.html", context)


def _words(rule: Any) -> str:
    if rule is None:
        return ""
    return str(rule.zh if chinese() else rule.en)


@require_POST
@requires("privacy.incidents")
@refusals_as_pages
def act_on_incident(request: HttpRequest, ref: str, verb: str) -> HttpResponse:
    """Report, tell, note a step, judge it, raise the level, count again, or close."""
    actor, now, form_data = actor_of(request), timezone.now(), request.POST
    if incident(ref, brand=actor.brand) is None:
        raise Http404
    form_text = form_data.get("words", "")
    if verb == "report":
        report(ref, _number(form_data.get("clock")), reference=form_text, actor=actor, now=now)
    elif verb == "ask":
        n = ask_to_notify(ref, actor=actor, now=now)
        messages.success(
            request,
            ngettext(
                "A colleague reads it and sends the message to %(n)s person.",
                "A colleague reads it and sends the messages to %(n)s people.",
                n,
            )
            % {"n": n},
        )
    elif verb == "tell":
        informed_count, without = notify_people(ref, actor=actor, now=now)
        text = ngettext("%(n)s person is told.", "%(n)s people are told.", informed_count) % {
            "n": informed_count
        }
        if without:
            text += " " + _("%(n)s have no contact on record.") % {"n": without}
        messages.success(request, text)
    elif verb == "step":
        add_step(ref, form_data.get("kind", ""), form_text, actor=actor, now=now)
    elif verb == "judge":
        judge_step(ref, _number(form_data.get("step")), form_data.get("verdict", ""), actor=actor)
    elif verb == "level":
        raise_level(ref, form_data.get("level", ""), actor=actor, now=now)
    elif verb == "scope":
        rescope(open_one(ref, actor), now=now)
    elif verb == "close":
        close_incident(ref, review=form_text, no_harm="no_harm" in form_data, actor=actor, now=now)
    else:
        raise Http404
    return redirect("privacy_incident", ref)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 19 else 0
