"""Forms of reviews, incidents, case files and requests."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from amends.causes.privacy.models import Incident, IncidentStep, MisuseCase
from amends.causes.privacy.rules.review import DATA, PERSONS, RECIPIENTS
from amends.platform.database.form_fields import CleanTextField


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


def _text(label: Any, *, rows: int = 3, max_length: int = 500) -> CleanTextField:
    widget = forms.Textarea(attrs={"rows": rows})
    return CleanTextField(label=label, max_length=max_length, widget=widget)


class AuthorityReportForm(forms.Form):
    """A report to an authority."""

    clock = forms.ModelChoiceField(queryset=None, widget=forms.HiddenInput)
    words = CleanTextField(label=_("Reference of the report"), max_length=120, required=False)

    def __init__(self, *args: Any, row: Incident, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clock"].queryset = row.clocks.all()


class IncidentStepForm(forms.Form):
    """Containment or a measure."""

    kind = forms.ChoiceField(label=_("Kind"), choices=IncidentStep.Kind.choices)
    words = _text(_("What was done"), rows=2)


class StepVerdictForm(forms.Form):
    """Whether a measure worked."""

    step = forms.ModelChoiceField(queryset=None, widget=forms.HiddenInput)
    verdict = forms.ChoiceField(
        choices=[("worked", "worked"), ("failed", "failed")], widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, row: Incident, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["step"].queryset = row.steps.filter(kind="measure")


class IncidentLevelForm(forms.Form):
    """The level of an incident."""

    level = forms.ChoiceField(label=_("Level"))

    def __init__(self, *args: Any, levels: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = levels


class CloseIncidentForm(forms.Form):
    """The review with which an incident is closed."""

    words = _text(_("What happened, why, what is different now"), rows=4, max_length=2000)
    no_harm = forms.BooleanField(
        label=_("Harm was effectively avoided, so that not everybody need be told"),
        required=False,
    )


class MisuseDecisionForm(forms.Form):
    """The decision of a case file."""

    decision = forms.ChoiceField(label=_("Decision"), choices=MisuseCase.Decision.choices)
    reason = _text(_("Reason"))


class AppealForm(forms.Form):
    """An appeal against the decision."""

    words = _text(_("What the person says against the decision"))


class AppealDecisionForm(forms.Form):
    """The outcome of an appeal."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=MisuseCase.Outcome.choices)
    words = _text(_("Reason"))


class RightsRequestForm(forms.Form):
    """The answer to a request, or the reason to extend its term."""

    do = forms.ChoiceField(
        choices=[(name, name) for name in ("done", "refuse", "extend")], widget=forms.HiddenInput
    )
    words = _text(_("What the person reads"))
