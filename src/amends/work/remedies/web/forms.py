"""The forms in which remedies are decided."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from amends.platform.database.form_fields import CleanTextField, ListField


class RemedyVerbForm(forms.Form):
    """What to do with picked remedies: "approve" or "reject"."""

    verb = CleanTextField(required=False)


class RemedyApprovalForm(forms.Form):
    """Picked remedies to approve."""

    picked = ListField(
        label=_("Remedies"),
        widget=forms.MultipleHiddenInput,
        error_messages={
            "required": _("Nothing is picked. Pick remedies with the boxes, then choose.")
        },
    )
    verb = forms.ChoiceField(
        choices=[("approve", "approve"), ("reject", "reject")], widget=forms.HiddenInput
    )


class RemedyRejectionForm(RemedyApprovalForm):
    """Picked remedies to reject, with a reason."""

    reason = CleanTextField(
        label=_("Reason"), max_length=400, widget=forms.Textarea(attrs={"rows": 3})
    )
