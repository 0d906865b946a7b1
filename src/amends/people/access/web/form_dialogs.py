"""Dialogs with a form: each error appears at its field, and the typed values stay.

    def set_urgent(request, ref):
        def act(cleaned):
            mark_urgent(ref, reason=cleaned["reason"], ...)
            return redirect("complaint", ref)

        return answer_dialog(request, urgent_dialog(ref, request.POST), act)

The dialog sends its form by htmx and replaces it with the answer. Without scripts, the form is a
page of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from amends.people.access.web.refusals import refusal_text
from amends.platform.kit.errors import AmendsError


@dataclass(frozen=True, slots=True, kw_only=True)
class FormDialog:
    """A form with its title and its button.

    name              id of the dialog
    address           the form is posted to it
    back, back_label  the page that opened the dialog
    css               classes of fields by name: "internal" for text that the customer never reads
    refusals          code of a refusal by the action → the field it is about
    template          the form; extends "desk/form_dialog.html"
    about             further values for the template
    is_destructive    the button looks like one that removes or ends something
    """

    name: str
    title: str
    button: str
    address: str
    form: forms.Form
    back: str
    back_label: str
    intro: str = ""
    icon: str = ""
    css: Mapping[str, str] = field(default_factory=dict)
    refusals: Mapping[str, str] = field(default_factory=dict)
    template: str = "desk/form_dialog.html"
    about: Mapping[str, Any] = field(default_factory=dict)
    is_destructive: bool = False

    def rows(self) -> list[tuple[forms.BoundField, str]]:
        """Each field with its classes."""
        return [(bound, self.css.get(bound.name, "")) for bound in self.form]


def show_dialog(request: HttpRequest, dialog: FormDialog, *, status: int = 200) -> HttpResponse:
    """The form for its dialog; without scripts, a page of it."""
    in_dialog = "HX-Request" in request.headers
    template = dialog.template if in_dialog else "desk/form_page.html"
    context = {"dialog": dialog, "in_dialog": in_dialog}
    return render(request, template, context, status=status)


def answer_dialog(
    request: HttpRequest, dialog: FormDialog, act: Callable[[dict[str, Any]], HttpResponse]
) -> HttpResponse:
    """Carry out `act` with the cleaned data, or show the form with its errors (422)."""
    if not dialog.form.is_bound:
        return show_dialog(request, dialog)
    if dialog.form.is_valid():
        try:
            response = act(dialog.form.cleaned_data)
        except AmendsError as error:
            dialog.form.add_error(dialog.refusals.get(error.code), str(refusal_text(error)))
        else:
            if isinstance(response, HttpResponseRedirect) and "HX-Request" in request.headers:
                # An address that differs only by its anchor would not load the page again.
                address = response.url.partition("#")[0]
                return HttpResponse(status=204, headers={"HX-Redirect": address})
            return response
    return show_dialog(request, dialog, status=422)
