"""Pages of the desk: apps sent in, one check with its findings, hosts agreed to."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from amends.causes.vetting.actions.authority import check_not_stopped, check_whole_operator
from amends.causes.vetting.actions.decide_app import agree_host, decide_app, withdraw_host
from amends.causes.vetting.actions.send_app import send_app
from amends.causes.vetting.choices import (
    AppFindingSeverity,
    AppType,
    AppVerdict,
    CheckOutcome,
    CheckState,
)
from amends.causes.vetting.models import (
    AgreedHost,
    AppCheck,
    ConflictState,
    PartnerProceeding,
    ProceedingState,
)
from amends.causes.vetting.queries.app_access import AppAccess, app_access_of
from amends.causes.vetting.queries.checks import (
    checks_for,
    finding_texts,
    history,
    open_proceedings,
)
from amends.causes.vetting.queries.conflicts import (
    conflicts_of_package,
    open_conflict_of,
    visible_conflicts,
)
from amends.causes.vetting.texts.checks import refusal_text
from amends.causes.vetting.web.app_forms import AppDecisionForm, AppForm, AppNoteForm, HostForm
from amends.causes.vetting.web.app_uploads import AppUploadHandler, content_of
from amends.people.access.queries import may, roles_that_may
from amends.people.access.queries.colleagues import people
from amends.people.access.queries.rights import role_titles
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.people.partners.queries import partner_names, sanctions_in_force
from amends.platform.kit.actors import Actor
from amends.platform.kit.formats import is_chinese
from amends.work.casework.actions.add_note import add_note
from amends.work.casework.actions.notify import case_opened
from amends.work.casework.texts.timeline import timeline

KIND = "app_check"
_SHOWN = 100
_LANGUAGES = {"en": "English", "zh-hans": "中文"}


def status(row: AppCheck) -> AppVerdict | CheckState:
    """The verdict once there is one, until then the state."""
    return AppVerdict(row.verdict) if row.verdict else CheckState(row.state)


def found_check(actor: Actor, ref: str) -> AppCheck:
    """The check of an address; 404 where the reader may not see one of that number."""
    row = checks_for(actor, now=timezone.now()).filter(ref=ref).first()
    if row is None:
        raise Http404
    return row


@requires("apps.read")
@require_safe
def app_checks(request: HttpRequest) -> HttpResponse:
    """Apps sent in, newest first; all, or those still to decide."""
    actor = actor_of(request)
    now = timezone.now()
    rows = checks_for(actor, now=now)
    access = app_access_of(actor, now=now)
    shown_state = request.GET.get("show", "")
    listed = list((rows.filter(is_open=True) if shown_state == "open" else rows)[:_SHOWN])
    names = partner_names({row.partner for row in listed} - {""}, get_language() or "")
    context = {
        "rows": [(row, status(row), names.get(row.partner, row.partner)) for row in listed],
        "shown": shown_state,
        "open_count": rows.filter(is_open=True).count(),
        "may_send": may(actor.roles, "apps.send") and access == AppAccess.ALL,
        "may_decide": may(actor.roles, "apps.decide") and not actor.partner,
        "is_stopped": access == AppAccess.PROCEEDINGS,
        "sanctions": sanctions_in_force(actor.partner, now) if actor.partner else [],
        "proceedings": _proceedings(actor, now),
        "deciding_roles": role_titles(roles_that_may("partners.sanction")),
        "conflicts": [
            (visible_conflict, ConflictState(visible_conflict.state))
            for visible_conflict in visible_conflicts(actor)[:_SHOWN]
        ],
    }
    return render(request, "vetting/apps.html", context)


def _proceedings(actor: Actor, now: datetime) -> list[tuple[PartnerProceeding, ProceedingState]]:
    """The open proceedings of the reader's partner; the operator's people read them elsewhere."""
    if not actor.partner:
        return []
    return [
        (open_proceeding, ProceedingState(open_proceeding.state))
        for open_proceeding in open_proceedings(actor.partner, now)
    ]


@csrf_exempt
@requires("apps.send")
def send_in(request: HttpRequest) -> HttpResponseBase:
    """Send in an app; it is checked after the answer.

    The handler of large files must be set before the form is read, hence the late check of its
    token (Django, "Modifying upload handlers on the fly").
    """
    request.upload_handlers = [AppUploadHandler(request)]
    return _send_in(request)


@csrf_protect
@refusals_as_pages
def _send_in(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    check_not_stopped(actor, now=timezone.now())
    form = AppForm(
        request.POST or None,
        request.FILES or None,
        actor=actor,
        language=get_language() or "",
    )
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]
        with content_of(sent) as content:
            row = send_app(
                sent.name,
                content,
                app_type=form.cleaned_data["app_type"],
                service=form.cleaned_data["service"].strip(),
                partner=form.cleaned_data.get("partner", ""),
                actor=actor,
                now=timezone.now(),
            )
        messages.success(request, _("The app was received and is being checked."))
        return redirect("app_check", row.ref)
    return render(request, "vetting/app_new.html", {"form": form})


@requires("apps.read")
@require_safe
def app_check(request: HttpRequest, ref: str) -> HttpResponse:
    """One app: verdict, findings, what to do, and its history."""
    actor = actor_of(request)
    row = found_check(actor, ref)
    colleague, access = not actor.partner, app_access_of(actor, now=timezone.now())
    if colleague:
        case_opened(actor.ref, KIND, row.ref, now=timezone.now())
    conflicts = conflicts_of_package(row.package, row.partner) if row.package else ()
    decides = (
        may(actor.roles, "apps.decide")
        and colleague
        and row.is_open
        and row.state != CheckState.WAITING
        and open_conflict_of(row) is None
    )
    context = {
        **_shown(row, with_names=colleague),
        "history": [
            (earlier_check, status(earlier_check))
            for earlier_check in history(row, partner=actor.partner)[:20]
            if access == AppAccess.ALL
        ],
        "conflicts": [
            (visible_conflict, ConflictState(visible_conflict.state))
            for visible_conflict in visible_conflicts(actor).filter(
                pk__in=[conflict.pk for conflict in conflicts]
            )
        ],
        "form": AppDecisionForm() if decides else None,
        "note_form": AppNoteForm() if colleague and may(actor.roles, "apps.read") else None,
        "entries": timeline(KIND, row.ref) if colleague else [],
        "may_send": may(actor.roles, "apps.send") and access == AppAccess.ALL,
    }
    return render(request, "vetting/app.html", context)


@requires("apps.read")
@require_safe
def report(request: HttpRequest, ref: str) -> HttpResponse:
    """The check as a report for who made the app, to print or save, in either language."""
    row = found_check(actor_of(request), ref)
    wanted = "zh-hans" if is_chinese(request.GET.get("in") or get_language() or "") else "en"
    with translation.override(wanted):
        context = {**_shown(row, with_names=False), "wanted": wanted, "languages": _LANGUAGES}
        return render(request, "vetting/app_report.html", context)


def _shown(row: AppCheck, *, with_names: bool) -> dict[str, object]:
    """Context of both pages; names of colleagues are for colleagues."""
    names = people({row.received_by, row.closed_by} - {""}) if with_names else {}
    return {
        "it": row,
        "status": status(row),
        "type": AppType(row.app_type).label if row.app_type else "",
        "findings": [
            (finding_text, AppFindingSeverity(finding_text.severity))
            for finding_text in finding_texts(row)
        ],
        "refusal": refusal_text(row),
        "outcome": CheckOutcome(row.outcome).label if row.outcome else "",
        "partner": partner_names([row.partner], get_language() or "").get(row.partner, row.partner),
        "sent_by": names.get(row.received_by, ""),
        "decided_by": names.get(row.closed_by, ""),
    }


@require_POST
@requires("apps.decide")
@refusals_as_pages
def decide(request: HttpRequest, ref: str) -> HttpResponse:
    """Accept or reject an app with a reason."""
    actor = actor_of(request)
    row = found_check(actor, ref)
    form = AppDecisionForm(request.POST)
    if form.is_valid():
        accept = form.cleaned_data["accept"] == "yes"
        reason = form.cleaned_data["reason"]
        decide_app(row.ref, accept=accept, reason=reason, actor=actor, now=timezone.now())
        messages.success(request, _("Your decision was recorded."))
    else:
        messages.error(request, _("Choose a decision and write a reason."))
    return redirect("app_check", row.ref)


@require_POST
@requires("apps.read")
@refusals_as_pages
def note(request: HttpRequest, ref: str) -> HttpResponse:
    """Add an internal note."""
    actor = actor_of(request)
    row = found_check(actor, ref)
    form = AppNoteForm(request.POST)
    if form.is_valid():
        text = form.cleaned_data["text"]
        add_note(KIND, row.ref, text=text, actor=actor, now=timezone.now())
    else:
        messages.error(request, _("Write the note first."))
    return redirect("app_check", row.ref)


@requires("apps.decide")
@refusals_as_pages
def hosts(request: HttpRequest) -> HttpResponse:
    """Hosts that apps may call, and a form for another."""
    check_whole_operator(actor_of(request), "apps.decide")
    form = HostForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        agree_host(
            form.cleaned_data["host"],
            reason=form.cleaned_data["reason"],
            actor=actor_of(request),
            now=timezone.now(),
        )
        return redirect("agreed_hosts")
    rows = list(AgreedHost.objects.all())
    names = people(row.agreed_by for row in rows)
    context = {"form": form, "rows": [(row, names.get(row.agreed_by, "")) for row in rows]}
    return render(request, "vetting/hosts.html", context)


@require_POST
@requires("apps.decide")
@refusals_as_pages
def withdraw(request: HttpRequest, host: str) -> HttpResponse:
    """Stop allowing a host."""
    withdraw_host(host, actor=actor_of(request))
    return redirect("agreed_hosts")
