"""The months a page is about, from its address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

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


def months_of(request: HttpRequest, today: date) -> Months:
    """The months asked for; the last six audited ones if nothing is said."""
    known_months = tuple(audited_months()) or (today.replace(day=1).isoformat(),)
    query = request.GET if request.method == "GET" else request.POST
    first = _month(query.get("from", "")) or known_months[-SHOWN:][0]
    last = _month(query.get("to", "")) or known_months[-1]
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
