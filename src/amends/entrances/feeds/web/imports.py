"""Imports: upload a file of complaints, see how it is read, confirm."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from amends.entrances.feeds.actions.uploads import (
    confirm,
    contents,
    discard,
    file_name,
    importers,
    may_import_registers,
    preview,
    upload,
    waits_for_another,
)
from amends.entrances.feeds.models import UploadedFile
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusal_text, refusals_as_pages
from amends.platform.kit.errors import AmendsError

SHOWN = 30
View = Callable[..., HttpResponseBase]


class UploadForm(forms.Form):
    """The file."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Content of the file"),
        choices=UploadedFile.Kind,
        initial=UploadedFile.Kind.COMPLAINTS,
        required=False,
    )
    file = forms.FileField(label=gettext_lazy("File"))

    def __init__(self, *args: Any, registers: bool, **named: Any) -> None:
        super().__init__(*args, **named)
        if not registers:
            complaints = UploadedFile.Kind.COMPLAINTS
            self.fields["kind"].choices = [(complaints, complaints.label)]


class ReadingForm(forms.Form):
    """What the file itself does not tell."""

    date_order = forms.ChoiceField(
        label=gettext_lazy("Order of day, month and year"),
        choices=[
            ("", gettext_lazy("as found")),
            ("dmy", gettext_lazy("day, month, year")),
            ("mdy", gettext_lazy("month, day, year")),
            ("ymd", gettext_lazy("year, month, day")),
        ],
        required=False,
    )
    received = forms.DateField(
        label=gettext_lazy("Day of rows without a date"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    on = forms.DateField(
        label=gettext_lazy("Day from which “2 months ago” counts"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def wishes(self) -> dict[str, str]:
        """The fields that were filled in, as text."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value}


def imports_files(view: View) -> View:
    """Let in who may import, and is not confined to a brand: a file holds those of all."""

    @requires("complaints.import")
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if actor_of(request).brand:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@imports_files
@refusals_as_pages
def uploads(request: HttpRequest) -> HttpResponse:
    """The last files, and the form that takes another."""
    actor = actor_of(request)
    registers = may_import_registers(actor)
    form = UploadForm(request.POST or None, request.FILES or None, registers=registers)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]
        row = upload(
            sent.name,
            sent.read(),
            kind=form.cleaned_data["kind"] or UploadedFile.Kind.COMPLAINTS,
            actor=actor,
            now=timezone.now(),
        )
        return redirect("import", row.id)
    files = list(UploadedFile.objects.all()[:SHOWN])
    by = importers(files)
    rows = [(row, file_name(row), ", ".join(by[row.id])) for row in files]
    context = {"form": form, "rows": rows, "now": timezone.now()}
    return render(request, "desk/imports.html", context)


@imports_files
def upload_page(request: HttpRequest, ref: str) -> HttpResponse:
    """How a file is read, or what became of it."""
    row = get_object_or_404(UploadedFile, id=ref)
    form = ReadingForm(request.GET)
    context = {"row": row, "name": file_name(row), "form": form, "now": timezone.now()}
    previewed = row.kind == UploadedFile.Kind.COMPLAINTS
    if previewed and row.state == UploadedFile.State.UPLOADED and form.is_valid():
        try:
            report = preview(row, form.wishes(), now=timezone.now())
            context |= {"report": report, "reading": report.reading}
        except AmendsError as why:
            context["refusal"] = refusal_text(why)
    if not previewed and row.state == UploadedFile.State.UPLOADED:
        actor = actor_of(request)
        context["waits_for_another"] = waits_for_another(row, actor)
        context["uploaded_by"] = importers([row])[row.id][0]
        try:
            context["contents"] = contents(row)
        except AmendsError as why:
            context["refusal"] = refusal_text(why)
    return render(request, "desk/import.html", context)


@require_POST
@imports_files
@refusals_as_pages
def confirm_upload(request: HttpRequest, ref: str) -> HttpResponse:
    """Hand the file to the worker as it was previewed."""
    get_object_or_404(UploadedFile, id=ref)
    form = ReadingForm(request.POST)
    if form.is_valid():
        confirm(ref, form.wishes(), actor=actor_of(request))
        messages.success(request, _("The file is being imported. Its result is shown here."))
    return redirect("import", ref)


@require_POST
@imports_files
@refusals_as_pages
def discard_upload(request: HttpRequest, ref: str) -> HttpResponse:
    """Remove a file that was not imported."""
    get_object_or_404(UploadedFile, id=ref)
    discard(ref, actor=actor_of(request), now=timezone.now())
    messages.success(request, _("The file was discarded; nothing of it was stored."))
    return redirect("imports")
