"""Pages of the desk: findings in contents of services with their deadlines, and one finding."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amends.causes.vetting.actions import contents
from amends.causes.vetting.choices import ContentLabel
from amends.causes.vetting.models import ContentAppealState, ContentFinding, ContentFindingState
from amends.causes.vetting.queries.contents import (
    finding_lines,
    finding_of,
    open_findings,
    proposed_sanction,
    visible_findings,
)
from amends.causes.vetting.queries.services import visible_services
from amends.causes.vetting.rules.take_down import take_down_rules
from amends.causes.vetting.web import contents_forms
from amends.people.access.queries import may
from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.people.partners.queries import SanctionKind, partners
from amends.platform.kit.formats import is_chinese
from amends.platform.vault.recognisers import mask_text

SHOWN = 20_000
LISTED = 200


@requires("services.read")
@refusals_as_pages
@require_safe
def findings(request: HttpRequest) -> HttpResponse:
    """Findings by deadline: those to work on, or closed ones (`state=done`)."""
    shows_done, label = request.GET.get("state") == "done", request.GET.get("label", "")
    if label and label not in ContentLabel.values:
        raise Http404
    rows = visible_findings(actor_of(request).brand)
    rows = (
        rows.exclude(open_findings()).order_by("-closed_at")
        if shows_done
        else rows.filter(open_findings())
    )
    counts = [
        (content_label.value, content_label.label, rows.filter(label=content_label).count())
        for content_label in ContentLabel
        if content_label != ContentLabel.CLEAN
    ]
    total = rows.count()
    if label:
        rows = rows.filter(label=label)
    context = {
        "rows": finding_lines(rows[:LISTED], now=timezone.now(), language=get_language() or ""),
        "done": shows_done,
        "label": label,
        "labels": counts,
        "all": total,
        "may_manage": may(actor_of(request).roles, contents.PERMISSION),
    }
    return render(request, "vetting/contents.html", context)


@requires("services.read")
@refusals_as_pages
@require_safe
def finding_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One finding: the content with its reasons, the deadline, what was done."""
    return _page(request, _found(request, ref))


def _found(request: HttpRequest, ref: str) -> ContentFinding:
    row = finding_of(ref, actor_of(request))
    if row is None:
        raise Http404
    return row


def _page(request: HttpRequest, row: ContentFinding, bad: forms.Form | None = None) -> HttpResponse:
    now = timezone.now()
    line = finding_lines(
        visible_findings("").filter(ref=row.ref), now=now, language=get_language() or ""
    )[0]
    manages = may(actor_of(request).roles, contents.PERMISSION)
    text = mask_text(contents.sample_text(row.sample)[:SHOWN]).text
    who = people([row.closed_by, row.appeal_answered_by])
    proposed = proposed_sanction(row.partner, now=now)
    context = {
        "line": line,
        "finding": row,
        "parts": marked(text, row.sample.passages),
        "has_text": bool(text),
        "appeal_text": mask_text(contents.appeal_text(row)).text,
        "closed_by": who.get(row.closed_by, row.closed_by),
        "unverified": row.label in take_down_rules(timezone.localdate(row.found_at)).unverified,
        "proposed": SanctionKind(proposed).label if proposed else "",
        "may_close": manages and row.state == ContentFindingState.OPEN,
        "may_sanction": manages
        and bool(row.partner)
        and not row.sanction
        and row.state != ContentFindingState.DISMISSED,
        "may_appeal": manages
        and not row.appeal_state
        and row.state != ContentFindingState.DISMISSED,
        "may_answer": manages and row.appeal_state == ContentAppealState.OPEN,
        "reason_form": contents_forms.ContentReasonForm(),
        "sanction_form": contents_forms.ContentSanctionForm(initial={"kind": proposed}),
        "appeal_form": contents_forms.ContentAppealForm(),
        "answer_form": contents_forms.ContentAppealAnswerForm(),
        "bad_form": bad,
    }
    return render(request, "vetting/content.html", context, status=400 if bad else 200)


def marked(text: str, passages: list[str]) -> list[tuple[str, bool]]:
    """The text in parts, each with whether it is one of the passages that decided.

    Passages come from the normalised text; in the original, signs may separate their characters.

    >>> marked("win b*ig, now", ["big now"])
    [('win ', False), ('b*ig, now', True)]
    """
    wanted = [
        r"\W{0,3}".join(map(re.escape, re.sub(r"\W", "", passage)))
        for passage in sorted(passages, key=len, reverse=True)
        if len(re.sub(r"\W", "", passage)) > 1
    ]
    if not wanted:
        return [(text, False)]
    parts = re.split(f"({'|'.join(wanted)})", text, flags=re.IGNORECASE)
    return [(part, part_number % 2 == 1) for part_number, part in enumerate(parts) if part]


