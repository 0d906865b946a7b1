"""Pages that merge a complaint into another one of the same person, undo it, and split one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from amends.cases.complaints.actions.merge import (
    MergePreview,
    merge,
    merge_candidates,
    merges_into,
    preview_merge,
    unmerge,
)
from amends.cases.complaints.actions.split import split
from amends.cases.complaints.queries.casefile import case_file, find
from amends.cases.complaints.web.permissions import works_on
from amends.people.access.web.permission import actor_of
from amends.people.access.web.refusals import refusal_text, refusals_as_pages
from amends.platform.kit.errors import AmendsError


class MergeForm(forms.Form):
    """The other complaint and why."""

    into = forms.CharField(
        label=gettext_lazy("Tracking code of the complaint to continue with"), max_length=40
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason, for colleagues"), max_length=500, required=False
    )


class SplitForm(forms.Form):
    """The messages about another matter, and why."""

    contacts = forms.MultipleChoiceField(
        label=gettext_lazy("Messages about another matter"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one message.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason, for colleagues"), max_length=500, required=False
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["contacts"].choices = choices


class UnmergeForm(forms.Form):
    """The merged complaint that becomes one of its own again."""

    merged = forms.CharField(required=False)


@works_on("complaints.handle")
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def merge_into(request: HttpRequest, ref: str) -> HttpResponse:
    """Choose the complaint that goes on, read what will happen, then merge."""
    actor = actor_of(request)
    complaint = find(ref, brand=actor.brand)
    if request.method == "POST":
        form = MergeForm(request.POST)
    else:
        form = MergeForm(request.GET if request.GET.get("into") else None)
    preview: MergePreview | None = None
    status = 400 if form.is_bound and not form.is_valid() else 200
    if form.is_bound and form.is_valid():
        try:
            survivor = find(form.cleaned_data["into"].strip(), brand=actor.brand)
            if request.method == "POST":
                reason = form.cleaned_data["reason"]
                now = timezone.now()
                merge(complaint.id, survivor.id, reason=reason, actor=actor, now=now)
                message = _("%(code)s is merged into this complaint. You can undo it here.")
                messages.success(request, message % {"code": complaint.code_public})
                return redirect("complaint", survivor.id)
            preview = preview_merge(complaint.id, survivor.id, actor=actor)
        except AmendsError as refusal:
            form.add_error("into", str(refusal_text(refusal)))
            status = 400
    context = {
        "complaint": complaint,
        "form": form,
        "preview": preview,
        "candidates": merge_candidates(complaint.id, actor=actor),
        "merges": merges_into(complaint.id),
    }
    return render(request, "desk/merge.html", context, status=status)


@require_POST
@works_on("complaints.handle")
@refusals_as_pages
def undo_merge(request: HttpRequest, ref: str) -> HttpResponse:
    """Undo the merge of another complaint (`merged`) into this one."""
    actor = actor_of(request)
    complaint = find(ref, brand=actor.brand)
    form = UnmergeForm(request.POST)
    form.full_clean()
    merged = next(
        (
            merge_row
            for merge_row in merges_into(complaint.id)
            if merge_row.merged_id == form.cleaned_data["merged"]
        ),
        None,
    )
    if merged is not None:
        back = unmerge(merged.merged_id, actor=actor, now=timezone.now())
        message = _("%(code)s is a complaint of its own again.") % {"code": back.code_public}
        messages.success(request, message)
    return redirect("complaint", complaint.id)


@works_on("complaints.handle")
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def split_off(request: HttpRequest, ref: str) -> HttpResponse:
    """Choose the messages about another matter; they become a complaint of their own."""
    actor = actor_of(request)
    complaint = find(ref, brand=actor.brand)
    choices = [(contact.id, contact.text) for contact in case_file(complaint).contacts]
    form = SplitForm(request.POST or None, choices=choices)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                child = split(complaint.id, actor=actor, now=timezone.now(), **form.cleaned_data)
            except AmendsError as refusal:
                form.add_error("contacts", str(refusal_text(refusal)))
            else:
                message = _("Split off as %(code)s. The same deadlines run for it.")
                messages.success(request, message % {"code": child.code_public})
                return redirect("complaint", child.id)
    context = {"complaint": complaint, "form": form, "few": len(choices) < 2}
    return render(request, "desk/split.html", context, status=status)
