"""Forms of an issue, one class for each kind of action."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from amends.platform.database.form_fields import CleanTextField
from amends.problems.hotissues.models import HotIssue


class IssueForm(forms.Form):
    """A form about one issue; `refusal_field` shows what its action refuses, None above all."""

    refusal_field: ClassVar[str | None] = "reason"

    def __init__(self, *args: Any, issue: HotIssue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.issue = issue


def _reason(label: Any, help_text: Any = "") -> CleanTextField:
    return CleanTextField(label=label, max_length=400, min_length=4, help_text=help_text)


class TakeIssueForm(IssueForm):
    """`seen` is the owner on the page that was read."""

    refusal_field = None

    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class IssueReasonForm(IssueForm):
    """The reason to close an issue or to open it again."""

    reason = _reason(_("Reason"), _("It is recorded in the history, and the change in the ledger."))


class CloseIssueForm(IssueReasonForm):
    """The reason to close an issue, and what becomes of the incidents of the same event."""

    others = forms.ChoiceField(
        label=_("Network incidents of the same event that last"),
        widget=forms.RadioSelect,
        choices=[
            ("end", _("They are over too: request their end")),
            ("last", _("They last: close the hot issue only")),
        ],
    )

    def __init__(self, *args: Any, lasting: bool, may_end: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not lasting:
            del self.fields["others"]
        elif not may_end:
            self.fields["others"].choices = self.fields["others"].choices[1:]


class LateComplaintsForm(IssueForm):
    """The answer about complaints that came after the close."""

    answer = forms.ChoiceField(
        choices=[(name, name) for name in ("reopen", "new", "leave")], widget=forms.HiddenInput
    )
    reason = _reason(_("Reason"))


class JoinComplaintsForm(IssueForm):
    """Complaints that belong to the issue, by tracking code."""

    refusal_field = "complaints"

    complaints = CleanTextField(
        label=_("Tracking codes, one in a line"), max_length=8000, widget=forms.Textarea
    )
    reason = _reason(_("Why they belong here"))


class RemoveComplaintForm(IssueForm):
    """A complaint to take out of the issue."""

    complaint = forms.CharField(max_length=64, widget=forms.HiddenInput)
    reason = _reason(_("Why?"))


class JudgeCauseForm(IssueForm):
    """A judgement of a candidate cause."""

    refusal_field = None

    cause = forms.ModelChoiceField(queryset=None, widget=forms.HiddenInput)
    judged = forms.ChoiceField(
        choices=[("confirmed", "confirmed"), ("ruled_out", "ruled_out")],
        widget=forms.HiddenInput,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cause"].queryset = self.issue.causes.all()