@requires("services.manage")
@refusals_as_pages
@require_POST
def take_down(request: HttpRequest, ref: str) -> HttpResponse:
    """The content is down."""
    return _act(request, ref, contents_forms.ContentReasonForm, contents.confirm_taken_down)


@requires("services.manage")
@refusals_as_pages
@require_POST
def dismiss(request: HttpRequest, ref: str) -> HttpResponse:
    """The finding is not confirmed."""
    return _act(request, ref, contents_forms.ContentReasonForm, contents.dismiss)


@requires("services.manage")
@refusals_as_pages
@require_POST
def sanction(request: HttpRequest, ref: str) -> HttpResponse:
    """Impose a sanction on the partner."""
    return _act(request, ref, contents_forms.ContentSanctionForm, contents.impose_for)


@requires("services.manage")
@refusals_as_pages
@require_POST
def appeal(request: HttpRequest, ref: str) -> HttpResponse:
    """Record the partner's appeal."""
    return _act(request, ref, contents_forms.ContentAppealForm, contents.record_appeal)


@requires("services.manage")
@refusals_as_pages
@require_POST
def answer_appeal(request: HttpRequest, ref: str) -> HttpResponse:
    """Answer the partner's appeal."""
    return _act(
        request, ref, contents_forms.ContentAppealAnswerForm, contents.answer_content_appeal
    )


def _act(
    request: HttpRequest,
    ref: str,
    form_class: type[forms.Form],
    action: Callable[..., ContentFinding],
) -> HttpResponse:
    row, form = _found(request, ref), form_class(request.POST)
    if not form.is_valid():
        return _page(request, row, bad=form)
    action(ref, **form.cleaned_data, actor=actor_of(request), now=timezone.now())
    messages.success(request, _("The finding was changed."))
    return redirect("content_finding", ref=ref)


@requires("services.manage")
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def new_sample(request: HttpRequest) -> HttpResponse:
    """Submit a sample of a service."""
    chinese = is_chinese(get_language() or "")
    form = contents_forms.ContentSampleForm(
        request.POST if request.method == "POST" else None,
        initial={"service": request.GET.get("service", "")},
        services=[
            (visible_service.ref, visible_service.name_zh if chinese else visible_service.name_en)
            for visible_service in visible_services(actor_of(request).brand)
        ],
    )
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        actor = actor_of(request)
        sample = contents.submit_sample(
            cleaned["service"],
            cleaned["text"],
            source=cleaned["source"],
            images=cleaned["images"].split(),
            actor=actor,
            now=timezone.now(),
            brand=actor.brand,
        )
        finding = getattr(sample, "finding", None)
        if finding is not None:
            return redirect("content_finding", ref=finding.ref)
        messages.success(request, _("Nothing harmful was found in the sample."))
        return redirect("contents")
    status = 400 if request.method == "POST" else 200
    return render(request, "vetting/content_new.html", {"form": form}, status=status)


@requires("services.manage")
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def lists(request: HttpRequest) -> HttpResponse:
    """The list of images, and notice addresses of partners."""
    which_form = contents_forms.ContentListForm(request.POST)
    which = which_form.cleaned_data["which"] if which_form.is_valid() else ""
    chinese = is_chinese(get_language() or "")
    notice_address = contents_forms.PartnerNoticeAddressForm(
        request.POST if which == "notice_address" else None,
        partners=[
            (partner.ref, partner.name_zh if chinese else partner.name_en) for partner in partners()
        ],
    )
    image = contents_forms.HarmfulImageForm(request.POST if which == "image" else None)
    context_arguments: dict[str, Any] = {"actor": actor_of(request), "now": timezone.now()}
    if which == "notice_address" and notice_address.is_valid():
        contents.set_partner_notice_address(**notice_address.cleaned_data, **context_arguments)
        messages.success(request, _("The notice address was recorded."))
        return redirect("content_lists")
    if which == "image" and image.is_valid():
        contents.list_image(**image.cleaned_data, **context_arguments)
        messages.success(request, _("The image is on the list."))
        return redirect("content_lists")
    status = 400 if request.method == "POST" else 200
    context = {"notice_address": notice_address, "image": image}
    return render(request, "vetting/content_lists.html", context, status=status)
