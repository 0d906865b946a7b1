"""The forms of launches."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from amends.causes.launches.queries.files import read_case
from amends.causes.launches.queries.prices import price_of
from amends.causes.launches.rules.assess import GATE_WORDS
from amends.causes.launches.rules.case import Case
from amends.causes.launches.rules.sheets import MOST_ERRORS, UnableToReadCase
from amends.platform.kit.errors import BadInput


class CaseForm(forms.Form):
    """A case to assess; every cell that cannot be used is an error of the field."""

    file = forms.FileField(
        label=_("Workbook or JSON"), widget=forms.FileInput({"accept": ".xlsx,.json"})
    )

    def clean_file(self) -> Case:
        """The checked case."""
        sent = self.cleaned_data["file"]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / ("case" + Path(sent.name or "").suffix.lower()[:6])
            path.write_bytes(sent.read())
            try:
                return read_case(path, price_of)
            except UnableToReadCase as error:
                error_texts = [
                    input_error.translated(gettext)[0] for input_error in error.errors[:MOST_ERRORS]
                ]
                raise ValidationError(error_texts) from error
            except BadInput as error:
                raise ValidationError(error.in_words(gettext)) from error


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class LaunchApprovalForm(ReasonForm):
    """Why a launch may start, and why without each gate that is not passed."""

    def __init__(self, data: Any = None, *, barred: Iterable[str]) -> None:
        super().__init__(data, auto_id="approve_%s")
        self.barred = list(barred)
        for gate in self.barred:
            label = _("Why without “%(gate)s”") % {"gate": gettext(GATE_WORDS[gate])}
            self.fields[f"gate_{gate}"] = forms.CharField(label=label, max_length=300)

    @property
    def gates(self) -> dict[str, str]:
        """Each gate that is not passed → the reason given."""
        return {gate: self.cleaned_data[f"gate_{gate}"] for gate in self.barred}


class StartForm(forms.Form):
    """What was shown before the sale begins: what changed since is shown again."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)


class WithdrawalForm(ReasonForm):
    """Which offer the users of a stopped one are asked to move to."""

    replacement = forms.ChoiceField(label=_("Offer to move to"))

    def __init__(self, data: Any = None, *, choices: Iterable[tuple[str, str]]) -> None:
        super().__init__(data, auto_id="withdraw_%s")
        self.fields["replacement"].choices = list(choices)
        self.order_fields(["replacement", "reason"])
