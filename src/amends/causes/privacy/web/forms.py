"""The form of a review: the service, and its data flows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from amends.causes.privacy.rules.review import DATA, PERSONS, RECIPIENTS


def _choices(labels: dict[str, str]) -> Any:
    return lambda: [(code, gettext(word)) for code, word in labels.items()]


class ServiceForm(forms.Form):
    """The service as a whole."""

    service = forms.CharField(label=_("Offer or service"), max_length=64)
    name = forms.CharField(label=_("Name of the service"), max_length=160)
    purpose = forms.CharField(
        label=_("Purpose"), max_length=500, required=False, widget=forms.Textarea({"rows": 2})
    )


class FlowForm(forms.Form):
    """One data flow."""

    id = forms.CharField(label=_("Short name"), max_length=60)
    about = forms.ChoiceField(label=_("About whom"), choices=_choices(PERSONS), initial="requester")
    reveals = forms.ChoiceField(label=_("Reveals"), choices=_choices(DATA), initial="presence")
    to = forms.ChoiceField(label=_("To whom"), choices=_choices(RECIPIENTS), initial="requester")
    consent_of = forms.MultipleChoiceField(
        label=_("Who agrees to it"),
        choices=_choices(PERSONS),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    retention_days = forms.IntegerField(
        label=_("Kept for days (empty: without an end)"), min_value=0, required=False
    )
    on = forms.BooleanField(label=_("On by default"), required=False)
    opt_out = forms.BooleanField(label=_("Can be refused"), required=False)
    necessary = forms.BooleanField(label=_("Necessary for the service"), required=False)

    def as_flow(self) -> dict[str, Any]:
        """The flow as the file of a review has it."""
        flow = dict(self.cleaned_data)
        return {**flow, "default": "on" if flow.pop("on") else "off"}


FlowForms = forms.formset_factory(FlowForm, extra=2, min_num=1, max_num=40, validate_min=True)
