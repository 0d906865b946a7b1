"""Who calls: complaints by the number of the caller, and the code that shows who they are."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from amends.cases.complaints.actions.identify import answer_identity
from amends.cases.complaints.actions.record_search import note_search
from amends.cases.complaints.queries import inbox as listing
from amends.cases.complaints.queries.casefile import find
from amends.cases.complaints.queries.inbox import InboxFilter
from amends.cases.complaints.web.dialogs import answered, dialog_of
from amends.cases.complaints.web.forms import CodeForm
from amends.cases.complaints.web.inbox import area_names, lines
from amends.cases.complaints.web.permissions import works_on
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages

_FEWEST_DIGITS = 5


class CallerForm(forms.Form):
    """The number or mailbox of whoever calls."""

    number = forms.CharField(
        label=gettext_lazy("Phone number or email address of the caller"),
        max_length=80,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"].strip()
        if "@" not in number and sum(character.isdigit() for character in number) < _FEWEST_DIGITS:
            raise forms.ValidationError(_("Enter a complete phone number or email address."))
        return number


@never_cache
@requires("complaints.handle")
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def caller(request: HttpRequest) -> HttpResponse:
    """The complaints of a caller; each subscriber found is a look. No address has the number."""
    form = CallerForm(request.POST or None)
    lines_found = None
    if request.method == "POST" and form.is_valid():
        actor, now = actor_of(request), timezone.now()
        wanted = InboxFilter(words=form.cleaned_data["number"], brand=actor.brand)
        page = listing.page(wanted, now=now)
        note_search(page, actor=actor, now=now)
        lines_found = lines(page.rows, area_names())
    status = 400 if form.is_bound and not form.is_valid() else 200
    context = {"form": form, "found": lines_found, "now": timezone.now()}
    return render(request, "desk/caller.html", context, status=status)


@require_POST
@works_on("complaints.handle")
@refusals_as_pages
def take_code(request: HttpRequest, ref: str) -> HttpResponse:
    """Check the code that the caller reads out: it went to the contact on record."""
    actor = actor_of(request)
    complaint = find(ref, brand=actor.brand)

    def act(cleaned: dict[str, Any]) -> str:
        answer_identity(complaint, cleaned["code"], actor=actor, now=timezone.now())
        return _("The code is correct: the caller's identity is verified.")

    dialog = dialog_of(
        complaint,
        name="code",
        title=_("Code the caller reads out"),
        button=_("Check"),
        address=request.path,
        form=CodeForm(request.POST, auto_id="code-%s"),
        refusals={"unable_to_identify": "code"},
    )
    return answered(request, complaint, dialog, act)
