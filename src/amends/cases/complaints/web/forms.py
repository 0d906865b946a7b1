"""Forms of the complaint page in which a reason stands beside the text for the customer.

What is written for colleagues and what the customer reads are two fields of every form.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amends.cases.complaints.actions.overrule import VERDICTS as CHOICES
from amends.cases.complaints.actions.parse_amount import UnableToReadAmount, read_amount
from amends.cases.complaints.web.words import VERDICTS
from amends.people.access.web.refusals import refusal_text
from amends.people.access.web.signs import sign
from amends.platform.database.form_fields import ListField, NullableCharField
from amends.platform.kit.texts import says_why

_LONGEST = 2_000
_TOO_SHORT = _("Say it in a few words: at least six letters or three Chinese characters.")


NOT_PAYABLE = _(
    "No subscriber is known, so no money can be paid. Name the subscriber first, or leave it empty."
)


def _says_why(text: str) -> None:
    if not says_why(text):
        raise forms.ValidationError(_TOO_SHORT)


def _text(rows: int, **options: Any) -> forms.CharField:
    return forms.CharField(
        max_length=_LONGEST,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": _TOO_SHORT},
        **options,
    )


class LetterForm(forms.Form):
    """A reason for colleagues, which may be left out, and the text for the customer."""

    reason = _text(
        2,
        required=False,
        label=_("Note for colleagues"),
        help_text=_("It stays in the history. The customer never reads it."),
    )
    customer_text = _text(
        3,
        label=_("Text for the customer"),
        validators=[_says_why],
        help_text=_("It appears in the letter word for word. Write it in the customer's language."),
    )


class ReasonedForm(LetterForm):
    """The reason for colleagues has to be given: it stays on record."""

    reason = _text(
        2,
        label=_("Reason, for colleagues"),
        validators=[_says_why],
        help_text=_("It stays on record. The customer never reads it."),
    )
    amount = forms.CharField(
        required=False, max_length=24, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )

    def __init__(
        self, *args: Any, currency: str, symbol: str, payable: bool, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.currency, self.payable = currency, payable
        self.fields["amount"].label = _("Amount (%(sign)s)") % {"sign": symbol}

    def clean_amount(self) -> int:
        """The amount in minor units."""
        try:
            amount = read_amount(self.cleaned_data["amount"], self.currency)
        except UnableToReadAmount as error:
            raise forms.ValidationError(str(refusal_text(error))) from error
        if amount and not self.payable:
            raise forms.ValidationError(NOT_PAYABLE)
        return amount


class OverruleForm(ReasonedForm):
    """A verdict in place of the rule's."""

    field_order = ("verdict", "amount", "reason", "customer_text", "seen")
    verdict = forms.ChoiceField(
        label=_("Verdict"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose a verdict: upheld, upheld in part, or not upheld."),
            "invalid_choice": _("Choose a verdict: upheld, upheld in part, or not upheld."),
        },
    )
    seen = NullableCharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(code, sign(VERDICTS, code).word) for code in CHOICES]
        self.fields["verdict"].choices = choices
        self.fields["amount"].help_text = (
            _("In figures, for example 12.50. Never more than what was charged.")
            if self.payable
            else NOT_PAYABLE
        )

    def clean(self) -> dict[str, Any]:
        """A complaint that is not upheld has no amount."""
        cleaned: dict[str, Any] = self.cleaned_data
        if cleaned.get("verdict") == "not_upheld" and cleaned.get("amount"):
            self.add_error(
                "amount",
                _("A complaint that is not upheld has no amount. Leave it empty."),
            )
        return cleaned


class RegulatorOrderForm(ReasonedForm):
    """What the regulator decided."""

    field_order = ("amount", "reason", "customer_text")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["amount"].help_text = (
            _("In figures, for example 12.50. Leave it empty where no money is to be paid.")
            if self.payable
            else NOT_PAYABLE
        )
        self.fields["customer_text"].label = _("What did the regulator decide? For the customer")


