"""Plans of notices: what affected users are told, approved beforehand by two people."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from amends.network.quality.actions.plan_notices import approve_plan, draft_plan, stop_plan
from amends.network.quality.incident_choices import IncidentKind, Severity
from amends.network.quality.models import NoticePlan
from amends.network.quality.web.forms import NoticePlanForm
from amends.people.access.queries import may
from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusal_text, refusals_as_pages
from amends.platform.kit.errors import AmendsError
from amends.platform.kit.formats import is_chinese
from amends.record.catalogue.queries import code_names

_MOST_LISTED = 20


def brand_names() -> dict[str, str]:
    """Brand → its name in the reader's language."""
    chinese = is_chinese(get_language() or "")
    return {code: zh if chinese else en for code, (zh, en) in code_names("brand").items()}


MAY = "quality.notice_plans"


@requires("quality.read")
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def plans(request: HttpRequest) -> HttpResponse:
    """The plans of the reader's brand, newest first, and the form of a new one."""
    actor, now = actor_of(request), timezone.now()
    may_draft = may(actor.roles, MAY)
    brands = [] if actor.brand else sorted(brand_names().items())
    form = NoticePlanForm(request.POST or None, brands=brands) if may_draft else None
    if form is not None and form.is_valid():
        cleaned = form.cleaned_data
        try:
            draft_plan(
                form.texts(),
                kinds=cleaned["kinds"],
                cap=cleaned["cap"],
                least_severity=cleaned["least_severity"],
                least_minutes=cleaned["least_minutes"],
                brand=cleaned.get("brand", ""),
                actor=actor,
                now=now,
            )
        except AmendsError as refusal:
            form.add_error(None, str(refusal_text(refusal)))
        else:
            messages.success(
                request,
                _("The plan is drafted. It takes effect once two colleagues have approved it."),
            )
            return redirect("notice_plans")
    rows = NoticePlan.objects.order_by("-drafted_at")
    rows = rows.filter(brand=actor.brand) if actor.brand else rows
    listed_plans = list(rows[:_MOST_LISTED])
    named = {
        ref
        for plan_row in listed_plans
        for ref in (plan_row.drafted_by, plan_row.approved_by, plan_row.second_by)
    }
    names = people(named - {""})
    context = {
        "rows": [
            {
                "plan": plan_row,
                "kinds": [IncidentKind(kind).label for kind in plan_row.kinds],
                "brand": brand_names().get(plan_row.brand, plan_row.brand),
                "severity": Severity(plan_row.least_severity).label,
                "drafted_by": names.get(plan_row.drafted_by, plan_row.drafted_by),
                "approved_by": names.get(plan_row.approved_by, plan_row.approved_by),
                "second_by": names.get(plan_row.second_by, plan_row.second_by),
                "may_approve": may_draft
                and plan_row.stopped_at is None
                and not plan_row.second_by
                and actor.ref not in (plan_row.drafted_by, plan_row.approved_by),
                "may_stop": may_draft and plan_row.stopped_at is None,
            }
            for plan_row in listed_plans
        ],
        "form": form,
    }
    status = 400 if form is not None and form.errors else 200
    return render(request, "desk/network/notice_plans.html", context, status=status)


@require_POST
@requires(MAY)
@refusals_as_pages
def approve(request: HttpRequest, ref: str) -> HttpResponse:
    """Approve a plan; the second approval lets it hold."""
    plan = approve_plan(ref, actor=actor_of(request), now=timezone.now())
    messages.success(
        request,
        _("The plan is now in force.")
        if plan.holds
        else _("You approved the plan. A second person has to approve it too."),
    )
    return redirect("notice_plans")


@require_POST
@requires(MAY)
@refusals_as_pages
def stop(request: HttpRequest, ref: str) -> HttpResponse:
    """Stop a plan at once."""
    stop_plan(ref, actor=actor_of(request), now=timezone.now())
    messages.success(request, _("The plan is stopped; it no longer notifies users."))
    return redirect("notice_plans")
