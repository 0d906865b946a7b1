"""Who is still owed a notice: a list without names, each opened through access; and the refunds."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from amends.cases.audits.actions.open_missed_notice import open_missed_notice
from amends.cases.audits.actions.propose_refunds import preview, propose_refunds
from amends.cases.audits.queries import coverage_of_duties, missed_notices, numbers_of
from amends.cases.audits.web.coverage import judged_share
from amends.cases.audits.web.facts import sentence, source_words
from amends.cases.audits.web.periods import months_of
from amends.causes.notices.texts.duties import in_language, step_words, title_in_language
from amends.engines.duties.book import book
from amends.engines.duties.titles import words_of
from amends.people.access.queries import may
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.platform.kit.errors import BadInput
from amends.platform.kit.formats import is_chinese
from amends.platform.kit.packs import jurisdictions, pack
from amends.platform.tabular.responses import csv_response

SHOWN = 200
COLUMNS = (
    "key",
    "duty",
    "step",
    "service",
    "due_at",
    "told_at",
    "state",
    "untold_minor",
    "currency",
)
TONES = {"late": "warn", "failed": "bad", "missing": "bad", "unknown": "uncovered"}
STATES = {
    "missing": gettext_lazy("never sent"),
    "failed": gettext_lazy("not delivered"),
    "late": pgettext_lazy("notice", "late"),
    "unknown": gettext_lazy("not known: feed not covered"),
}


@requires("notices.owed")
@refusals_as_pages
def duty(request: HttpRequest, duty: str) -> HttpResponse:
    """The notices of one duty that did not arrive in time, the dearest first."""
    actor, today = actor_of(request), timezone.localdate()
    months = months_of(request, today)
    duty_rows = coverage_of_duties(
        months.names, on=today, brand=actor.brand, jurisdiction=settings.JURISDICTION
    )
    rows_by_duty = {duty_row.duty: duty_row for duty_row in duty_rows}
    own = words_of(duty, today, settings.JURISDICTION)
    if duty not in rows_by_duty and own is None:
        raise BadInput(
            _("Nothing is known of that duty."),
            next_step=_("Choose one from the list of duties."),
            code="duty_unknown",
        )
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    numbers = numbers_of(duty, months.names, brand=actor.brand)
    rows = missed_notices(duty, months.names, brand=actor.brand, state=state, limit=SHOWN)
    total = sum(numbers.values()) if not state else numbers.get(state, 0)
    context = {
        "now": timezone.now(),
        "duty": duty,
        "title": title_in_language(own or rows_by_duty[duty]),
        "words": in_language(own or rows_by_duty[duty]),
        "source": own.source if own else "",
        "verified": own.verified if own else False,
        "covered": rows_by_duty.get(duty),
        "judged": judged_share(rows_by_duty[duty].total) if duty in rows_by_duty else None,
        "months": months,
        "state": state,
        "tabs": [(name, label, numbers.get(name, 0)) for name, label in STATES.items()],
        "all": sum(numbers.values()),
        "rows": [
            (row, TONES[row.state], STATES[row.state], step_said(duty, row.step, today))
            for row in rows
        ],
        "more": total - len(rows),
        "may_give_back": may(actor.roles, "notices.remedy"),
    }
    return render(request, "audits/missed_notices.html", context)


def step_said(duty: str, step: str, on: date) -> str:
    """A step as a reader knows it: its amount or share; as it is called where no rule knows it."""
    jurisdiction = duty.partition(".")[0]
    duty_rule = book(jurisdiction, on).find(duty) if jurisdiction in jurisdictions() else None
    duty_step = (
        next((rule_step for rule_step in duty_rule.steps if rule_step.id == step), None)
        if duty_rule
        else None
    )
    if duty_rule is None or duty_step is None:
        return step
    money = duty_rule.currency or pack(jurisdiction, on).currency
    chinese = is_chinese(get_language() or "")
    return "" if duty_step.kind == "once" else step_words(duty_step, money, chinese=chinese)


@requires("notices.owed")
@refusals_as_pages
def duty_csv(request: HttpRequest, duty: str) -> HttpResponse:
    """The same list as CSV: references only, no names."""
    actor = actor_of(request)
    months = months_of(request, timezone.localdate())
    rows = [
        [
            missed_notice.key,
            missed_notice.duty,
            missed_notice.step,
            missed_notice.service,
            missed_notice.due_at.isoformat(),
            missed_notice.reached_at.isoformat() if missed_notice.reached_at else "",
            missed_notice.state,
            missed_notice.excess_minor,
            missed_notice.currency,
        ]
        for missed_notice in missed_notices(duty, months.names, brand=actor.brand, limit=1_000_000)
    ]
    return csv_response("owed.csv", COLUMNS, rows)


@requires("notices.owed")
@refusals_as_pages
def notice(request: HttpRequest, key: str) -> HttpResponse:
    """One notice owed, whose it is (masked), and what the ledger shows of that time."""
    opened = open_missed_notice(key, actor=actor_of(request), now=timezone.now())
    missed_notice = opened.notice
    own = words_of(missed_notice.duty, timezone.localdate(), settings.JURISDICTION)
    context: dict[str, Any] = {
        "now": timezone.now(),
        "opened": opened,
        "notice": missed_notice,
        "title": title_in_language(own) if own else missed_notice.duty,
        "words": in_language(own) if own else "",
        "source": own.source if own else "",
        "tone": TONES[missed_notice.state],
        "state": STATES[missed_notice.state],
        "facts": [(fact, sentence(fact), source_words(fact.source)) for fact in opened.facts],
    }
    return render(request, "audits/missed_notice.html", context)


@requires("notices.remedy")
@refusals_as_pages
def refunds(request: HttpRequest) -> HttpResponse:
    """What would be given back, seen before it is proposed; a POST proposes it."""
    actor, now = actor_of(request), timezone.now()
    months = months_of(request, timezone.localdate())
    if request.method == "POST":
        proposed = propose_refunds(periods=months.names, actor=actor, now=now)
        number = len(proposed.proposals)
        message = ngettext(
            "%(n)s refund is proposed; it waits for approval.",
            "%(n)s refunds are proposed; they wait for approval.",
            number,
        )
        messages.success(request, message % {"n": number})
        return redirect("remedies")
    seen = preview(periods=months.names, brand=actor.brand, now=now)
    context = {
        "now": now,
        "months": months,
        "seen": seen,
        "sums": list(seen.sums.items()),
        "rows": seen.proposals[:SHOWN],
        "more": len(seen.proposals) - SHOWN,
    }
    return render(request, "audits/refunds.html", context)
