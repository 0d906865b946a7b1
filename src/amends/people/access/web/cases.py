"""A case: who is let in and may look, who can let one in, and taking a share back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amends.people.access.actions.share_case import UnableToShare, share_case, unshare_case
from amends.people.access.queries import CaseAccess, access_to, actor_called, may
from amends.people.access.queries.colleagues import people
from amends.people.access.queries.rights import role_title, rules_on
from amends.people.access.refusals import UnableToFindPerson
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusal_text, refusals_as_pages, status_of
from amends.people.access.web.words import chinese
from amends.people.partners.queries import partner_names
from amends.platform.database.form_fields import CleanTextField


class ShareForm(forms.Form):
    """A colleague or a role to share a case with."""

    user = CleanTextField(
        label=gettext_lazy("A colleague, by sign-in name"),
        max_length=150,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=gettext_lazy("Or a role"), required=False)

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"] = forms.ChoiceField(
            label=self.fields["role"].label,
            required=False,
            choices=[("", "—")]
            + [(role, role_title(role)) for role in rules_on(timezone.localdate(now)).people],
        )


class LiftForm(forms.Form):
    """The share to withdraw."""

    kind = forms.ChoiceField(choices=[(kind, kind) for kind in ("user", "role", "partner")])
    grantee = forms.CharField(max_length=200)


@requires("access.cases")
@refusals_as_pages
def case(request: HttpRequest, ref: str) -> HttpResponse:
    """Who is in, and for somebody who is not: the ways in. Nothing of the person concerned."""
    return _page(request, ref, ShareForm(now=timezone.now()))


def _page(request: HttpRequest, ref: str, form: ShareForm, *, status: int = 200) -> HttpResponse:
    now, actor = timezone.now(), actor_of(request)
    access = access_to(ref, actor, now=now)
    named = [grant.grantee for grant in access.grants if grant.kind == "user"]
    names = people({access.case.opened_by, *named, *(grant.granted_by for grant in access.grants)})
    firms = [grant.grantee for grant in access.grants if grant.kind == "partner"]
    names |= partner_names(firms, get_language() or "")
    context = {
        "it": access,
        "opened_by": names.get(access.case.opened_by, access.case.opened_by),
        "by_platform": access.case.opener_kind == "system",
        "grants": [
            (grant, _who(grant.kind, grant.grantee, names), names.get(grant.granted_by, ""))
            for grant in access.grants
        ],
        "let_in_because": next(
            (
                grant.reason
                for grant in access.grants
                if grant.kind == "role" and grant.grantee in actor.roles and not grant.is_over
            ),
            "",
        ),
        "desk": [role_title(role) for role in access.desk],
        "purpose": _purpose(access),
        "form": form,
        "may_break_glass": may(actor.roles, "access.break_glass"),
        "may_read": may(actor.roles, "complaints.read"),
    }
    return render(request, "desk/case.html", context, status=status)


def _who(kind: str, grantee: str, names: dict[str, str]) -> str:
    if kind == "role":
        return role_title(grantee)
    return names.get(grantee, grantee)


def _purpose(access: CaseAccess) -> str:
    labels = rules_on(timezone.localdate()).purposes.get(access.case.purpose)
    if labels is None:
        return access.case.purpose
    return labels[0] if chinese() else labels[1]


@require_POST
@requires("access.cases")
@refusals_as_pages
def share(request: HttpRequest, ref: str) -> HttpResponse:
    """Let a colleague or a role in."""
    actor, now = actor_of(request), timezone.now()
    access_to(ref, actor, now=now)
    form = ShareForm(request.POST, now=now)
    if not form.is_valid():
        return _page(request, ref, form, status=400)
    name, role = form.cleaned_data["user"], form.cleaned_data["role"]
    try:
        user = actor_called(name).ref if name else ""
        share_case(actor, ref, user=user, role=role, now=now)
    except (UnableToFindPerson, UnableToShare) as refusal:
        form.add_error("user" if name else "role", str(refusal_text(refusal)))
        return _page(request, ref, form, status=status_of(refusal, unknown=400))
    messages.success(request, _("Let in. It stands here until somebody lifts it."))
    return redirect("case", ref)


@require_POST
@requires("access.cases")
@refusals_as_pages
def lift(request: HttpRequest, ref: str) -> HttpResponse:
    """Take a share back."""
    actor, now = actor_of(request), timezone.now()
    access_to(ref, actor, now=now)
    form = LiftForm(request.POST)
    if not form.is_valid():
        raise UnableToShare(
            _("Nobody is named whose share is to be lifted."),
            next_step=_("Choose one of the list."),
        )
    unshare_case(actor, ref, now=now, **{form.cleaned_data["kind"]: form.cleaned_data["grantee"]})
    messages.success(request, _("Lifted. Looks made before stay on record."))
    return redirect("case", ref)
