"""Agreements with schools, buildings and agents: entered with their text and judged by clause."""

from __future__ import annotations

from django import forms
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from amends.access.queries import may
from amends.access.web.permission import actor_of, requires
from amends.access.web.refusals import refusals_as_pages
from amends.publicity.actions.write import write_copy
from amends.publicity.models import CoOrderRate, PublishedCopy
from amends.publicity.rules.copies import MAX_CHARACTERS
from amends.publicity.rules.wording import AGREEMENT


class AgreementForm(forms.Form):
    """A new agreement."""

    partner = forms.CharField(
        label=_("With whom"), max_length=300, help_text=_("the school, building or agent")
    )
    text = forms.CharField(
        label=_("Text of the agreement"),
        max_length=MAX_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 12}),
    )


@requires("publicity.read")
@refusals_as_pages
def listing(request: HttpRequest) -> HttpResponse:
    """Agreements, those with a forbidden clause first."""
    rows = PublishedCopy.objects.filter(channel=AGREEMENT).exclude(state="withdrawn")
    found = Count("findings", filter=Q(findings__severity="block"), distinct=True)
    rows = rows.annotate(blocks=found).order_by("-blocks", "-written_at", "ref")
    context = {
        "rows": rows,
        "rates": CoOrderRate.objects.all(),
        "may_write": may(actor_of(request).roles, "publicity.write"),
    }
    return render(request, "publicity/agreements.html", context)


@requires("publicity.write")
@refusals_as_pages
def new(request: HttpRequest) -> HttpResponse:
    """Enter an agreement; its clauses are judged at once."""
    form = AgreementForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        ref = write_copy(
            asked["text"], offer="", channel=AGREEMENT, place=asked["partner"],
            actor=actor_of(request), now=timezone.now(),
        )  # fmt: skip
        return redirect("publicity_copy", ref)
    return render(request, "publicity/agreement_new.html", {"form": form})
