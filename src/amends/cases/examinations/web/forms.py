"""Forms of self-examination."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from amends.platform.database.form_fields import CleanTextField
from amends.platform.kit.dates import FIRST, LAST


def _text(label: Any) -> CleanTextField:
    widget = forms.Textarea(attrs={"rows": 2})
    return CleanTextField(label=label, max_length=2000, widget=widget)


def _within(day: date) -> None:
    if not FIRST <= day <= LAST:
        raise ValidationError(
            _("Choose a year from %(first)s to %(last)s."),
            params={"first": FIRST.year, "last": LAST.year},
        )


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=False, widget=widget, validators=[_within])


class CheckForm(forms.Form):
    """A check of a process."""

    refusal_field = "note"

    note = _text(_("How duties without a trace were examined"))


class ProcessOwnerForm(forms.Form):
    """The owner of a process, by username."""

    refusal_field = "owner"

    owner = forms.ChoiceField(label=_("Owner"))

    def __init__(self, *args: Any, owners: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # "from" is the name in the address, and a keyword of Python.
        self.fields["from"] = _day(_("from"))
        self.fields["owner"].choices = list(owners.items())


class FindingForm(forms.Form):
    """A finding of a colleague."""

    refusal_field = "words"

    words = _text(_("What is wrong"))


class CorrectionForm(forms.Form):
    """A correction of a finding."""

    refusal_field = "what"

    what = _text(_("What was corrected"))
    on = _day(_("Re-check on"))


class RecheckForm(forms.Form):
    """The re-check of a correction."""

    refusal_field = "note"

    note = _text(_("What was checked"))
    held = forms.ChoiceField(
        choices=[("yes", "yes"), ("no", "no")], required=False, widget=forms.HiddenInput
    )
