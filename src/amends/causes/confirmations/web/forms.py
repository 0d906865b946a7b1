"""Forms of orders, signatures, audits and sanctions."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from amends.causes.confirmations.web.words import ORDERS
from amends.platform.database.form_fields import CleanTextField
from amends.platform.kit.dates import FIRST, LAST
from amends.platform.kit.formats import format_money, is_chinese
from amends.platform.kit.ids import random_id
from amends.record.catalogue.queries import offers


class OrderEntryForm(forms.Form):
    """An order that a clerk takes; `key` makes a second submission the same order.

    stop  whether the clerk has read what ends with the service
    """

    key = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)
    stop = forms.BooleanField(required=False, widget=forms.HiddenInput)
    person = CleanTextField(
        label=_("Number of the person"),
        max_length=32,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    order = forms.ChoiceField(
        label=_("What is asked for"),
        choices=list(ORDERS.items()),
        initial="open",
        widget=forms.RadioSelect,
    )
    offer = forms.ChoiceField(label=_("Offer, to open or to change to"), required=False)
    service = CleanTextField(
        label=_("Running service, to change or to stop"), required=False, max_length=64
    )
    seen = forms.BooleanField(label=_("I saw the person and a document"), required=False)
    document = CleanTextField(
        label=_("Reference of the signed paper"), required=False, max_length=80
    )

    def __init__(self, *args: Any, may_sign: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("key", random_id("take"))
        chinese = is_chinese(get_language() or "")
        self.fields["offer"].choices = [
            ("", "—"),
            *(
                (
                    offer.ref,
                    f"{offer.name_zh if chinese else offer.name_en}"
                    f" · {format_money(offer.price_minor, offer.currency)}",
                )
                for offer in offers(timezone.now())
            ),
        ]
        if not may_sign:
            del self.fields["seen"], self.fields["document"]

    def clean(self) -> dict[str, Any]:
        """Refuse a signature without its paper."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("seen") and not cleaned.get("document"):
            self.add_error(
                "document",
                _(
                    "The signed paper is not named. Write its reference, or let the user answer"
                    " the message."
                ),
            )
        return cleaned


class SignatureForm(forms.Form):
    """A signature at the counter."""

    seen = forms.BooleanField(
        label=_("I saw the person and a document"),
        error_messages={"required": _("Tick that you saw the person and a document.")},
    )
    document = CleanTextField(label=_("Reference of the signed paper"), max_length=80)


class SanctionForm(forms.Form):
    """A warning or a suspension of a partner; `audit` is the reference of its audit."""

    audit = forms.CharField(max_length=32, widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[("warning", _("warning")), ("suspension", _("suspension"))]
    )
    reason = CleanTextField(label=_("Reason"), max_length=200)


def _within(day: date) -> None:
    if not FIRST <= day <= LAST:
        raise ValidationError(
            _("Choose a year from %(first)s to %(last)s."),
            params={"first": FIRST.year, "last": LAST.year},
        )


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, widget=widget, validators=[_within])


class AuditPeriodForm(forms.Form):
    """The period of an audit."""

    first = _day(_("From"))
    last = _day(_("To"))
