"""The months a page is about, from its address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _

from amends.cases.audits.queries import audited_months, month_names
from amends.platform.kit.dates import parse_day
from amends.platform.kit.errors import BadInput
from amends.platform.kit.terms import shifted

SHOWN = 6


@dataclass(frozen=True, slots=True)
class Months:
    """The first and last month of a page (both inside), and those there are to choose from."""

    first: str
    last: str
    known: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """First days of the months, in order."""
        start, end = date.fromisoformat(self.first), date.fromisoformat(self.last)
        return month_names(start, shifted(end, 1))

    @property
    def query(self) -> str:
        """The address part that says the same."""
        return urlencode({"from": self.first[:7], "to": self.last[:7]})


class MonthsForm(forms.Form):
    """The first and the last month, as 2026-11."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # "from" is the name in the address, and a keyword of Python.
        for name in ("from", "to"):
            self.fields[name] = forms.CharField(required=False)


def months_of(request: HttpRequest, today: date) -> Months:
    """The months asked for; the last six audited ones if nothing is said."""
    known_months = tuple(audited_months()) or (today.replace(day=1).isoformat(),)
    form = MonthsForm(request.GET if request.method == "GET" else request.POST)
    months = form.cleaned_data if form.is_valid() else {}
    first = _month(months.get("from", "")) or known_months[-SHOWN:][0]
    last = _month(months.get("to", "")) or known_months[-1]
    if last < first:
        first, last = last, first
    return Months(first, last, tuple(sorted({*known_months, first, last})))


def _month(text: str) -> str:
    if not text:
        return ""
    try:
        return parse_day(f"{text[:7]}-01").isoformat()
    except ValueError as error:
        raise BadInput(
            _("%(text)s is not a month.") % {"text": text[:20]},
            next_step=_("Choose a month from the list."),
            code="month_unreadable",
        ) from error
