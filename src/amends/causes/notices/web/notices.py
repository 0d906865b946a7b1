"""Duties in force with their texts, notices sent, and what is held."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from amends.causes.notices.models import Notice
from amends.causes.notices.queries import HoldView, NoticeView, counts_by_state, holds, listed
from amends.causes.notices.queries.accounts import recent_line_changes
from amends.causes.notices.rules.texts import words
from amends.causes.notices.texts.accounts import change_words
from amends.causes.notices.texts.duties import (
    channel_words,
    exempt_words,
    find_duty,
    in_language,
    lead_words,
    mark_words,
    period_words,
    previews,
    region_words,
    step_words,
    title_in_language,
)
from amends.causes.notices.web.forms import HoldConsentForm
from amends.engines.duties.book import book
from amends.engines.duties.duty import Duty, DutyStep
from amends.engines.duties.tolerance import tolerance
from amends.people.access.queries import may
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.people.subscribers.queries import subscribers
from amends.platform.kit.citations import is_own
from amends.platform.kit.dates import parse_day
from amends.platform.kit.errors import BadInput
from amends.platform.kit.formats import is_chinese, join_words
from amends.platform.kit.packs import Verified, day_in, jurisdictions, pack
from amends.platform.kit.periods import to_ms
from amends.record.ledger.queries import StoredFact, facts_on

PHASES = ("before", "effect", "during", "expiry")
_ROWS = 100
_SEEN_BY = re.compile(r"seen at a counter by (?P<who>[^,]+), paper")
_LACKS = "lacks "
_GAVE_UP = re.compile(r"failed (\d+) times: (.*)", re.DOTALL)
_TONES = {
    "delivered": "ok",
    "sent": "ok",
    "posted": "plain",
    "due": "plain",
    "unknown": "warn",
    "failed": "bad",
    "incomplete": "warn",
    "declined": "plain",
    "cancelled": "plain",
}


@dataclass(frozen=True, slots=True)
class DutyRow:
    """One duty as the list shows it."""

    duty: Duty
    title: str
    words: str
    steps: str
    mark: tuple[str, str]


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice as the list shows it; who it is for is a pseudonym, shortened."""

    one: NoticeView
    words: str
    about: str
    tone: str
    state: str
    channels: str
    reason: str
    whom: str
    late: bool


@requires("notices.read")
@refusals_as_pages
def duties(request: HttpRequest) -> HttpResponse:
    """The duties in force on a day in a place, by phase."""
    jurisdiction_code, day = _place(request)
    rules = book(jurisdiction_code, day)
    lines = [_duty_row(duty, rules.currency) for duty in rules.duties]
    context = {
        "day": day,
        "code": jurisdiction_code,
        "packs": [
            (jurisdiction, in_language(pack(jurisdiction, day))) for jurisdiction in jurisdictions()
        ],
        "groups": [
            (phase_words(phase), phase_lines)
            for phase in PHASES
            if (phase_lines := [line for line in lines if line.duty.phase == phase])
        ],
        "quiet": rules.quiet,
        "quiet_mark": mark_of(rules.quiet) if rules.quiet else None,
        "versions": rules.versions,
        "tab": "duties",
    }
    return render(request, "notices/duties.html", context)


@requires("notices.read")
@refusals_as_pages
def duty(request: HttpRequest, duty: str) -> HttpResponse:
    """One duty: what it obliges, its source, and its texts in both languages."""
    jurisdiction, day = _place(request)
    rules, duty_rule = find_duty(jurisdiction, duty, day)
    chinese, currency = _chinese(), duty_rule.currency or rules.currency
    national = rules.national_duty_of(duty_rule.id)
    where = region_words(duty_rule, day, chinese=chinese)
    context = {
        "duty": duty_rule,
        "title": title_in_language(duty_rule),
        "words": in_language(duty_rule),
        "note": duty_rule.note_zh if chinese else duty_rule.note_en,
        "mark": mark_of(duty_rule),
        "exempt": exempt_words(duty_rule, chinese=chinese),
        "region": where[0] if where else "",
        "region_of": where[1] if where else None,
        "region_mark": mark_of(where[1]) if where else None,
        "national": national,
        "national_pack": national.id.partition(".")[0] if national else "",
        "national_words": title_in_language(national) if national else "",
        "national_marks": mark_words(national, rules.currency, chinese=chinese) if national else "",
        "national_mark": mark_of(national) if national else None,
        "phase": phase_words(duty_rule.phase),
        "code": jurisdiction,
        "day": day,
        "steps": [
            (step, step_words(step, currency, chinese=chinese), mark_of(step), action_words(step))
            for step in duty_rule.steps
        ],
        "lead": lead_words(duty_rule.lead, chinese=chinese) if duty_rule.lead else "",
        "lead_mark": mark_of(duty_rule.lead) if duty_rule.lead else None,
        "within": lead_words(duty_rule.within, chinese=chinese) if duty_rule.within else "",
        "within_mark": mark_of(duty_rule.within) if duty_rule.within else None,
        "channels": join_words(map(channel_words, duty_rule.channels), get_language() or "zh"),
        "previews": previews(rules, duty_rule),
        "tab": "duties",
    }
    return render(request, "notices/duty.html", context)


