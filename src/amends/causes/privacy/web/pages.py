"""Reviews of services, and case files of unusual looks."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe

from amends.causes.privacy.actions.appeal import decide_appeal, note_appeal
from amends.causes.privacy.actions.decide_misuse import decide_misuse
from amends.causes.privacy.actions.review_service import confirm_review, review_service
from amends.causes.privacy.models import AccessAlert, MisuseCase, ServiceReview
from amends.causes.privacy.queries import (
    changes,
    findings,
    misuse_case,
    misuse_cases,
    review_in_force,
    reviews,
    reviews_of_brand,
)
from amends.causes.privacy.rules.review import DATA, PERSONS, RECIPIENTS, Flow
from amends.causes.privacy.rules.signals import SIGNALS
from amends.causes.privacy.web.forms import (
    AppealDecisionForm,
    AppealForm,
    FlowForms,
    MisuseDecisionForm,
    ServiceForm,
)
from amends.people.access.queries import may
from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages, refuse_form
from amends.people.access.web.words import chinese
from amends.platform.kit.errors import AmendsError

FIELD_WORDS = {
    "about": gettext_noop("About whom"),
    "reveals": gettext_noop("Reveals"),
    "to": gettext_noop("To whom"),
    "consent_of": gettext_noop("Who agrees to it"),
    "default": gettext_noop("Default"),
    "opt_out": gettext_noop("Can be refused"),
    "necessary": gettext_noop("Necessary for the service"),
    "retention_days": gettext_noop("Kept for"),
}
TONES = {"pass": "ok", "conditions": "warn", "block": "bad"}
DECISION_TONES = {"unfounded": "ok", "warning": "warn", "retraining": "info", "suspension": "bad"}


@requires("privacy.read")
@require_safe
def reviews_page(request: HttpRequest) -> HttpResponse:
    """The newest review of each service."""
    rows = reviews(brand=actor_of(request).brand)
    names = people(row.reviewed_by for row in rows)
    context = {
        "rows": [(row, _tone(row), names.get(row.reviewed_by, "")) for row in rows],
        "may_review": may(actor_of(request).roles, "privacy.review"),
    }
    return render(request, "desk/privacy_reviews.html", context)


@requires("privacy.read")
@require_safe
def review_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One review: what blocks, why, and a suggested redesign; then the flows that pass."""
    actor = actor_of(request)
    row = reviews_of_brand(actor.brand).filter(ref=ref).first()
    if row is None:
        raise Http404
    flows = [
        {
            "it": finding,
            "tone": TONES[finding.verdict],
            "verdict": ServiceReview.Verdict(finding.verdict).label,
            "threat": _threat(finding.threat),
            "fields": [
                (_(label), _field(name, finding.flow)) for name, label in FIELD_WORDS.items()
            ],
        }
        for finding in findings(row)
    ]
    names = people([row.reviewed_by, row.confirmed_by])
    counts = review_in_force(row.service, brand=row.brand)
    context = {
        "it": row,
        "tone": _tone(row),
        "flows": flows,
        "reviewer": names.get(row.reviewed_by, row.reviewed_by),
        "confirmed_by": names.get(row.confirmed_by, row.confirmed_by),
        "changes": _changes(row),
        "in_force": counts,
        "may_confirm": (
            row.waits
            and row.replaces == counts
            and row.reviewed_by != actor.ref
            and may(actor.roles, "privacy.review")
        ),
        "purpose": row.description.get("purpose", ""),
    }
    return render(request, "desk/privacy_review.html", context)


@requires("privacy.review")
@refusals_as_pages
def new_review(request: HttpRequest) -> HttpResponse:
    """Declare the data flows of a service and review them."""
    sent = request.POST if request.method == "POST" else None
    form, flows = ServiceForm(sent), FlowForms(sent, prefix="flow")
    if sent is not None and form.is_valid() and flows.is_valid():
        cleaned = form.cleaned_data
        description = {
            "service": cleaned["name"],
            "purpose": cleaned["purpose"],
            "flows": [flow.as_flow() for flow in flows if flow.has_changed()],
        }
        row = review_service(
            cleaned["service"], description, actor=actor_of(request), now=timezone.now()
        )
        return redirect("privacy_review", row.ref)
    return render(request, "desk/privacy_new.html", {"form": form, "flows": flows})


@require_POST
@requires("privacy.review")
@refusals_as_pages
def confirm(request: HttpRequest, ref: str) -> HttpResponse:
    """Let changed flows count, as a second person who has seen the difference."""
    actor = actor_of(request)
    if not reviews_of_brand(actor.brand).filter(ref=ref).exists():
        raise Http404
    confirm_review(ref, actor=actor, now=timezone.now())
    messages.success(request, _("The changed review counts from now on."))
    return redirect("privacy_review", ref)


def _tone(row: ServiceReview) -> str:
    """The tone of a verdict; what does not count yet is neither good nor bad."""
    return "plain" if row.waits else TONES[row.verdict]


def _changes(row: ServiceReview) -> list[dict[str, Any]]:
    """What a review declares otherwise than the one it replaces, in the reader's words."""
    if row.replaces is None:
        return []
    return [
        {
            "id": change.id,
            "is_new": change.before is None,
            "is_gone": change.after is None,
            "fields": [
                (_(FIELD_WORDS[name]), _field(name, change.before), _field(name, change.after))
                for name in change.fields or FIELD_WORDS
            ],
        }
        for change in changes(row.replaces, row)
    ]


