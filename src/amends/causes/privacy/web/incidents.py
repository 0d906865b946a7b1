"""Incidents of personal data: the list, and one with scope, clocks, steps and review."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
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
from amends.causes.privacy.models import Incident
from amends.causes.privacy.queries import due_reports, incident, incidents, misuse_case, next_report
from amends.causes.privacy.queries.clocks import incident_clocks, incident_levels
from amends.causes.privacy.rules.data_words import words_of_fields
from amends.causes.privacy.web.forms import (
    AuthorityReportForm,
    CloseIncidentForm,
    IncidentLevelForm,
    IncidentStepForm,
    StepVerdictForm,
)
from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages, refuse_form
from amends.people.access.web.words import chinese
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import AmendsError


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
    return _incident_page(request, row)


def _incident_page(
    request: HttpRequest,
    row: Incident,
    verb: str = "",
    form: forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page; `form` of `verb` was refused."""
    rules = {
        incident_clock.rule: incident_clock for incident_clock in incident_clocks(row.found_at)
    }
    levels = _levels(row)
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
            (
                clock,
                _words(rules.get(clock.rule)),
                rules.get(clock.rule),
                clock.pk in due_ids,
                _report_form(row, clock.pk, form if verb == "report" else None),
            )
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
        "refused": form,
        "level_form": IncidentLevelForm(initial={"level": row.level}, levels=levels),
        "step_form": form if form and verb == "step" else IncidentStepForm(),
        "close_form": form
        if form and verb == "close"
        else CloseIncidentForm(auto_id="id_close_%s"),
        "about_me": me in row.users,
        "now": timezone.now(),
    }
    return render(request, "desk/privacy_incident.html", context, status=status)


def _levels(row: Incident) -> list[tuple[str, str]]:
    return [
        (incident_level.id, incident_level.zh if chinese() else incident_level.en)
        for incident_level in incident_levels(row.found_at)
    ]


def _report_form(row: Incident, clock: int, refused: forms.Form | None) -> forms.Form:
    if refused and refused["clock"].value() == str(clock):
        return refused
    return AuthorityReportForm(row=row, initial={"clock": clock}, auto_id=f"id_report_{clock}_%s")


def _words(rule: Any) -> str:
    if rule is None:
        return ""
    return str(rule.zh if chinese() else rule.en)


@require_POST
@requires("privacy.incidents")
@refusals_as_pages
def act_on_incident(request: HttpRequest, ref: str, verb: str) -> HttpResponse:
    """Report, tell, note a step, judge it, raise the level, count again, or close."""
    actor, now = actor_of(request), timezone.now()
    row = incident(ref, brand=actor.brand)
    if row is None or verb not in _VERBS:
        raise Http404
    form = _VERBS[verb](request.POST, row)
    status = 400
    if form.is_valid():
        try:
            message = _carry_out(ref, verb, form.cleaned_data, actor, now)
        except AmendsError as error:
            status = refuse_form(form, error, "words" if "words" in form.fields else None)
        else:
            if message:
                messages.success(request, message)
            return redirect("privacy_incident", ref)
    return _incident_page(request, row, verb, form, status)


_VERBS: dict[str, Callable[[QueryDict, Incident], forms.Form]] = {
    "report": lambda data, row: AuthorityReportForm(data, row=row),
    "ask": lambda data, row: forms.Form(data),
    "tell": lambda data, row: forms.Form(data),
    "step": lambda data, row: IncidentStepForm(data),
    "judge": lambda data, row: StepVerdictForm(data, row=row),
    "level": lambda data, row: IncidentLevelForm(data, levels=_levels(row)),
    "scope": lambda data, row: forms.Form(data),
    "close": lambda data, row: CloseIncidentForm(data, auto_id="id_close_%s"),
}
"""Verb → its form; three have no fields."""


def _carry_out(ref: str, verb: str, cleaned: dict[str, Any], actor: Actor, now: datetime) -> str:
    """Do it; returns the message for the reader, "" for none."""
    if verb == "report":
        report(ref, cleaned["clock"].pk, reference=cleaned["words"], actor=actor, now=now)
    elif verb == "ask":
        n = ask_to_notify(ref, actor=actor, now=now)
        return ngettext(
            "A colleague reads it and sends the message to %(n)s person.",
            "A colleague reads it and sends the messages to %(n)s people.",
            n,
        ) % {"n": n}
    elif verb == "tell":
        informed_count, without = notify_people(ref, actor=actor, now=now)
        text = ngettext("%(n)s person is told.", "%(n)s people are told.", informed_count) % {
            "n": informed_count
        }
        return text + (" " + _("%(n)s have no contact on record.") % {"n": without}) * bool(without)
    elif verb == "step":
        add_step(ref, cleaned["kind"], cleaned["words"], actor=actor, now=now)
    elif verb == "judge":
        judge_step(ref, cleaned["step"].pk, cleaned["verdict"], actor=actor)
    elif verb == "level":
        raise_level(ref, cleaned["level"], actor=actor, now=now)
    elif verb == "scope":
        rescope(open_one(ref, actor), now=now)
    else:
        no_harm = cleaned["no_harm"]
        close_incident(ref, review=cleaned["words"], no_harm=no_harm, actor=actor, now=now)
    return ""
