"""Forms about partners."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.vetting.models import PartnerStep


class StepForm(forms.Form):
    """A step that a colleague proposes."""

    step = forms.ChoiceField(label=pgettext_lazy("partner", "Step"), choices=PartnerStep)
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("What happened, with figures; the partner reads it."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class StatementForm(forms.Form):
    """What a partner stated."""

    text = forms.CharField(
        label=_("What the partner states"),
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class DecisionForm(forms.Form):
    """Yes or no, and why."""

    yes = forms.TypedChoiceField(
        label=_("Decision"),
        choices=[("1", pgettext_lazy("decision", "Yes")), ("0", pgettext_lazy("decision", "No"))],
        coerce=lambda value: value == "1",
    )
    reason = forms.CharField(
        label=_("Reason"), help_text=_("The partner reads it."), max_length=300
    )
