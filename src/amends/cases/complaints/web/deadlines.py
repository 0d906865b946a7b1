"""Move a deadline as its rule allows, note a repair: each tells the customer by a letter."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from amends.cases.complaints.actions.extend_clock import extend_clock
from amends.cases.complaints.actions.pause_clock import pause_clock, resume_clock
from amends.cases.complaints.actions.record_repair import note_repair
from amends.cases.complaints.actions.running_clocks import UnableToMoveDeadline
from amends.cases.complaints.queries.casefile import case_file, find
from amends.cases.complaints.web.clocks import moving
from amends.cases.complaints.web.dialogs import answered, moving_clock, repairing, resuming_clock
from amends.cases.complaints.web.forms import StepForm
from amends.cases.complaints.web.permissions import works_on
from amends.people.access.web.permission import actor_of
from amends.people.access.web.refusals import refusals_as_pages
from amends.people.access.web.words import chinese
from amends.platform.kit.formats import format_date


@require_http_methods(["GET", "POST"])
@works_on("complaints.handle")
@refusals_as_pages
def change(request: HttpRequest, ref: str) -> HttpResponse:
    """Extend a clock, let it stand still, or let it run on."""
    actor, now = actor_of(request), timezone.now()
    complaint = find(ref, brand=actor.brand)
    named = StepForm(request.GET if "step" in request.GET else request.POST)
    named.full_clean()
    step = named.cleaned_data["step"]
    clocks = {clock.code: clock for clock in moving(case_file(complaint), now=now)}
    clock = clocks.get(step)
    if clock is None:
        raise UnableToMoveDeadline(
            _("This deadline cannot be moved."),
            meaning=_("Nothing was changed."),
            next_step=_("Load the complaint again; its deadlines are listed beside the story."),
        )
    data = request.POST if request.method == "POST" else None

    def resume(_cleaned: dict[str, Any]) -> str:
        until = resume_clock(complaint.id, step, actor=actor, now=now)
        message = _(
            "The deadline is running again. The answer is due by %(day)s; the user is notified."
        )
        return message % {"day": _day(until)}

    if clock.is_paused:
        dialog = resuming_clock(complaint, clock, data=data)
        return answered(request, complaint, dialog, resume)

    def act(typed: dict[str, Any]) -> str:
        written = {"reason": typed["reason"], "customer_text": typed["customer_text"]}
        if typed["how"] == "extend":
            until = extend_clock(
                complaint.id, step, days=typed["days"], actor=actor, now=now, **written
            )
            message = _(
                "Extended. The answer is due by %(day)s; the user is notified with the reason."
            )
            return message % {"day": _day(until)}
        pause_clock(complaint.id, step, why=typed["how"], actor=actor, now=now, **written)
        return _("The deadline is paused; the user is notified of the reason.")

    return answered(request, complaint, moving_clock(complaint, clock, data=data), act)


@require_http_methods(["GET", "POST"])
@works_on("complaints.handle")
@refusals_as_pages
def repaired(request: HttpRequest, ref: str) -> HttpResponse:
    """Note that the fault is gone, and when."""
    actor, now = actor_of(request), timezone.now()
    complaint = find(ref, brand=actor.brand)
    data = request.POST if request.method == "POST" else None

    def act(typed: dict[str, Any]) -> str:
        in_time = note_repair(
            complaint.id,
            at=typed["at"],
            reason=typed["reason"],
            customer_text=typed["customer_text"],
            actor=actor,
            now=now,
        )
        if in_time:
            return _("Recorded: repaired within the deadline. The user is notified.")
        return _("Recorded: repaired after the deadline. The user is notified.")

    return answered(request, complaint, repairing(complaint, now=now, data=data), act)


def _day(until: Any) -> str:
    language = "zh" if chinese() else "en"
    return format_date(until, language, str(timezone.get_current_timezone()))
