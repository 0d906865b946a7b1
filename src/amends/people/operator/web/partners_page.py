"""Settings: the partners of the operator; adding one, changing its names."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.validators import RegexValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.people.partners.actions.register import register_partners
from amends.people.partners.queries import PartnerKind, PartnerView, partners


class PartnerForm(forms.Form):
    """A partner."""

    ref = forms.CharField(
        label=gettext_lazy("Reference"),
        help_text=gettext_lazy("The reference in your systems. A known one changes its names."),
        max_length=64,
        validators=[
            RegexValidator(r"^[\w.-]+\Z", gettext_lazy("Use letters, digits and . - _ only."))
        ],
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=PartnerKind)
    name_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=160)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=160)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("admin")
@refusals_as_pages
def partner_register(request: HttpRequest) -> HttpResponse:
    """The partners on record, and the form that adds or renames one."""
    if actor_of(request).brand:
        raise PermissionDenied
    form = PartnerForm(request.POST or None)
    if form.is_valid():
        register_partners([PartnerView(**form.cleaned_data)])
        messages.success(request, _("Saved."))
        return redirect("partner_register")
    labels = dict(PartnerKind.choices)
    rows = [(partner, labels.get(partner.kind, partner.kind)) for partner in partners()]
    status = 400 if form.is_bound else 200
    return render(request, "operator/partners.html", {"form": form, "rows": rows}, status=status)
