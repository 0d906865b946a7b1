"""The forms of publicity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amends.causes.publicity.models import LONGEST_LEAVE, PublishedCopy
from amends.causes.publicity.queries import offers
from amends.causes.publicity.rules.copies import MAX_CHARACTERS
from amends.channels.queries.capabilities import channel_nouns, text_channels
from amends.people.access.web.refusals import refusal_text
from amends.platform.kit.errors import AmendsError
from amends.record.catalogue.texts.words import day, name_of

_CHANNELS = (
    ("web", gettext_lazy("Web shop")),
    ("app", gettext_lazy("App")),
    *((name, capfirst(channel_nouns()[name])) for name in text_channels()),
    ("counter", gettext_lazy("Counter")),
    ("social", gettext_lazy("Social media")),
    ("agent", gettext_lazy("Agent")),
    ("agreement", gettext_lazy("Agreement")),
)
CHANNELS = dict(_CHANNELS) | {
    "help": gettext_lazy("Help centre"),
    "letter": gettext_lazy("Letter"),
    "chat": gettext_lazy("Chat"),
    "kiosk": gettext_lazy("Kiosk"),
}
"""Channels of adverts, and those of other texts in the matrix."""


def _day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class RefusableForm(forms.Form):
    """A form on which the refusal of an action is shown."""

    def add_refusal(self, refusal: AmendsError) -> None:
        """Show why the action refused."""
        self.add_error(None, str(refusal_text(refusal)))


class CopyForm(RefusableForm):
    """A copy, new or edited."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    offer = forms.ChoiceField(label=gettext_lazy("Offer"), required=False)
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), choices=_CHANNELS)
    place = forms.CharField(
        label=gettext_lazy("Place"),
        help_text=gettext_lazy("address of the page, name of the post or poster"),
        required=False,
        max_length=300,
    )
    publish_on = forms.DateField(
        label=gettext_lazy("Published on"), required=False, widget=_day_input()
    )
    text = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=MAX_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(offer.id, f"{name_of(offer)} ({offer.id})") for offer in offers(timezone.now())]
        written = str(self.initial.get("offer", ""))
        if written and written not in dict(choices):
            choices.append((written, written))
        self.fields["offer"].choices = [
            ("", _("No offer: wording only")),
            *choices,
        ]

    def wording(self) -> dict[str, Any]:
        """What the actions take; call it once the form is valid."""
        return {
            name: self.cleaned_data[name]
            for name in ("text", "offer", "channel", "place", "publish_on")
        }


class CopyCheckForm(CopyForm):
    """A copy as it is typed: nothing is required, and a text that is too long is cut."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False
        self.fields["offer"] = forms.CharField(required=False)
        self.fields["text"] = forms.CharField(required=False, strip=False)

    def clean_text(self) -> str:
        """The text with the first character that is too many."""
        return str(self.cleaned_data["text"])[: MAX_CHARACTERS + 1]


def copy_as_initial(row: PublishedCopy) -> dict[str, Any]:
    """The initial values to edit a draft."""
    return {
        name: getattr(row, name)
        for name in ("version", "offer", "channel", "place", "publish_on", "text")
    }


class AgreementForm(forms.Form):
    """A new agreement."""

    partner = forms.CharField(
        label=gettext_lazy("With whom"),
        max_length=300,
        help_text=gettext_lazy("the school, building or agent"),
    )
    text = forms.CharField(
        label=gettext_lazy("Text of the agreement"),
        max_length=MAX_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 12}),
    )


class CopyApprovalForm(RefusableForm):
    """The version that was seen in the preview."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class WaiverForm(RefusableForm):
    """Leave to publish in spite of a kind of finding."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)
    owner = forms.ChoiceField(
        label=gettext_lazy("Owner"), help_text=gettext_lazy("the colleague who answers for it")
    )
    until = forms.DateField(
        label=gettext_lazy("Until"),
        help_text=gettext_lazy("a year at most"),
        widget=_day_input(),
    )

    def __init__(self, *args: Any, finding: int, owners: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(
            *args,
            auto_id=f"waiver-{finding}-%s",
            initial={"until": in_half_a_year()},
            **kwargs,
        )
        self.fields["owner"].choices = owners.items()


class JudgementForm(RefusableForm):
    """Whether a finding is right; that it is wrong needs a reason."""

    right = forms.TypedChoiceField(
        choices=(("yes", "yes"), ("no", "no")), coerce=lambda answer_text: answer_text == "yes"
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300, required=False)

    def __init__(self, *args: Any, finding: int, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"judgement-{finding}-%s", **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if cleaned.get("right") is False and not cleaned.get("reason"):
            self.add_error("reason", _("Write why in a sentence."))
        return cleaned


class PhraseForm(RefusableForm):
    """A phrase that the team wants to use."""

    phrase = forms.CharField(
        label=gettext_lazy("Phrase"),
        help_text=gettext_lazy("exactly as it is written in adverts"),
        max_length=200,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("the award, test or approval that allows it"),
        max_length=300,
    )
    until = forms.DateField(
        label=gettext_lazy("Until"),
        help_text=gettext_lazy("a year at most"),
        widget=_day_input(),
    )


class VersionsForm(forms.Form):
    """Two versions of an offer that are compared."""

    a = forms.ChoiceField(label=gettext_lazy("Earlier version"))
    b = forms.ChoiceField(label=gettext_lazy("Later version"))

    def __init__(
        self, *args: Any, versions: Sequence[tuple[str, datetime, datetime | None]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (version, f"{version} · {day(timezone.localdate(since))}")
            for version, since, _until in versions
        ]
        for field in self.fields.values():
            field.choices = choices


def in_half_a_year() -> date:
    """The last day that forms propose."""
    return timezone.localdate() + timedelta(days=LONGEST_LEAVE.days // 2)
