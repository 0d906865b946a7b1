"""People: who may sign in, with which roles; adding one, changing one, who has left."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amends.people.access.actions.add_user import UnableToAddUser, add_user
from amends.people.access.actions.change_user import change_user, set_first_password
from amends.people.access.actions.deactivate_user import put_back, put_out_of_service
from amends.people.access.actions.partner_roles import UnableToSetPartner
from amends.people.access.queries import rules_on
from amends.people.access.queries.colleagues import Person, every_person, person
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusal_text, refusals_as_pages
from amends.people.operator.web.forms import ColleagueForm, NewPersonForm
from amends.people.partners.queries import partner_names, partners
from amends.platform.kit.errors import BadInput
from amends.platform.kit.formats import is_chinese

View = Callable[..., HttpResponseBase]


def administers_people(view: View) -> View:
    """Let in who administers people and is not confined to a brand: the list has those of all."""

    @requires("admin")
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if actor_of(request).brand:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def role_names() -> list[tuple[str, str]]:
    """The roles that people can have, in the reader's language."""
    rules = rules_on(timezone.localdate())
    at = 0 if is_chinese(get_language() or "en") else 1
    return [(role, rules.roles[role][at]) for role in rules.roles if role in rules.people]


def partner_choices(current: str = "") -> list[tuple[str, str]]:
    """The partners on record by name, and the one chosen now."""
    refs = {partner.ref for partner in partners()} | ({current} if current else set())
    return sorted(partner_names(refs, get_language() or "").items(), key=lambda pair: pair[1])


@require_safe
@administers_people
def people(request: HttpRequest) -> HttpResponse:
    """Everybody with an account, those at work first."""
    names = dict(role_names())
    listed = every_person()
    partners = partner_names(
        (listed_person.partner for listed_person in listed), get_language() or ""
    )
    needing = rules_on(timezone.localdate()).partner_roles
    rows = [
        (
            listed_person,
            [names.get(role, role) for role in listed_person.roles],
            partners.get(listed_person.partner, ""),
            not listed_person.partner and not needing.isdisjoint(listed_person.roles),
        )
        for listed_person in listed
    ]
    return render(request, "operator/people.html", {"rows": rows})


class PersonServiceForm(forms.Form):
    """Whether a person may sign in."""

    active = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])


@require_http_methods(["GET", "HEAD", "POST"])
@administers_people
@refusals_as_pages
def new_person(request: HttpRequest) -> HttpResponse:
    """Add a person; the first password is shown once."""
    form = NewPersonForm(request.POST or None, roles=role_names(), partners=partner_choices())
    if form.is_valid():
        password = secrets.token_urlsafe(12)
        try:
            add_user(password=password, initial=True, **form.cleaned_data)
        except UnableToSetPartner as refusal:
            form.add_error("partner", str(refusal_text(refusal)))
        except UnableToAddUser as refusal:
            form.add_error("username", str(refusal_text(refusal)))
        else:
            context = {"username": form.cleaned_data["username"], "password": password}
            return render(request, "operator/person_added.html", context)
    status = 400 if form.is_bound else 200
    return render(request, "operator/person.html", {"form": form, "person": None}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@administers_people
@refusals_as_pages
def change_person(request: HttpRequest, name: str) -> HttpResponse:
    """Change the roles, the partner, the email address and the brand of a person."""
    person_row = _found(name)
    initial: dict[str, Any] = {
        name: getattr(person_row, name) for name in ("roles", "partner", "email", "brand")
    }
    form = ColleagueForm(
        request.POST or None,
        initial=initial,
        roles=role_names(),
        partners=partner_choices(person_row.partner),
    )
    if form.is_valid():
        try:
            change_user(name, actor=actor_of(request), now=timezone.now(), **form.cleaned_data)
        except UnableToSetPartner as refusal:
            form.add_error("partner", str(refusal_text(refusal)))
        else:
            messages.success(request, _("Saved. It applies from their next page on."))
            return redirect("people")
    status = 400 if form.is_bound else 200
    return render(
        request, "operator/person.html", {"form": form, "person": person_row}, status=status
    )


@require_POST
@administers_people
@refusals_as_pages
def person_service(request: HttpRequest, name: str) -> HttpResponse:
    """Put a person out of service, or back."""
    _found(name)
    actor, now = actor_of(request), timezone.now()
    form = PersonServiceForm(request.POST)
    if not form.is_valid():
        return redirect("people")
    if form.cleaned_data["active"] == "yes":
        put_back(name, actor=actor, now=now)
        messages.success(request, _("They may sign in again."))
    else:
        put_out_of_service(name, actor=actor, now=now)
        messages.success(request, _("They can open nothing from now on."))
    return redirect("people")


@require_POST
@administers_people
@refusals_as_pages
def first_password(request: HttpRequest, name: str) -> HttpResponse:
    """Give a person who cannot sign in a new first password, shown once."""
    _found(name)
    password = set_first_password(name, actor=actor_of(request), now=timezone.now())
    return render(request, "operator/person_added.html", {"username": name, "password": password})


def _found(name: str) -> Person:
    person_row = person(name)
    if person_row is None:
        raise BadInput(
            _("Nobody signs in under that name."),
            next_step=_("Choose a person from the list."),
            code="person_unknown",
        )
    return person_row
