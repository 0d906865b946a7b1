"""Saved views: an address of the inbox under a name, kept for its user on every device."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from amends.cases.complaints import queries
from amends.cases.complaints.actions.save_view import drop_view, save_view
from amends.people.access.web.form_dialogs import FormDialog, answer_dialog
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.work.casework.queries.staff import teams_of


def read(request: HttpRequest) -> list[tuple[str, str]]:
    """Names and addresses of the user's own views, in the order they were saved."""
    return queries.saved_views(actor_of(request).ref)


class SavedViewForm(forms.Form):
    """A name for the present address of the inbox, and the team that shares it."""

    name = forms.CharField(max_length=40, label=_("Name of the view"))
    team = forms.ChoiceField(required=False, label=_("Also for the team"))
    address = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, person: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["team"].choices = [
            ("", "—"),
            *((team.slug, team.title) for team in teams_of(person)),
        ]


class NameForm(forms.Form):
    """The name of a saved view."""

    name = forms.CharField(required=False)


@require_POST
@requires("complaints.read")
@refusals_as_pages
def save(request: HttpRequest) -> HttpResponse:
    """Keep the present address under a name; the same name again replaces it."""
    actor = actor_of(request)
    dialog = FormDialog(
        name="view",
        title=gettext("Save this view"),
        button=gettext("Save"),
        address=request.path,
        form=SavedViewForm(request.POST, person=actor.ref),
        back=reverse("inbox"),
        back_label=gettext("Inbox"),
        refusals={"unable_to_share_view": "team"},
    )

    def act(cleaned: dict[str, Any]) -> HttpResponse:
        query = QueryDict(cleaned["address"], mutable=True)
        for name in ("after", "before", "search"):
            query.pop(name, None)
        save_view(cleaned["name"], query.urlencode(), team=cleaned["team"], actor=actor)
        return redirect(f"{reverse('inbox')}?{query.urlencode()}")

    return answer_dialog(request, dialog, act)


@require_POST
@requires("complaints.read")
def forget(request: HttpRequest) -> HttpResponse:
    """Take a saved view away."""
    form = NameForm(request.POST)
    form.full_clean()
    drop_view(form.cleaned_data["name"], actor=actor_of(request))
    return redirect("inbox")
