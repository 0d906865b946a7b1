"""Settings: the pages on which the installation is changed, for whoever may."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from amends.people.access.queries import may
from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.people.operator.actions.change_profile import change_profile
from amends.people.operator.models import OperatorProfile
from amends.people.operator.queries import current, has_logo, logo, operator, parts_off, profiles
from amends.people.operator.web.forms import ProfileForm
from amends.platform.registry import settings_pages

COMPARED = (
    "name",
    "name_en",
    "hotline",
    "hours",
    "hours_en",
    "privacy_url",
    "regulator_contact",
    "regulator_contact_en",
    "accent",
)


@require_safe
@requires("settings.read")
def settings_page(request: HttpRequest) -> HttpResponse:
    """The pages that the reader may open; Django's administration for support."""
    actor = actor_of(request)
    pages = [page for page in settings_pages(off=parts_off()) if may(actor.roles, page.permission)]
    support = may(actor.roles, "admin") and request.user.is_staff  # type: ignore[union-attr]
    return render(request, "operator/settings.html", {"pages": pages, "support": support})


@require_http_methods(["GET", "HEAD", "POST"])
@requires("settings.operator")
@refusals_as_pages
def operator_profile(request: HttpRequest) -> HttpResponse:
    """The form of the profile, with who changed it before."""
    saved = current()
    initial = {name: getattr(operator(), name) for name in COMPARED if name != "accent"}
    initial["accent"] = saved.accent if saved else ""
    form = ProfileForm(request.POST or None, request.FILES or None, initial=initial)
    if form.is_valid():
        cleaned = form.cleaned_data
        picture = b"" if cleaned["without_logo"] else cleaned["logo"] or logo()
        change_profile(
            form.profile(),
            accent=cleaned["accent"],
            logo=picture,
            actor=actor_of(request),
            now=timezone.now(),
        )
        messages.success(request, _("Saved. Public pages and new letters show it from now on."))
        return redirect("operator_profile")
    versions = profiles()
    names = people(row.changed_by for row in versions)
    labels = {name: form.fields[name].label for name in COMPARED}
    earlier = [*versions, None][1:]
    context = {
        "form": form,
        "has_logo": has_logo(),
        "versions": [
            (row, names.get(row.changed_by, row.changed_by), _changed(row, before, labels))
            for row, before in zip(versions, earlier, strict=True)
        ],
    }
    status = 400 if form.is_bound else 200
    return render(request, "operator/profile.html", context, status=status)


def _changed(
    row: OperatorProfile, before: OperatorProfile | None, labels: dict[str, object]
) -> list[object]:
    """The fields in which a version differs from the one before."""
    return [
        labels[name]
        for name in COMPARED
        if getattr(row, name) != (getattr(before, name) if before else "")
    ]
