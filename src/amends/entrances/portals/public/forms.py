"""The questions of the public site; every error says how to put it right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from amends.cases.complaints.actions.intake import MAX_CHARACTERS
from amends.platform.kit.ids import random_id
from amends.platform.kit.texts import clean
from amends.platform.vault.normal_forms import phone_region, possible_phone

_DIGITS = re.compile(r"\d")
_PHONE = re.compile(r"[+＋]?[\d\s\-–()（）.０-９]{1,32}")
_LEAST_DIGITS = 7


def _possible(phone: str) -> bool:
    return possible_phone(phone, phone_region(settings.JURISDICTION))


class LineField(forms.CharField):
    """One line of words, cleaned of what no text needs before it is judged."""

    def to_python(self, value: Any) -> str:
        return " ".join(clean(str(value or "")).split())


class Story(forms.CharField):
    """Many lines of words, cleaned likewise."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return clean(str(value or "")).strip()


class FileChoice(forms.FileInput):
    """Several files at once."""

    allow_multiple_selected = True


def _area(rows: int, **attrs: str) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, **attrs})


class HappenedForm(forms.Form):
    """What happened, and what should be put right."""

    text = Story(
        label=gettext_lazy("Tell it in your own words"),
        help_text=gettext_lazy(
            "What was it, when, and what did it cost you? Two or three sentences are enough. "
            "Please leave out passwords and bank card numbers."
        ),
        widget=_area(8, spellcheck="true"),
        error_messages={"required": gettext_lazy("Say in a sentence or two what happened.")},
    )
    wanted = LineField(
        label=gettext_lazy("What should we put right? (optional)"),
        help_text=gettext_lazy("For example: give the money back, stop the service, repair it."),
        required=False,
        max_length=200,
        error_messages={
            "max_length": gettext_lazy(
                "Keep this to 200 characters; the whole story fits in the field above."
            )
        },
    )

    files = forms.Field(
        label=gettext_lazy("Pictures or documents (optional)"),
        help_text=gettext_lazy(
            "A bill, a message, a photo, a recording: up to five files of 5 MB each."
        ),
        required=False,
        widget=FileChoice(
            attrs={"accept": "image/*,audio/*,.pdf,.txt,.csv,.docx,.xlsx,.pptx,.odt,.ods"}
        ),
    )

    # Each file has a button that removes it.
    remove = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    # So has each subject.
    remove_subject = forms.CharField(max_length=80, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, urgent: Sequence[str] = (), **kwargs: Any) -> None:
        """`urgent`: which complaints the rules call urgent, in words; empty asks nothing."""
        super().__init__(*args, **kwargs)
        if urgent:
            self.fields["urgent"] = forms.BooleanField(
                label=" / ".join(urgent),
                help_text=_("Tick this if it is so: it is then answered sooner."),
                required=False,
            )

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"])
        if len(text) > MAX_CHARACTERS:
            raise ValidationError(
                _(
                    "You wrote %(count)s characters, and at most %(most)s fit. Shorten it, or add "
                    "the long version as a file."
                )
                % {"count": f"{len(text):,}", "most": f"{MAX_CHARACTERS:,}"}
            )
        return text


class AboutForm(forms.Form):
    """Which number or service it is about."""

    about = LineField(
        label=gettext_lazy("Number or account (optional)"),
        help_text=gettext_lazy(
            "The mobile number, landline or broadband account, so that we look at the right "
            "records. Leave it empty if it is about none."
        ),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
        error_messages={
            "max_length": gettext_lazy("Keep this to one number or account, in 60 characters.")
        },
    )
    on_behalf = forms.BooleanField(
        label=gettext_lazy("It is somebody else's, and I write for them"),
        help_text=gettext_lazy(
            "Before we show or pay anything we ask the person whose number it is."
        ),
        required=False,
    )

    def clean_about(self) -> str:
        about = str(self.cleaned_data["about"])
        if _PHONE.fullmatch(about) and len(_DIGITS.findall(about)) < _LEAST_DIGITS:
            raise ValidationError(
                _(
                    "This number is too short. Write the whole number with its area code, or leave "
                    "the field empty."
                )
            )
        return about


