"""Forms about partners."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.causes.vetting.models import PartnerStep


class PartnerStepForm(forms.Form):
    """A step that a colleague proposes."""

    step = forms.ChoiceField(label=pgettext_lazy("partner", "Step"), choices=PartnerStep)
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("What happened, with figures; the partner reads it."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class StatementForm(forms.Form):
    """A statement of a partner."""

    text = forms.CharField(
        label=_("What the partner states"),
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class StepDecisionForm(forms.Form):
    """Whether a step is imposed, and why."""

    yes = forms.TypedChoiceField(
        label=_("Decision"),
        choices=[
            ("", _("Choose one")),
            ("1", _("Impose the step")),
            ("0", _("Drop the step")),
        ],
        coerce=lambda value: value == "1",
    )
    reason = forms.CharField(
        label=_("Reason"), help_text=_("The partner reads it."), max_length=300
    )


class PartnerAppealAnswerForm(forms.Form):
    """Whether an appeal is granted, and why."""

    yes = forms.TypedChoiceField(
        label=_("Decision"),
        choices=[
            ("", _("Choose one")),
            ("1", _("Grant the appeal: the step ends")),
            ("0", _("Refuse the appeal: the step remains")),
        ],
        coerce=lambda value: value == "1",
    )
    reason = forms.CharField(
        label=_("Reason"), help_text=_("The partner reads it."), max_length=300
    )
