"""The form in which remedies are decided."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amends.platform.database.form_fields import CleanTextField, ListField


class RemedyDecisionForm(forms.Form):
    """Picked remedies to approve or to reject; a rejection has a reason."""

    picked = ListField(
        label=_("Remedies"),
        error_messages={
            "required": _("Nothing is picked. Pick remedies with the boxes, then choose.")
        },
    )
    verb = forms.ChoiceField(
        choices=[("approve", "approve"), ("reject", "reject")], widget=forms.HiddenInput
    )
    reason = CleanTextField(
        label=_("Reason"), required=False, max_length=400, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a rejection without a reason."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("verb") == "reject" and not cleaned.get("reason"):
            required = self.fields["reason"].error_messages["required"]
            if "reason" not in self.errors:
                self.add_error("reason", required)
        return cleaned
