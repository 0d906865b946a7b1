"""The form of an answer."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class ApprovalAnswerForm(forms.Form):
    """An answer with its reason; a refusal and an undoing need one."""

    verb = forms.ChoiceField(
        choices=[(verb, verb) for verb in ("approve", "refuse", "withdraw", "undo")],
        widget=forms.HiddenInput,
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed to refuse or to undo; the requester reads it."),
    )