class ReachForm(forms.Form):
    """How to reach the person."""

    phone = LineField(
        label=gettext_lazy("Phone number (optional)"),
        required=False,
        max_length=32,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
        error_messages={
            "max_length": gettext_lazy("Write one phone number, for example 139 0000 0000.")
        },
    )
    email = LineField(
        label=gettext_lazy("Email address (optional)"),
        required=False,
        max_length=254,
        widget=forms.TextInput(
            attrs={"type": "email", "autocomplete": "email", "spellcheck": "false"}
        ),
    )
    name = LineField(
        label=gettext_lazy("Your name (optional)"),
        help_text=gettext_lazy("As we should address you."),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def clean_phone(self) -> str:
        phone = str(self.cleaned_data["phone"])
        if phone and not (_PHONE.fullmatch(phone) and _possible(phone)):
            raise ValidationError(
                _("Write the phone number in digits with its area code, for example 139 0000 0000.")
            )
        return phone

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"])
        if email:
            EmailValidator(_("Write the whole email address, for example name@example.com."))(email)
        return email


class SendForm(forms.Form):
    """Nothing to fill in; `website` is hidden from people, and programs give themselves away."""

    website = forms.CharField(
        label=gettext_lazy("Leave this field empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise ValidationError(
                _(
                    "This field was filled in, which programs do. Empty it and send again; "
                    "nothing you wrote is lost."
                )
            )
        return ""


class DiscardForm(forms.Form):
    """Delete what was not sent, or begin again after it was sent."""

    again = forms.BooleanField(required=False, widget=forms.HiddenInput)
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)


class TrackingCodeForm(forms.Form):
    """The tracking code."""

    code = LineField(
        label=gettext_lazy("Your tracking code"),
        help_text=gettext_lazy(
            "Twelve letters and digits, such as 4F7K-2M9P-XQ3T. It stands on the page you saw "
            "after sending, and in every letter from us."
        ),
        max_length=60,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        error_messages={
            "required": gettext_lazy("Enter the tracking code."),
            "max_length": gettext_lazy("Enter only the tracking code, twelve letters and digits."),
        },
    )


class ProofForm(forms.Form):
    """The six digits that were sent."""

    digits = LineField(
        label=gettext_lazy("The code we sent"),
        help_text=gettext_lazy("Six digits. They are valid for 30 minutes."),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        ),
        error_messages={
            "required": gettext_lazy("Enter the six digits from our message."),
            "max_length": gettext_lazy("Enter only the six digits from our message."),
        },
    )

    def clean_digits(self) -> str:
        return "".join(_DIGITS.findall(str(self.cleaned_data["digits"])))


