"""Forms of protection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from amends.causes.protection.actions.evidence import (
    MAX_FILE_BYTES,
    EvidenceFile,
    UnableToAddEvidence,
    check_evidence,
)
from amends.causes.protection.choices import ReportedThing
from amends.causes.protection.numbers import LONGEST
from amends.causes.protection.queries.settings import rules_of_guardians
from amends.people.access.web.refusals import refusal_text
from amends.people.partners.queries import partner_names
from amends.platform.kit.formats import is_chinese


class MultipleFileInput(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class MultipleFileField(forms.FileField):
    """Files as a list of `EvidenceFile`, checked by their content."""

    widget = MultipleFileInput(attrs={"accept": "image/*,audio/*,.pdf,.txt"})

    def clean(self, data: Any, initial: Any = None) -> list[EvidenceFile]:
        """The files, or the reason why one cannot be taken."""
        uploads = data if isinstance(data, list | tuple) else [data]
        if any(upload is not None and upload.size > MAX_FILE_BYTES for upload in uploads):
            raise forms.ValidationError(_("A file has at most 5 MB."))
        files = [
            EvidenceFile(upload.name, upload.read()) for upload in uploads if upload is not None
        ]
        try:
            check_evidence(files)
        except UnableToAddEvidence as why:
            raise forms.ValidationError(refusal_text(why).what) from why
        return files


class ReportForm(forms.Form):
    """A message, call, link or app that somebody reports."""

    thing = forms.ChoiceField(label=_("What do you report?"), choices=ReportedThing)
    number = forms.CharField(
        label=_("Number or name of the sender"), max_length=LONGEST, required=False
    )
    text = forms.CharField(
        label=_("Words of the message, or the link"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    harmed = forms.BooleanField(
        label=_("Money was paid, or a code or password shared"), required=False
    )
    files = MultipleFileField(
        label=_("Screenshots"),
        required=False,
        help_text=_("Up to three files of 5 MB; they are stored encrypted."),
    )

    def clean(self) -> dict[str, Any]:
        """Either the number or the words are needed."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("number") and not cleaned.get("text"):
            self.add_error("number", _("Enter the number, or the text of the message."))
        return cleaned


class CallerReportForm(ReportForm):
    """A report by a caller, entered at the desk."""

    caller = forms.CharField(label=_("Number of the caller"), max_length=LONGEST)
    field_order = ("caller", "thing", "number", "text", "harmed", "files")


class NumberLookupForm(forms.Form):
    """A number somebody asks about."""

    number = forms.CharField(label=pgettext_lazy("telephone", "Number"), max_length=LONGEST)


class NumberAppealAnswerForm(forms.Form):
    """The answer to an appeal."""

    words = forms.CharField(
        label=_("What the holder reads"), max_length=2_000, widget=forms.Textarea(attrs={"rows": 3})
    )
    granted = forms.TypedChoiceField(
        label=_("Decision"),
        choices=(("yes", _("Grant: the consequence ends")), ("no", _("Refuse: it stays"))),
        coerce=lambda value: value == "yes",
    )


class AppealNoteForm(forms.Form):
    """A note on an appeal, for colleagues."""

    text = forms.CharField(
        label=_("Note for colleagues"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 2})
    )


class AssignAppealForm(forms.Form):
    """A team for an appeal, or the reader; neither returns it to the queue."""

    team = forms.ChoiceField(required=False)
    take = forms.BooleanField(required=False)

    def __init__(self, *args: Any, teams: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].choices = [(slug, slug) for slug in teams]


class EndGuardianshipForm(forms.Form):
    """The person whose guardianship ends."""

    minor = forms.CharField(max_length=80)


class BlockForm(forms.Form):
    """Block a number."""

    reason = forms.CharField(
        label=pgettext_lazy("block", "Reason"),
        max_length=250,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class SuspendPartnerForm(forms.Form):
    """Propose to suspend a partner that the register assigns a number to (`partners`)."""

    partner = forms.ChoiceField(label=_("Partner that holds the number"))
    reason = forms.CharField(
        label=pgettext_lazy("sanction", "Reason"),
        max_length=250,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, partners: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = partner_names(partners, get_language() or "en")
        self.fields["partner"].choices = list(names.items())


class GuardianForm(forms.Form):
    """A guardian of a subscriber's line."""

    ward = forms.CharField(label=_("Number of the ward's line"), max_length=LONGEST)
    guardian = forms.CharField(label=_("Number of the guardian"), max_length=LONGEST)
    basis = forms.ChoiceField(label=_("Basis in law"))
    document = forms.CharField(
        label=_("Document that proves it"),
        max_length=200,
        help_text=_("Such as: birth certificate, or decision of the court with its date."),
    )
    born = forms.DateField(
        label=_("Birthday of a minor"),
        required=False,
        help_text=_("As in the document. It limits the last day and is not stored."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    until = forms.DateField(
        label=pgettext_lazy("guardianship", "Last day"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    seen = forms.BooleanField(
        label=_("I have seen the documents of both, and the guardian agrees"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chinese = is_chinese(get_language() or "")
        self.fields["basis"].choices = [
            (rule.basis, rule.zh if chinese else rule.en)
            for rule in rules_of_guardians(timezone.localdate()).values()
        ]
