"""Agreements with schools, buildings and agents: entered with their text and judged by clause."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from amends.causes.publicity.actions.write import write_copy
from amends.causes.publicity.models import CoOrderRate
from amends.causes.publicity.queries import visible_copies
from amends.causes.publicity.rules.wording import AGREEMENT
from amends.causes.publicity.web.forms import AgreementForm
from amends.people.access.queries import may
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages


@requires("publicity.read")
@refusals_as_pages
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Agreements, those with a forbidden clause first."""
    actor = actor_of(request)
    rows = visible_copies(actor.brand).filter(channel=AGREEMENT).exclude(state="withdrawn")
    blocking_count = Count("findings", filter=Q(findings__severity="block"), distinct=True)
    context = {
        "rows": rows.annotate(blocks=blocking_count).order_by("-blocks", "-written_at", "ref"),
        "rates": CoOrderRate.objects.all(),
        "may_write": may(actor.roles, "publicity.write"),
    }
    return render(request, "publicity/agreements.html", context)


@requires("publicity.write")
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Enter an agreement; its clauses are judged at once."""
    form = AgreementForm(request.POST or None)
    if form.is_valid():
        ref = write_copy(
            form.cleaned_data["text"],
            offer="",
            channel=AGREEMENT,
            place=form.cleaned_data["partner"],
            actor=actor_of(request),
            now=timezone.now(),
        )
        return redirect("publicity_copy", ref)
    return render(
        request,
        "publicity/agreement_new.html",
        {"form": form},
        status=400 if form.errors else 200,
    )
