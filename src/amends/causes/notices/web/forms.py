"""Forms of calls, letters and consent at a counter."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from amends.platform.database.form_fields import CleanTextField, ListField


class ManualTasksForm(forms.Form):
    """Calls or letters that a colleague takes."""

    channel = forms.ChoiceField(
        choices=[("phone", "phone"), ("letter", "letter")],
        required=False,
        widget=forms.HiddenInput,
    )
    message = ListField(
        label=_("Notice"),
        widget=forms.MultipleHiddenInput,
        error_messages={"required": _("Nothing is selected.")},
    )


class TaskOutcomeForm(ManualTasksForm):
    """The outcome of calls or letters."""

    outcome = forms.ChoiceField(
        choices=[(name, name) for name in ("told", "no_answer", "wrong", "posted", "came_back")],
        widget=forms.HiddenInput,
    )


class HoldConsentForm(forms.Form):
    """Consent at a counter; `back` withdraws it."""

    seen = forms.BooleanField(label=_("I have seen the person and the document"))
    paper = CleanTextField(
        label=_("Number of the signed paper"),
        max_length=64,
        validators=[
            RegexValidator(
                r"^[A-Za-z0-9._:/-]+\Z",
                _("Write the number of the paper in letters, digits and - . / :"),
            )
        ],
    )
    back = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, key: str, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"{key}-%s", **kwargs)
