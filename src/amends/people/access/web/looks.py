"""Unusual looks: signals for the privacy officer to judge, with what each rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amends.people.access.queries import LookView, UnusualLook, looks_between, unusual_looks
from amends.people.access.queries.colleagues import people
from amends.people.access.queries.rights import rules_on
from amends.people.access.texts import reason_of
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.people.access.web.words import chinese, field_words
from amends.platform.kit.errors import BadInput
from amends.platform.kit.periods import from_ms

PERIODS = (
    (7, gettext_lazy("7 days")),
    (28, gettext_lazy("4 weeks")),
    (91, gettext_lazy("13 weeks")),
)
_LOOKS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class SignalRow:
    """One look a signal rests on."""

    look: LookView
    fields: list[object]
    reason: str


@dataclass(frozen=True, slots=True)
class SignalGroup:
    """A signal as the page shows it; `more` looks are not listed."""

    unusual: UnusualLook
    words: str
    who: str
    role: str
    first: datetime
    last: datetime
    seen: list[SignalRow]
    more: int


@requires("access.audit")
@refusals_as_pages
def looks(request: HttpRequest) -> HttpResponse:
    """What is unusual in the looks of a period, the strongest first."""
    days = request.GET.get("days", "28")
    if days not in {str(number) for number, _label in PERIODS}:
        raise BadInput(
            _("There is no such period."),
            next_step=_("Choose one of the tabs."),
            code="period_not_offered",
        )
    now = timezone.now()
    since = now - timedelta(days=int(days))
    brand = actor_of(request).brand
    findings = unusual_looks(since, now, brand=brand)
    wanted = {fact for finding in findings for fact in finding.looks[:_LOOKS_SHOWN]}
    by_fact: dict[str, LookView] = {}
    total = 0
    for look in looks_between(since, now, brand=brand):
        if not look.by_platform and look.role != "subscriber":
            total += 1
        if look.fact in wanted:
            by_fact[look.fact] = look
    names = people(
        {finding.user for finding in findings} | {look.user for look in by_fact.values()}
    )
    roles = rules_on(timezone.localdate(now)).roles
    context = {
        "signals": [_signal(finding, by_fact, names, roles) for finding in findings],
        "periods": [(str(number), label, str(number) == days) for number, label in PERIODS],
        "total": total,
    }
    return render(request, "desk/looks.html", context)


def _signal(
    finding: UnusualLook,
    by_fact: dict[str, LookView],
    names: dict[str, str],
    roles: Mapping[str, tuple[str, str]],
) -> SignalGroup:
    in_chinese = chinese()
    seen = [by_fact[fact] for fact in finding.looks[:_LOOKS_SHOWN] if fact in by_fact]
    role = roles.get(finding.role, (finding.role, finding.role))
    return SignalGroup(
        unusual=finding,
        words=finding.zh if in_chinese else finding.en,
        who=names.get(finding.user, finding.user),
        role=role[0] if in_chinese else role[1],
        first=from_ms(finding.first_ms),
        last=from_ms(finding.last_ms),
        seen=[SignalRow(look, list(field_words(look.fields)), reason_of(look)) for look in seen],
        more=len(finding.looks) - len(seen),
    )
