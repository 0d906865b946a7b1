"""Forms of network incidents and of the plans of notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from amends.network.quality.actions.plan_notices import MOST_CAP, NoticeTexts
from amends.network.quality.incident_choices import FaultCause, IncidentKind, Severity

TECHNOLOGIES = (
    ("all", _("every technology")),
    ("fibre", _("fibre")),
    ("cable", _("cable")),
    ("dsl", "DSL"),
    ("4g", "4G"),
    ("5g", "5G"),
    ("fixed_wireless", _("fixed wireless")),
)


def _moment(label: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
    return forms.DateTimeField(label=label, widget=widget)


class FaultForm(forms.Form):
    """A fault that a colleague knows of."""

    area = forms.ChoiceField(label=_("Area"))
    kind = forms.ChoiceField(label=_("Kind"), choices=IncidentKind.choices)
    cause = forms.ChoiceField(label=_("Cause"), choices=FaultCause.choices, initial="unknown")
    severity = forms.ChoiceField(label=_("Severity"), choices=Severity.choices, initial="major")
    technology = forms.ChoiceField(label=_("Technology"), choices=TECHNOLOGIES)
    since = _moment(_("Since"))

    def __init__(self, *args: Any, areas: Sequence[tuple[str, str]], **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["area"].choices = areas
        self.initial.setdefault("since", timezone.localtime() - timedelta(hours=1))


class ChangeForm(forms.Form):
    """What a colleague does with an incident, and why."""

    act = forms.ChoiceField(label=_("What to do"))
    reason = forms.CharField(
        label=_("What you know"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("for colleagues; users do not see it"),
    )
    at = forms.DateTimeField(
        label=_("Ended at"),
        required=False,
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        help_text=_("only for the end; now if left empty"),
    )
    other = forms.IntegerField(
        label=_("Number of the other incident"),
        required=False,
        min_value=1,
        help_text=_("only for a merge: this one goes on in it"),
    )
    areas = forms.MultipleChoiceField(
        label=_("Areas to split off"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self,
        *args: Any,
        acts: Sequence[tuple[str, Any]],
        areas: Sequence[tuple[str, str]],
        **named: Any,
    ) -> None:
        super().__init__(*args, **named)
        self.fields["act"].choices = acts
        self.fields["areas"].choices = areas
        if len(areas) < 2:
            del self.fields["areas"]


class NoticePlanForm(forms.Form):
    """What users are told, for which incidents, and how many of them at most."""

    brand = forms.ChoiceField(label=_("Brand"), required=False)
    kinds = forms.MultipleChoiceField(
        label=_("Kinds of incidents"),
        choices=IncidentKind.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=["outage", "degraded", "congestion"],
    )
    least_severity = forms.ChoiceField(
        label=_("From severity"), choices=Severity.choices, initial="major"
    )
    least_minutes = forms.IntegerField(
        label=_("Not before it has lasted, minutes"), min_value=0, max_value=10_000, initial=30
    )
    cap = forms.IntegerField(
        label=_("Most users per incident"), min_value=1, max_value=MOST_CAP, initial=5_000
    )
    begins_zh = forms.CharField(
        label=_("When it begins, in Chinese"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "lang": "zh-Hans"}),
        help_text=_("{area} and {since} are filled in"),
    )
    begins_en = forms.CharField(
        label=_("When it begins, in English"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "lang": "en"}),
        help_text=_("{area} and {since} are filled in"),
    )
    ends_zh = forms.CharField(
        label=_("When it ends, in Chinese"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "lang": "zh-Hans"}),
        help_text=_("{area}, {since} and {until} are filled in"),
    )
    ends_en = forms.CharField(
        label=_("When it ends, in English"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "lang": "en"}),
        help_text=_("{area}, {since} and {until} are filled in"),
    )

    def __init__(self, *args: Any, brands: Sequence[tuple[str, str]], **named: Any) -> None:
        super().__init__(*args, **named)
        if brands:
            every = ("", _("every brand without a plan of its own"))
            self.fields["brand"].choices = [every, *brands]
        else:
            del self.fields["brand"]

    def texts(self) -> NoticeTexts:
        """The four texts; call it once the form is valid."""
        cleaned = self.cleaned_data
        return NoticeTexts(
            begins_zh=cleaned["begins_zh"],
            begins_en=cleaned["begins_en"],
            ends_zh=cleaned["ends_zh"],
            ends_en=cleaned["ends_en"],
        )