@requires("notices.read")
@refusals_as_pages
def sent_notices(request: HttpRequest) -> HttpResponse:
    """Notices and their outcomes, newest first."""
    state = request.GET.get("state", "")
    if state and state not in Notice.State.values:
        raise BadInput(
            _("There is no such state."),
            next_step=_("Choose one of the tabs."),
            code="notices_unknown",
        )
    rows = _of_brand(listed(state=state, limit=_ROWS), actor_of(request).brand)
    counts = counts_by_state() if not actor_of(request).brand else {}
    context = {
        "lines": [_notice_row(row) for row in rows],
        "state": state,
        "states": [(value, label, counts.get(value, 0)) for value, label in Notice.State.choices],
        "most": _ROWS,
        "tab": "sent",
    }
    return render(request, "notices/sent.html", context)


@requires("notices.read")
@refusals_as_pages
def held(request: HttpRequest) -> HttpResponse:
    """Use that goes no further until the user consents, and holds that ended."""
    return holds_page(request)


def holds_page(
    request: HttpRequest, key: str = "", refused: HoldConsentForm | None = None, status: int = 200
) -> HttpResponse:
    """The page; `refused` is the form of the hold with this key."""
    rows = _of_brand(holds(standing=False, limit=_ROWS), actor_of(request).brand)
    consent_facts = facts_on({row.service for row in rows if row.consent}, kinds={"ConsentGiven"})
    consents = {fact.id: fact for fact in consent_facts}
    context = {
        "lines": [
            (
                row,
                duty_words(row),
                shortened(row.subscriber),
                ended_words(row.ended_by),
                consent_words(consents.get(row.consent)),
                refused if refused and row.key == key else HoldConsentForm(key=row.key),
            )
            for row in rows
        ],
        "standing": sum(row.ended_at is None for row in rows),
        "may_consent": may(actor_of(request).roles, "confirmations.counter"),
        "tab": "holds",
        "refused": refused,
    }
    return render(request, "notices/holds.html", context, status=status)


@requires("notices.read")
@refusals_as_pages
def line_changes(request: HttpRequest) -> HttpResponse:
    """Top-ups, balances and plans as other systems stated them: newest first."""
    currency = pack(settings.JURISDICTION, timezone.localdate()).currency
    rows = _of_brand(recent_line_changes(limit=_ROWS), actor_of(request).brand)
    context = {
        "lines": [
            (
                row,
                *change_words(row.kind, row.counter, row.amount, row.plan, currency),
                shortened(row.subscriber),
            )
            for row in rows
        ],
        "most": _ROWS,
        "tab": "lines",
    }
    return render(request, "notices/line_changes.html", context)


class Sourced(Protocol):
    """Whatever names its source, and how far that was read."""

    @property
    def source(self) -> str: ...
    @property
    def verified(self) -> Verified: ...


def mark_of(sourced: Sourced) -> tuple[str, str]:
    """Tone and words for how far a source was read; an own rule has no text to read."""
    if sourced.verified is True and is_own(sourced.source):
        return "plain", _("own rule")
    if sourced.verified is True:
        return "ok", _("source read")
    if sourced.verified == "press":
        return "warn", _("press only")
    return "warn", _("not verified")


def phase_words(phase: str) -> str:
    """When in the life of a service a duty applies."""
    return {
        "before": pgettext("phase", "Before"),
        "effect": _("On taking effect"),
        "during": _("While it runs"),
        "expiry": _("Before it ends"),
    }[phase]


def action_words(step: DutyStep) -> str:
    """What goes with the notice."""
    return str(Notice.Action(step.action).label)


def duty_words(hold_view: HoldView) -> str:
    """The title of the duty of a hold, by the rules of the day it began."""
    jurisdiction = hold_view.duty.partition(".")[0]
    duty_rule = book(jurisdiction, day_in(jurisdiction, hold_view.held_at)).find(hold_view.duty)
    return title_in_language(duty_rule) if duty_rule else hold_view.duty


def ended_words(ended_by: str) -> str:
    """Why a hold ended."""
    return {"consent": _("the user consented"), "period": _("the billing period ended")}.get(
        ended_by, ended_by
    )


def consent_words(fact: StoredFact | None) -> str:
    """By which way a consent came, and which colleague saw the person, if one did."""
    if fact is None:
        return ""
    way = channel_words(str(fact.payload.get("channel", "")))
    seen = _SEEN_BY.search(str(fact.payload.get("purpose", "")))
    return f"{way} · {seen['who']}" if seen else way