class RepairForm(LetterForm):
    """When a fault was repaired, and how."""

    field_order = ("at", "customer_text", "reason")
    at = forms.DateTimeField(
        label=_("Repaired at"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["customer_text"].label = _("What was done? For the customer")


class ClockForm(LetterForm):
    """A deadline is extended, or stands still."""

    field_order = ("step", "how", "days", "customer_text", "reason")
    step = forms.CharField(max_length=24, widget=forms.HiddenInput)
    how = forms.ChoiceField(label=_("What does the rule allow here?"), widget=forms.RadioSelect)
    days = forms.IntegerField(required=False, min_value=1, label=_("Days more"))

    def __init__(
        self, *args: Any, days_left: int, pauses: Iterable[tuple[str, str]], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        extends = [("extend", _("Extend it"))] if days_left else []
        stops = [
            (why, _("Pause it: %(why)s") % {"why": reason_label}) for why, reason_label in pauses
        ]
        self.fields["how"].choices = [*extends, *stops]
        if extends and not stops:
            self.fields["how"].initial = "extend"
        if not days_left:
            del self.fields["days"]

    def clean(self) -> dict[str, Any]:
        """An extension has days."""
        cleaned: dict[str, Any] = self.cleaned_data
        if cleaned.get("how") == "extend" and not cleaned.get("days") and "days" not in self.errors:
            self.add_error("days", _("Write a whole number of days, for example 10."))
        return cleaned


class DeadlockForm(LetterForm):
    """No agreement is reached."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["customer_text"].label = _("Where we stand. For the customer")


class TurnDownForm(LetterForm):
    """It cannot be taken up as a complaint."""

    field_order = ("customer_text", "next_step", "reason")
    next_step = _text(
        2,
        label=_("What can the customer do instead?"),
        validators=[_says_why],
        help_text=_("It also appears in the letter."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["customer_text"].label = _("Why it cannot be accepted. For the customer")


class UrgentForm(forms.Form):
    """Whether a complaint is urgent, with the reason."""

    urgent = forms.TypedChoiceField(
        choices=[("1", "1"), ("0", "0")],
        coerce=lambda value: value == "1",
        widget=forms.HiddenInput,
    )
    reason = _text(
        3,
        label=_("Reason"),
        validators=[_says_why],
        help_text=_("It stays in the history. The customer never reads it."),
    )


class SubscriberForm(forms.Form):
    """The number by which the subscriber is found."""

    number = forms.CharField(
        label=_("Phone number, email address or account it is about"),
        help_text=_("As the customer gave it. Your choice is logged."),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class CorrectForm(forms.Form):
    """Another class for the complaint."""

    code = forms.ChoiceField(label=_("What is the complaint about?"))

    def __init__(self, *args: Any, classes: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["code"].choices = classes


class UnmaskForm(forms.Form):
    """The values to show in full, and the reason."""

    personal_fields = forms.MultipleChoiceField(
        label=_("What do you need?"),
        choices=[("phone", _("Phone")), ("name", _("Name")), ("email", _("Email"))],
        initial=["phone"],
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        max_length=200,
        label=_("Why?"),
        help_text=_("The customer can read this. For example: to call back about the repair date."),
    )


class DocumentForm(forms.Form):
    """That the document of a person was compared."""

    compared = forms.BooleanField(
        label=_("I compared name and photo with the person and with our record.")
    )


class CodeForm(forms.Form):
    """The code that the caller reads out."""

    code = forms.CharField(
        max_length=12,
        label=_("Code the caller reads out"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class EnquiryAnswerForm(forms.Form):
    """The answer to an enquiry."""

    words = forms.CharField(label=_("Answer"), widget=forms.Textarea(attrs={"rows": 8}))


class ApproveForm(forms.Form):
    """The letter as the page shows it or as it was changed, and the decision it belongs to.

    subject, body  None where no letter is sent
    """

    subject = NullableCharField(required=False)
    body = NullableCharField(required=False)
    seen = forms.CharField(required=False)
    queue = forms.CharField(required=False)
    confirmed = forms.BooleanField(required=False)

    def letter(self) -> dict[str, str]:
        """Subject and body, where the form has them."""
        texts = {name: self.cleaned_data[name] for name in ("subject", "body")}
        return {name: text for name, text in texts.items() if text is not None}


class UndoForm(forms.Form):
    """The approvals to undo; `on_page`: the page of the complaint is open."""

    complaint = ListField()
    on_page = forms.BooleanField(required=False)


class SeenForm(forms.Form):
    """The decision that the page showed, None where it names none."""

    seen = NullableCharField(required=False)


class MoveForm(forms.Form):
    """A move that sends no letter of its own."""

    reason = forms.CharField(
        max_length=_LONGEST,
        label=_("Reason"),
        help_text=_("It stays in the history. The customer never reads it."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class VerbForm(forms.Form):
    """Which move of the published table."""

    verb = forms.CharField(required=False)


class StepForm(forms.Form):
    """Which deadline."""

    step = forms.CharField(required=False)


class ResumeClockForm(forms.Form):
    """A paused deadline runs again."""

    how = forms.ChoiceField(
        choices=[("resume", "resume")], initial="resume", widget=forms.HiddenInput
    )
