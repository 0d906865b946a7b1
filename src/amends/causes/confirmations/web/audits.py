"""The audit of the past: run it, read it, and open its refunds with one button."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amends.causes.confirmations.actions.open_refunds import open_refunds
from amends.causes.confirmations.queries import audit_of, audits, found_by, found_states
from amends.causes.confirmations.web.forms import AuditPeriodForm, SanctionForm
from amends.causes.confirmations.web.words import VERDICTS
from amends.people.access.queries import may
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages, refuse_form
from amends.people.partners.queries import partners, sanctions
from amends.platform.kit.errors import AmendsError
from amends.platform.kit.formats import is_chinese
from amends.record.catalogue.queries import code_names, offer_names

SHOWN = 50


@requires("confirmations.read")
@refusals_as_pages
@require_safe
def audits_page(request: HttpRequest) -> HttpResponse:
    """The audits so far, and the form for another."""
    today = timezone.localdate()
    period = {"first": today - timedelta(days=365), "last": today}
    return _audits_page(request, AuditPeriodForm(initial=period))


def _audits_page(request: HttpRequest, form: AuditPeriodForm, status: int = 200) -> HttpResponse:
    context = {
        "rows": audits(brand=actor_of(request).brand),
        "form": form,
        "may_audit": may(actor_of(request).roles, "confirmations.audit"),
    }
    return render(request, "desk/audits.html", context, status=status)


@require_POST
@requires("confirmations.audit")
@refusals_as_pages
def run(request: HttpRequest) -> HttpResponse:
    """Audit a period; it refunds nothing and notifies nobody."""
    # The compiler behind the audit takes 50 MB: the service holds it once an audit is asked for.
    from amends.causes.confirmations.actions.audit_past import look_back

    form, status = AuditPeriodForm(request.POST), 400
    if form.is_valid():
        now = timezone.now()
        start, end = (_midnight(form.cleaned_data[name]) for name in ("first", "last"))
        try:
            row = look_back(start=start, end=min(end, now), actor=actor_of(request), now=now)
        except AmendsError as error:
            status = refuse_form(form, error, "last")
        else:
            return redirect("audit", row.id)
    return _audits_page(request, form, status)


@requires("confirmations.read")
@refusals_as_pages
@require_safe
def audit_page(request: HttpRequest, ref: str) -> HttpResponse:
    """What one audit found: in all, by partner, campaign, agent and offer, service by service."""
    return show_audit(request, ref)


def show_audit(
    request: HttpRequest,
    ref: str,
    partner_ref: str = "",
    refused: SanctionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of an audit; `refused` is the form of a sanction of this partner."""
    row = audit_of(ref, brand=actor_of(request).brand)
    if row is None:
        raise Http404
    states, names = found_states(ref), _names()
    roles = actor_of(request).roles
    context = {
        "it": row,
        "found": row.document,
        "verdicts": [(VERDICTS[key], row.document["verdicts"].get(key, 0)) for key in VERDICTS],
        "groups": _groups(row.document, names),
        "partners": [
            (
                partner,
                names.get(partner["name"], partner["name"]),
                len(sanctions(partner["name"])),
                refused
                if refused and partner["name"] == partner_ref
                else SanctionForm(initial={"audit": ref}, auto_id=f"{partner['name']}-%s"),
            )
            for partner in row.document["partners"]
        ],
        "rows": [
            (
                finding_row,
                VERDICTS[finding_row["verdict"]],
                names.get(finding_row["offer"]),
                names.get(finding_row["partner"]),
            )
            for finding_row in found_by(ref, limit=SHOWN)
        ],
        "services": sum(states.values()),
        "waiting": states.get("found", 0),
        "untold": states.get("untold", 0),
        "may_audit": may(roles, "confirmations.audit"),
        "refused": refused,
        "may_sanction": may(roles, "partners.sanction"),
    }
    return render(request, "desk/audit.html", context, status=status)


@require_POST
@requires("confirmations.audit")
@refusals_as_pages
def refund(request: HttpRequest, ref: str) -> HttpResponse:
    """Open the refunds and tell the users."""
    actor = actor_of(request)
    if audit_of(ref, brand=actor.brand) is None:
        raise Http404
    opened_refunds = open_refunds(ref, actor=actor, now=timezone.now())
    message = ngettext(
        "Refunds are opened for %(n)s service.",
        "Refunds are opened for %(n)s services.",
        opened_refunds.refunded,
    ) % {"n": opened_refunds.refunded}
    notified_text = ngettext(
        "%(n)s user is notified.", "%(n)s users are notified.", opened_refunds.notified
    ) % {"n": opened_refunds.notified}
    messages.success(request, f"{message} {notified_text}")
    return redirect("audit", ref)


def _groups(
    document: dict[str, Any], names: dict[str, str]
) -> list[tuple[str, list[dict[str, Any]]]]:
    titled = (
        (_("By service offered"), "offer"),
        (_("By campaign"), "campaign"),
        (_("By agent"), "agent"),
        (_("By partner"), "partner"),
    )
    groups = []
    for title, key in titled:
        rows = [group_row for group_row in document[f"by_{key}"][:20] if group_row[key]]
        if rows:
            groups.append(
                (
                    title,
                    [
                        {**row, "ref": row[key], "name": names.get(row[key], row[key])}
                        for row in rows
                    ],
                )
            )
    return groups


def _names() -> dict[str, str]:
    """Offer, partner or campaign → its name in the reader's language, where it has one."""
    chinese = is_chinese(get_language() or "")
    named = {partner.ref: partner.name_zh if chinese else partner.name_en for partner in partners()}
    pairs = code_names("campaign") | offer_names()
    return named | {ref: zh if chinese else en for ref, (zh, en) in pairs.items()}


def _midnight(day: date) -> datetime:
    local = datetime(day.year, day.month, day.day, tzinfo=timezone.get_current_timezone())
    return local.astimezone(UTC)