class PresenceForm(ProofForm):
    """The digits that show who a person is; they are valid for less time than a complaint's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["digits"].help_text = _("Six digits. They are valid for 10 minutes.")


class CodeRequestForm(forms.Form):
    """The button that sends a code, on a page where a code is also entered."""

    ask = forms.BooleanField(required=False, widget=forms.HiddenInput)


class ConsentChoiceForm(forms.Form):
    """Agree or withdraw: one button each."""

    back = forms.BooleanField(required=False)


class OfferOrderForm(forms.Form):
    """One offer of a list. `key` makes a second submission the same order."""

    key = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)
    offer = forms.CharField(max_length=200, widget=forms.HiddenInput)

    def clean_key(self) -> str:
        return str(self.cleaned_data["key"]) or random_id()


class LinkAnswerForm(forms.Form):
    """Answer the question about an order: no, or yes by the digits.

    by_click  the rules accept a click as yes, so that no digits are needed
    """

    no = forms.BooleanField(required=False)
    digits = LineField(
        label=gettext_lazy("The six digits of our message"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"max_length": gettext_lazy("Enter only the six digits from our message.")},
    )

    clean_digits = ProofForm.clean_digits

    def __init__(self, *args: Any, by_click: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if by_click:
            del self.fields["digits"]

    def clean(self) -> None:
        if self.cleaned_data.get("digits") == "" and not self.presses_other_button():
            self.add_error("digits", _("Enter the six digits from our message."))

    def presses_other_button(self) -> bool:
        return bool(self.cleaned_data["no"])


class OrderAnswerForm(LinkAnswerForm):
    """The same on “My services”, where another code can be sent."""

    ask = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["digits"].label = _("The six digits of our newest message")

    def presses_other_button(self) -> bool:
        return bool(self.cleaned_data["no"] or self.cleaned_data["ask"])


class ServicesNumberForm(forms.Form):
    """Whose services are to be shown."""

    number = LineField(
        label=gettext_lazy("Your number or account"),
        help_text=gettext_lazy("The mobile number, landline or broadband account it is about."),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
        error_messages={
            "required": gettext_lazy("Enter the number or account."),
            "max_length": gettext_lazy("Keep this to one number or account, in 60 characters."),
        },
    )


class AnswerForm(forms.Form):
    """Yes or no to what was proposed."""

    answer = forms.ChoiceField(
        label=gettext_lazy("Do you agree with our proposal?"),
        choices=[
            ("accept", gettext_lazy("Yes. Carry it out")),
            ("refuse", gettext_lazy("No. I do not agree")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose yes or no.")},
    )
    words = Story(
        label=gettext_lazy("Why not? (optional)"),
        help_text=gettext_lazy("If you do not agree: what is missing or wrong?"),
        required=False,
        max_length=2000,
        widget=_area(4),
    )


class OutcomeForm(forms.Form):
    """Weeks later: is it solved?"""

    answer = forms.ChoiceField(
        label=gettext_lazy("Is it really solved?"),
        choices=[
            ("solved", gettext_lazy("Yes, it is solved")),
            ("partly", pgettext_lazy("outcome", "Partly")),
            ("not_solved", gettext_lazy("No. Please look at it again")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one of the three answers.")},
    )
    satisfaction = forms.ChoiceField(
        label=gettext_lazy("How content are you with the way we handled it? (optional)"),
        help_text=gettext_lazy("About our work, whether or not you got what you asked for."),
        choices=[
            ("5", gettext_lazy("Very content")),
            ("4", gettext_lazy("Content")),
            ("3", gettext_lazy("Neither content nor discontent")),
            ("2", gettext_lazy("Discontent")),
            ("1", gettext_lazy("Very discontent")),
        ],
        widget=forms.RadioSelect,
        required=False,
    )
    words = Story(
        label=gettext_lazy("What is still missing? (optional)"),
        required=False,
        max_length=2000,
        widget=_area(4),
    )


class ReopenForm(forms.Form):
    """Why it is not over."""

    words = Story(
        label=gettext_lazy("What is not solved, or what happened again?"),
        max_length=2000,
        widget=_area(5),
        error_messages={
            "required": gettext_lazy("Say in a sentence what is not solved."),
            "max_length": gettext_lazy("Keep this to 2,000 characters."),
        },
    )


class MoreForm(forms.Form):
    """Something to add to a complaint that is under way."""

    text = Story(
        label=gettext_lazy("What would you like to add?"),
        help_text=gettext_lazy("It joins your complaint; the deadline stays as it is."),
        widget=_area(6, spellcheck="true"),
        error_messages={"required": gettext_lazy("Write what you would like to add.")},
    )
    key = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    clean_text = HappenedForm.clean_text


class QuestionAnswerForm(MoreForm):
    """The answer to a question that we asked about a complaint."""

    text = Story(
        label=gettext_lazy("Your answer"),
        help_text=gettext_lazy("It joins your complaint, and we continue to work on it."),
        widget=_area(4, spellcheck="true"),
        error_messages={"required": gettext_lazy("Write your answer.")},
    )
