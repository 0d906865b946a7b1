"""Forms of contents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.causes.vetting.choices import ContentLabel
from amends.causes.vetting.models import ContentSource
from amends.people.partners.queries import SanctionKind


class ContentSampleForm(forms.Form):
    """A sample of what a service shows."""

    service = forms.ChoiceField(label=_("Service"))
    source = forms.ChoiceField(label=_("Where it was seen"), choices=ContentSource)
    text = forms.CharField(
        label=_("Text or HTML of the content"),
        max_length=1_000_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    images = forms.CharField(
        label=_("SHA-256 of its images, one per line"),
        max_length=4_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, services: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].choices = [("", _("Choose one")), *services]


class ContentReasonForm(forms.Form):
    """Why a finding is closed, or what is answered."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )


class ContentSanctionForm(forms.Form):
    """A sanction of the partner for a finding."""

    kind = forms.ChoiceField(label=pgettext_lazy("content", "Sanction"), choices=SanctionKind)
    reason = forms.CharField(
        label=_("Reason"), max_length=200, widget=forms.Textarea(attrs={"rows": 2})
    )


class ContentAppealForm(forms.Form):
    """The partner's appeal against a finding."""

    text = forms.CharField(
        label=_("What the partner writes"),
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ContentAppealAnswerForm(forms.Form):
    """The answer to a partner's appeal."""

    granted = forms.TypedChoiceField(
        label=_("Decision"),
        choices=(
            ("yes", _("Grant: the finding is withdrawn")),
            ("no", _("Refuse: the finding remains")),
        ),
        coerce=lambda value: value == "yes",
    )
    text = forms.CharField(
        label=_("What the partner reads"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )


class ContentListForm(forms.Form):
    """The list that a form belongs to."""

    which = forms.ChoiceField(choices=[("notice_address", ""), ("image", "")])


class PartnerNoticeAddressForm(forms.Form):
    """Where notices to a partner are sent."""

    partner = forms.ChoiceField(label=_("Partner"))
    address = forms.EmailField(label=_("Email address"), max_length=254)

    def __init__(self, *args: Any, partners: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["partner"].choices = [("", _("Choose one")), *partners]


class HarmfulImageForm(forms.Form):
    """An image for the operator's list."""

    sha256 = forms.CharField(label=_("SHA-256 of the image"), max_length=64)
    label = forms.ChoiceField(label=_("Label"), choices=ContentLabel.choices[1:])