def _field(name: str, flow: Flow | None) -> str:
    """A property of a flow in words, "—" where there is no such flow."""
    if flow is None:
        return "—"
    value = getattr(flow, name)
    if name in ("opt_out", "necessary"):
        yes, no = (pgettext("property of a flow", "yes"), pgettext("property of a flow", "no"))
        return yes if value else no
    if name == "retention_days":
        if value is None:
            return _("without an end")
        return ngettext("%(n)s day", "%(n)s days", value) % {"n": value}
    if name == "consent_of":
        return ", ".join(_(PERSONS[person_code]) for person_code in value) or _("nobody")
    if name == "default":
        return pgettext("by default", "on") if value == "on" else pgettext("by default", "off")
    return _({**PERSONS, **DATA, **RECIPIENTS}[value])


@requires("access.audit")
@require_safe
def cases_page(request: HttpRequest) -> HttpResponse:
    """Case files of users whose looks need a question: open ones, or those decided."""
    decided = request.GET.get("state") == "decided"
    rows = misuse_cases(decided=decided, brand=actor_of(request).brand)
    names = people(row.user for row in rows)
    context = {
        "decided": decided,
        "rows": [
            {
                "it": row,
                "who": names.get(row.user, row.user),
                "tone": DECISION_TONES.get(row.decision, "info"),
                "causes": sorted({_words(alert) for alert in row.alerts.all()}),
                "newest": max((alert.at for alert in row.alerts.all()), default=row.opened_at),
            }
            for row in rows
        ],
    }
    return render(request, "desk/privacy_cases.html", context)


@requires("privacy.appeal")
@require_safe
def case_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One case file: the alerts, and the decision."""
    row = misuse_case(ref, brand=actor_of(request).brand)
    if row is None:
        raise Http404
    return _case_page(request, row)


def _case_page(
    request: HttpRequest, row: MisuseCase, refused: Form | None = None, status: int = 200
) -> HttpResponse:
    actor = actor_of(request)
    names = people([row.user, row.decided_by, row.appeal_by])
    context: dict[str, Any] = {
        "it": row,
        "who": names.get(row.user, row.user),
        "decider": names.get(row.decided_by, row.decided_by),
        "tone": DECISION_TONES.get(row.decision, "info"),
        "alerts": [(_words(alert), alert) for alert in row.alerts.all()],
        "refused": refused,
        "decision_form": _shown(refused, MisuseDecisionForm),
        "appeal_form": _shown(refused, AppealForm),
        "appeal_decision_form": _shown(refused, AppealDecisionForm),
        "about_me": row.user == actor.ref,
        "may_decide": may(actor.roles, "privacy.decide"),
        "may_note_appeal": bool(row.decided_at and not row.appealed_at),
        "may_decide_appeal": (
            bool(row.appealed_at and not row.appeal_decided_at)
            and may(actor.roles, "privacy.appeal")
            and actor.ref not in (row.user, row.decided_by)
        ),
        "appeal_decider": names.get(row.appeal_by, row.appeal_by),
    }
    return render(request, "desk/privacy_case.html", context, status=status)


def _shown(refused: Form | None, kind: type[Form]) -> Form:
    """The refused form if it is of this class, otherwise an empty one."""
    return refused if isinstance(refused, kind) else kind()


@require_POST
@requires("privacy.decide")
@refusals_as_pages
def decide(request: HttpRequest, ref: str) -> HttpResponse:
    """Close a case file with a decision and its reason."""
    actor = actor_of(request)
    row = misuse_case(ref, brand=actor.brand)
    if row is None:
        raise Http404
    form, status = MisuseDecisionForm(request.POST), 400
    if form.is_valid():
        cleaned = form.cleaned_data
        try:
            decide_misuse(
                ref, cleaned["decision"], reason=cleaned["reason"], actor=actor, now=timezone.now()
            )
        except AmendsError as error:
            status = refuse_form(form, error, "reason")
        else:
            messages.success(request, _("The case is decided."))
            return redirect("privacy_case", ref)
    return _case_page(request, row, form, status)


@require_POST
@requires("privacy.appeal")
@refusals_as_pages
def appeal(request: HttpRequest, ref: str) -> HttpResponse:
    """Note an appeal, or decide it once it is noted."""
    actor, now = actor_of(request), timezone.now()
    row = misuse_case(ref, brand=actor.brand)
    if row is None:
        raise Http404
    form = (AppealDecisionForm if row.appealed_at else AppealForm)(request.POST)
    status = 400
    if form.is_valid():
        cleaned = form.cleaned_data
        try:
            if row.appealed_at:
                outcome, reason = cleaned["outcome"], cleaned["words"]
                decide_appeal(ref, outcome, reason=reason, actor=actor, now=now)
                messages.success(request, _("The appeal is decided."))
            else:
                note_appeal(ref, cleaned["words"], actor=actor, now=now)
                messages.success(request, _("The appeal is noted."))
        except AmendsError as error:
            status = refuse_form(form, error, "words")
        else:
            return redirect("privacy_case", ref)
    return _case_page(request, row, form, status)


def _words(alert: AccessAlert) -> str:
    return SIGNALS[alert.signal][0 if chinese() else 1]


def _threat(name: str) -> str:
    """The threat type of LINDDUN in the reader's language."""
    threat_labels = {
        "Linking": _("Linking"),
        "Identifying": _("Identifying"),
        "Non-repudiation": _("Non-repudiation"),
        "Detecting": _("Detecting"),
        "Data disclosure": _("Data disclosure"),
        "Unawareness": _("Unawareness"),
        "Non-compliance": _("Non-compliance"),
    }
    return threat_labels.get(name, name)