def reason_words(reason: str) -> str:
    """The reason of a notice's state; a provider's words stay as they are."""
    if tried := _GAVE_UP.fullmatch(reason):
        count = int(tried[1])
        message = ngettext("failed %(n)s time: %(why)s", "failed %(n)s times: %(why)s", count)
        return message % {"n": count, "why": tried[2]}
    if reason.startswith(_LACKS):
        element = words(timezone.localdate()).elements.get(reason.removeprefix(_LACKS))
        if element is not None:
            return _("%(what)s is not known") % {"what": in_language(element)}
    return {
        "no other channel is left": _("no other channel is left"),
        "no contact on record": _("no contact on record"),
        "the subscriber has left": _("the subscriber has left"),
        "no receipt came": _("no receipt came"),
        "declined by the user": "",
        "nobody answered": _("no answer"),
        "no_answer_from_phone": _("the phone did not answer"),
        "nobody is reached there": _("the contact does not work"),
        "the letter came back": _("the letter came back"),
        "the sender stopped": _("the sender stopped before it said whether it was sent"),
        "the recipient is forgotten": _("the recipient is forgotten"),
        "found in the sent folder": _("found in the sent folder"),
    }.get(reason, reason)


def is_late(notice_view: NoticeView) -> bool:
    """Whether it was sent later than the auditor would let pass."""
    if notice_view.sent_at is None:
        return False
    marks = tolerance(timezone.localdate(notice_view.due_at))
    return to_ms(notice_view.sent_at) > to_ms(notice_view.due_by) + marks.late_ms(notice_view.duty)


def shortened(pseudonym: str) -> str:
    """A pseudonym as lists show it: enough to distinguish two, not to identify a person."""
    return f"{pseudonym[:4]}…{pseudonym[-4:]}" if len(pseudonym) > 10 else "…"


def _duty_row(duty: Duty, currency: str) -> DutyRow:
    chinese, money = _chinese(), duty.currency or currency
    marks = [step_words(step, money, chinese=chinese) for step in duty.steps if step.kind != "once"]
    steps = join_words(marks, get_language() or "zh") if marks else ""
    if duty.lead:
        steps = lead_words(duty.lead, chinese=chinese)
        steps = f"提前{steps}" if chinese else f"{steps} before"
    return DutyRow(
        duty=duty,
        title=title_in_language(duty),
        words=in_language(duty),
        steps=steps,
        mark=mark_of(duty),
    )


def _notice_row(notice_view: NoticeView) -> NoticeRow:
    duty_rule = book(notice_view.pack, date.fromisoformat(notice_view.version)).find(
        notice_view.duty
    )
    return NoticeRow(
        one=notice_view,
        words=title_in_language(duty_rule) if duty_rule else notice_view.duty,
        about=_about(notice_view, duty_rule),
        tone=_TONES[notice_view.state],
        state=str(Notice.State(notice_view.state).label),
        channels=" → ".join(channel_words(channel) for channel in notice_view.channels),
        reason=reason_words(notice_view.reason),
        whom=shortened(notice_view.subscriber),
        late=is_late(notice_view),
    )


def _about(notice_view: NoticeView, duty: Duty | None) -> str:
    """At which mark and for what a notice was due."""
    step = (
        next((each for each in duty.steps if each.id == notice_view.step), None) if duty else None
    )
    parts = [period_words(notice_view.period)]
    if duty and step and step.kind != "once":
        money = (
            duty.currency
            or pack(notice_view.pack, date.fromisoformat(notice_view.version)).currency
        )
        parts.insert(0, step_words(step, money, chinese=_chinese()))
    return " · ".join(parts)


def _of_brand(rows: Iterable[Any], brand: str) -> list[Any]:
    """Only those of the brand a person is confined to."""
    all_rows: list[NoticeView | HoldView] = list(rows)
    if not brand:
        return all_rows
    people = subscribers(notice_row.subscriber for notice_row in all_rows)
    return [
        notice_row
        for notice_row in all_rows
        if notice_row.subscriber in people and people[notice_row.subscriber].brand == brand
    ]


def _place(request: HttpRequest) -> tuple[str, date]:
    code = request.GET.get("pack", settings.JURISDICTION)
    if code not in jurisdictions():
        raise BadInput(
            _("There is no pack of that name."),
            next_step=_("Choose one of %(packs)s.") % {"packs": ", ".join(jurisdictions())},
            code="notices_unknown",
        )
    text = request.GET.get("on", "")
    try:
        return code, parse_day(text) if text else timezone.localdate()
    except ValueError as error:
        raise BadInput(
            _("The day cannot be read."),
            next_step=_("Write it like 2026-11-24."),
            code="notices_unknown",
        ) from error


def _chinese() -> bool:
    return is_chinese(get_language() or "zh")
