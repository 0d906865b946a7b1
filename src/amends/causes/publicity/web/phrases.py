"""The team's own list of accepted phrases."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from amends.causes.publicity.actions.accept_phrases import accept_phrase, end_phrase, propose_phrase
from amends.causes.publicity.models import AcceptedPhrase
from amends.causes.publicity.web.forms import PhraseForm, in_half_a_year
from amends.people.access.queries import may
from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.platform.kit.errors import AmendsError

_MOST_LISTED = 200


@requires("publicity.read")
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def phrases(request: HttpRequest) -> HttpResponse:
    """The phrases of the reader's brand, with the form to propose one."""
    actor, today = actor_of(request), timezone.localdate()
    may_write = may(actor.roles, "publicity.write")
    form = PhraseForm(request.POST or None, initial={"until": in_half_a_year()})
    if request.method == "POST" and form.is_valid():
        try:
            propose_phrase(**form.cleaned_data, actor=actor, now=timezone.now())
        except AmendsError as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, _("Proposed. It holds once a colleague accepts it."))
            return redirect("publicity_phrases")
    rows = AcceptedPhrase.objects.all()
    if actor.brand:
        rows = rows.filter(brand=actor.brand)
    listed = list(rows[:_MOST_LISTED])
    names = people(who for row in listed for who in (row.proposed_by, row.accepted_by) if who)
    may_decide = may(actor.roles, "publicity.decide")
    context = {
        "form": form,
        "may_write": may_write,
        "rows": [
            {
                "phrase": row,
                "status": row.status(today),
                "proposed_by": names.get(row.proposed_by, row.proposed_by),
                "accepted_by": names.get(row.accepted_by, row.accepted_by),
                "may_accept": may_decide
                and row.status(today) == AcceptedPhrase.State.PROPOSED
                and row.proposed_by != actor.ref,
                "may_end": may_decide and row.status(today) != AcceptedPhrase.State.ENDED,
            }
            for row in listed
        ],
    }
    return render(request, "publicity/phrases.html", context, status=400 if form.errors else 200)


@require_POST
@requires("publicity.decide")
@refusals_as_pages
def accept(request: HttpRequest, number: int) -> HttpResponse:
    """Let a proposed phrase hold, as a second person."""
    accept_phrase(number, actor=actor_of(request), now=timezone.now())
    messages.success(request, _("The phrase is accepted; copies with it were checked again."))
    return redirect("publicity_phrases")


@require_POST
@requires("publicity.decide")
@refusals_as_pages
def end(request: HttpRequest, number: int) -> HttpResponse:
    """End a phrase."""
    end_phrase(number, actor=actor_of(request), now=timezone.now())
    messages.success(request, _("The phrase is ended; copies with it were checked again."))
    return redirect("publicity_phrases")
