"""The page of indicators by channel: one period, one row per channel, with the definitions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.http import require_safe

from amends.channels.queries.capabilities import channel_sign
from amends.people.access.web.permission import actor_of, requires
from amends.platform.kit.formats import is_chinese
from amends.problems.indicators.queries.channels import channel_figures
from amends.problems.indicators.rules.channel_figures import (
    DefinedIndicator,
    channel_indicators,
    participation_indicators,
)

DAYS = 30
CALENDAR = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2100, 1, 1))]


def _defined(rows: Sequence[DefinedIndicator], *, chinese: bool) -> list[tuple[str, str, str]]:
    """Id, name and what is counted of each, in the reader's language."""
    return [
        (row.id, row.zh, row.counts_zh) if chinese else (row.id, row.en, row.counts_en)
        for row in rows
    ]


class PeriodForm(forms.Form):
    """First and last day, both included."""

    since = forms.DateField(
        label=gettext_lazy("First day"),
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        validators=CALENDAR,
    )
    until = forms.DateField(
        label=gettext_lazy("Last day"),
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        validators=CALENDAR,
    )

    def period(self, today: date) -> tuple[date, date]:
        """The period chosen; the last 30 days where none, or one that ends before it begins."""
        if self.is_bound and self.is_valid():
            since, until = self.cleaned_data["since"], self.cleaned_data["until"]
            if since <= until:
                return since, until
        return today - timedelta(days=DAYS - 1), today


@require_safe
@requires("indicators.read")
def channels_page(request: HttpRequest) -> HttpResponse:
    """Each channel with its figures and intervals; what each figure counts is on the page."""
    today = timezone.localdate()
    form = PeriodForm(request.GET if "since" in request.GET else None)
    since, until = form.period(today)
    figures = channel_figures(since, until, brand=actor_of(request).brand)
    chinese = is_chinese(get_language() or "")
    context = {
        "form": form if form.is_bound else PeriodForm(initial={"since": since, "until": until}),
        "found": figures,
        "rows": [(channel, channel_sign(channel.channel)) for channel in figures.channels],
        "definitions": _defined(channel_indicators(today), chinese=chinese),
        "participation": _defined(participation_indicators(today), chinese=chinese),
    }
    return render(request, "indicators/channels.html", context)
