"""The forms of settings."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, URLValidator
from django.utils.translation import gettext_lazy as _

from amends.people.operator.rules.brand import (
    LEAST_CONTRAST,
    MOST_LOGO_BYTES,
    MOST_LOGO_PX,
    contrast_to_white,
    is_colour,
    png_size,
)
from amends.platform import registry
from amends.platform.environment.operator import HOTLINE, Operator
from amends.platform.environment.settings_values import is_web_address


class ProfileForm(forms.Form):
    """How customers see the operator."""

    name = forms.CharField(label=_("Name of the operator"), max_length=200)
    name_en = forms.CharField(label=_("Name in English"), max_length=200, required=False)
    hotline = forms.CharField(
        label=_("Hotline"),
        max_length=30,
        required=False,
        validators=[RegexValidator(HOTLINE, _("Enter a phone number, such as +86 10 5555 0100."))],
    )
    hours = forms.CharField(label=_("Hours of the hotline"), max_length=200, required=False)
    hours_en = forms.CharField(
        label=_("Hours of the hotline in English"), max_length=200, required=False
    )
    privacy_url = forms.CharField(
        label=_("Address of the privacy notice"),
        max_length=200,
        required=False,
        validators=[
            URLValidator(["https"], message=_("Enter a whole address that begins with https://."))
        ],
    )
    regulator_contact = forms.CharField(
        label=_("How to reach the dispute body"),
        help_text=_("Leave it empty to use the rules of the country."),
        max_length=200,
        required=False,
    )
    regulator_contact_en = forms.CharField(
        label=_("How to reach the dispute body, in English"), max_length=200, required=False
    )
    accent = forms.CharField(
        label=_("Colour of buttons and links"),
        help_text=_("As #rrggbb, dark enough to be read on white. Leave it empty for the default."),
        max_length=7,
        required=False,
    )
    logo = forms.FileField(
        label=_("Logo"),
        help_text=_("A PNG picture of at most 200 KB and 1,024 × 1,024 pixels."),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png"}),
    )
    without_logo = forms.BooleanField(label=_("Use the default logo"), required=False)

    def clean_accent(self) -> str:
        accent = str(self.cleaned_data["accent"]).strip().lower()
        if not accent:
            return ""
        if not is_colour(accent):
            raise ValidationError(_("Write the colour as #rrggbb, such as #0b5d70."))
        if contrast_to_white(accent) < LEAST_CONTRAST:
            raise ValidationError(_("Choose a darker colour: on white this one cannot be read."))
        return accent

    def clean_logo(self) -> bytes:
        sent = self.cleaned_data["logo"]
        if not sent:
            return b""
        content: bytes = sent.read(MOST_LOGO_BYTES + 1)
        size = png_size(content)
        if len(content) > MOST_LOGO_BYTES or size is None or max(size) > MOST_LOGO_PX:
            raise ValidationError(
                _("Choose a PNG picture of at most 200 KB and 1,024 × 1,024 pixels.")
            )
        return content

    def profile(self) -> Operator:
        """The profile as it was entered; call it once the form is valid."""
        return Operator(**{field.name: self.cleaned_data[field.name] for field in fields(Operator)})


class PublicAddressField(forms.CharField):
    """The address that customers open, without the last slash."""

    def __init__(self, **named: Any) -> None:
        options: dict[str, Any] = {
            "label": _("Public address"),
            "help_text": _(
                "The address in the browser of customers, such as https://complaints.example.org. "
                "Links in messages and letters begin with it."
            ),
            "max_length": 200,
            "error_messages": {"required": _("Enter the address that customers open.")},
        }
        super().__init__(**(options | named))

    def clean(self, value: Any) -> str:
        address = str(super().clean(value)).rstrip("/")
        if address and not is_web_address(address):
            raise ValidationError(_("Enter a whole address that begins with https:// or http://."))
        return address


class PublicAddressForm(forms.Form):
    """The address of the installation."""

    public_address = PublicAddressField()


class PartsForm(forms.Form):
    """Which parts the installation uses."""

    parts = forms.MultipleChoiceField(
        label=_("Parts in use"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["parts"].choices = [
            (part.name, f"{part.title} — {part.description}") for part in registry.parts().values()
        ]

    def clean_parts(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["parts"]
        known = registry.parts()
        for name in chosen:
            if (needs := known[name].needs) and needs not in chosen:
                raise ValidationError(
                    _("“%(part)s” needs “%(other)s”. Switch both on, or both off."),
                    params={"part": known[name].title, "other": known[needs].title},
                )
        return chosen


class ColleagueForm(forms.Form):
    """What a person may do."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one role.")},
    )
    partner = forms.ChoiceField(
        label=_("Partner"),
        help_text=_("The company an agent works for. They see the data of this partner only."),
        required=False,
    )
    email = forms.EmailField(
        label=_("Email address"),
        help_text=_("Where they are notified of emergencies and mentions."),
        required=False,
    )
    brand = forms.CharField(
        label=_("Brand"),
        help_text=_("Leave it empty for every brand."),
        max_length=40,
        required=False,
    )

    def __init__(
        self,
        *args: Any,
        roles: list[tuple[str, str]],
        partners: list[tuple[str, str]],
        **named: Any,
    ) -> None:
        super().__init__(*args, **named)
        self.fields["roles"].choices = roles
        self.fields["partner"].choices = [
            ("", _("none: works for the operator")),
            *partners,
        ]


class NewPersonForm(ColleagueForm):
    """A person who is to sign in."""

    field_order = ("username", "roles", "partner", "email", "brand")
    username = forms.CharField(
        label=_("Name to sign in with"),
        max_length=150,
        validators=[RegexValidator(r"^[\w.@+-]+\Z", _("Use letters, digits and @ . + - _ only."))],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
