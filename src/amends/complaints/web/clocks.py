"""The clocks beside the story: what their rules allow, and the buttons that use it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from amends.access.web.permission import actor_of, requires
from amends.access.web.refusals import refusals_as_pages
from amends.complaints.actions.extend_clock import extend_clock
from amends.complaints.actions.note_repair import UnableToNoteRepair, note_repair
from amends.complaints.actions.pause_clock import pause_clock, resume_clock
from amends.complaints.actions.start_clocks import from_receipt
from amends.complaints.casefile import CaseFile, find
from amends.complaints.models import Clock, Complaint
from amends.complaints.movable import movable
from amends.complaints.rules.allowances import PAUSES
from amends.complaints.rules.clocks import Due, UnableToKnowLimits, rule_sets
from amends.complaints.views import ClockView
from amends.complaints.web.words import Words, chinese, step_words
from amends.kit.dates import parse_moment
from amends.kit.errors import BadInput
from amends.kit.formats import format_date
from amends.kit.packs import day_in


class UnableToReadDays(BadInput):
    """The days are no whole number, or there is no such change."""

    code = "days_unreadable"


@dataclass(frozen=True, slots=True)
class Ticking:
    """A clock of the complaint: binding ones rule, the others are shown beside them."""

    step: Words
    due_at: datetime
    rule: str
    binding: bool
    verified: bool
    done: str
    done_at: datetime | None
    too_late: bool
    paused: str


@dataclass(frozen=True, slots=True)
class Moving:
    """A clock that may be moved, in words."""

    code: str
    step: Words
    rule: str
    days_left: int
    pauses: list[tuple[str, str]]
    stands: bool


def is_missed(clock: ClockView | Clock) -> bool:
    """Whether what was due came after its deadline: late is never shown as met."""
    return clock.met_at is not None and clock.met_at > clock.due_at


def ticking(file: CaseFile) -> list[Ticking]:
    """The clocks that still run or that were met, binding ones first."""
    shown = [
        Ticking(
            step=step_words(clock.step),
            due_at=clock.due_at,
            rule=clock.rule,
            binding=clock.binding,
            verified=clock.verified,
            done=_how_done(clock),
            done_at=clock.met_at,
            too_late=is_missed(clock),
            paused=_("clock stands still") if clock.paused_at else "",
        )
        for clock in file.clocks
    ]
    return sorted(shown, key=lambda clock: (not clock.binding, bool(clock.done), clock.due_at))


def _how_done(clock: ClockView) -> str:
    if clock.met_at is None:
        return ""
    return pgettext("deadline", "done late") if is_missed(clock) else pgettext("deadline", "met")


@dataclass(frozen=True, slots=True)
class OfTheDay:
    """The rules that applied on the day of receipt, and what they asked of a complaint like it."""

    rules: tuple[str, ...]
    dues: tuple[tuple[Words, Due], ...]


def of_the_day(complaint: Complaint) -> OfTheDay | None:
    """What applied on the day it was filed, of history too; None where nobody knows."""
    try:
        files = rule_sets(
            jurisdiction=complaint.jurisdiction,
            province=complaint.province,
            on=day_in(complaint.jurisdiction, complaint.received_at),
        )
        dues = from_receipt(complaint, received_at=complaint.received_at)
    except UnableToKnowLimits:
        return None
    return OfTheDay(
        tuple(file.version for file in files), tuple((step_words(due.step), due) for due in dues)
    )


def moving(file: CaseFile, *, now: datetime) -> list[Moving]:
    """The clocks a handler may extend, stop or let run on."""
    if not file.complaint.is_open:
        return []
    place = 0 if chinese() else 1
    return [
        Moving(
            code=one.clock.step,
            step=step_words(one.clock.step),
            rule=(one.rule.zh, one.rule.en)[place],
            days_left=one.days_left,
            pauses=[(why, PAUSES[why][place]) for why in one.pauses],
            stands=one.stands,
        )
        for one in (movable(clock, now=now) for clock in file.clocks)
        if one.anyhow
    ]


@require_POST
@requires("complaints.handle")
@refusals_as_pages
def change(request: HttpRequest, ref: str) -> HttpResponse:
    """Extend a clock, let it stand still, or let it run on."""
    actor, now = actor_of(request), timezone.now()
    complaint = find(ref, brand=actor.brand)
    step, reason = request.POST.get("step", ""), request.POST.get("reason", "")
    how = request.POST.get("how", "")
    if how == "extend":
        days = _days(request.POST.get("days", ""))
        until = extend_clock(complaint.id, step, days=days, reason=reason, actor=actor, now=now)
        said = _("Extended. The answer is due by %(day)s; the user is told why.")
    elif how == "resume":
        until = resume_clock(complaint.id, step, actor=actor, now=now)
        said = _("The clock runs on. The answer is due by %(day)s; the user is told.")
    else:
        pause_clock(complaint.id, step, why=how, reason=reason, actor=actor, now=now)
        messages.success(request, _("The clock stands still; the user is told why."))
        return redirect("complaint", complaint.id)
    language = "zh" if chinese() else "en"
    day = format_date(until, language, str(timezone.get_current_timezone()))
    messages.success(request, said % {"day": day})
    return redirect("complaint", complaint.id)


@require_POST
@requires("complaints.handle")
@refusals_as_pages
def repaired(request: HttpRequest, ref: str) -> HttpResponse:
    """Note that the fault is gone, and when."""
    actor, now = actor_of(request), timezone.now()
    complaint = find(ref, brand=actor.brand)
    at = _moment(request.POST.get("at", ""))
    what = request.POST.get("reason", "")
    if note_repair(complaint.id, at=at, what=what, actor=actor, now=now):
        messages.success(request, _("Noted: repaired within its limit. The user is told."))
    else:
        messages.success(request, _("Noted: repaired after its limit. The user is told."))
    return redirect("complaint", complaint.id)


def _moment(text: str) -> datetime:
    """A day and time as the field of a form gives them, in the reader's zone."""
    try:
        found = parse_moment(text)
        return found if found.tzinfo else timezone.make_aware(found)
    except ValueError as error:
        raise UnableToNoteRepair(
            _("The day and time of the repair cannot be read."),
            meaning=_("Nothing was changed."),
            next_step=_("Choose them again."),
        ) from error


def _days(text: str) -> int:
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit() and len(plain) <= 4):
        raise UnableToReadDays(
            _("The days cannot be read."),
            meaning=_("Nothing was changed."),
            next_step=_("Write a whole number of days, for example 10."),
        )
    return int(plain)
