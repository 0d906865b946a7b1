"""Pages of network incidents: the list, one incident, what a colleague does with it, its panel."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amends.network.quality.actions.change_incident import (
    confirm_incident,
    dismiss_incident,
    end_incident,
    merge_incidents,
    reopen_incident,
    split_incident,
)
from amends.network.quality.actions.incident_records import incident_numbered, reported_by
from amends.network.quality.actions.take_signs import report_fault
from amends.network.quality.incident_choices import (
    FoundBy,
    IncidentEndReason,
    IncidentState,
    Severity,
)
from amends.network.quality.models import IncidentComplaint, NetworkAlarm, NetworkIncident
from amends.network.quality.queries.affected import affected_counts, joined_complaints
from amends.network.quality.queries.incidents import (
    Outlook,
    alarm_counts,
    counts_by_state,
    incident_rows,
    incident_summary,
    outlook,
)
from amends.network.quality.rules.expected_complaints import expected
from amends.network.quality.web.forms import ChangeForm, FaultForm
from amends.network.quality.web.incident_words import (
    area_names,
    cause_of,
    event_rows,
    title_of,
    where,
)
from amends.people.access.queries import may
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusal_text, refusals_as_pages
from amends.platform.kit.charts import Curve, CurveMark
from amends.platform.kit.errors import AmendsError
from amends.platform.kit.formats import format_date, format_day_month, format_moment
from amends.work.approvals.texts.waiting import waiting_text

_MOST_LISTED = 100
_MOST_COMPLAINTS = 50
_MOST_HOURS = 72
_MOST_SIGNS = 8
_ACTS = {
    "end": pgettext_lazy("network incident", "End it"),
    "reopen": gettext_lazy("Reopen it: it is not over"),
    "dismiss": gettext_lazy("Dismiss it: not an incident"),
    "merge": gettext_lazy("Merge it into another incident"),
    "split": gettext_lazy("Split some areas off"),
}


@requires("quality.read")
@refusals_as_pages
@require_safe
def incidents(request: HttpRequest) -> HttpResponse:
    """The incidents of the network, newest first: all, or those in a state (`state`)."""
    actor, state, now = actor_of(request), request.GET.get("state", ""), timezone.now()
    names, counts = area_names(), counts_by_state()
    rows = list(incident_rows(state=state)[:_MOST_LISTED])
    unknown = NetworkAlarm.objects.filter(problem="area_unknown")
    context = {
        "rows": [
            (
                row,
                title_of(row, names),
                IncidentState(row.state),
                Severity(row.severity),
                incident_summary(row, now=now, brand=actor.brand),
            )
            for row in rows
        ],
        "state": state,
        "states": [
            (state_choice, state_choice.label, number) for state_choice, number in counts.items()
        ],
        "total": sum(counts.values()),
        "unknown": unknown.count(),
        "unknown_alarms": unknown.order_by("-seen_at")[:_MOST_LISTED],
        "may_report": may(actor.roles, "quality.incidents"),
    }
    return render(request, "desk/network/incidents.html", context)


@requires("quality.read")
@refusals_as_pages
@require_safe
def incident(request: HttpRequest, number: int) -> HttpResponse:
    """One incident: whom it affects, who complained, what they were told, what is to come."""
    return _page(request, number, None)


def _page(request: HttpRequest, number: int, form: ChangeForm | None) -> HttpResponse:
    actor, now = actor_of(request), timezone.now()
    row, names = incident_numbered(number), area_names()
    joined = [
        link
        for link in reversed(joined_complaints(row))
        if not actor.brand or link.brand == actor.brand
    ]
    acting = may(actor.roles, "quality.incidents")
    foreseen = outlook(row, now=now)
    stretches = list(row.stretches.order_by("-score")[:_MOST_SIGNS])
    context = {
        "incident": row,
        "title": title_of(row, names),
        "state": IncidentState(row.state),
        "severity": Severity(row.severity),
        "cause": cause_of(row),
        "found_by": FoundBy(row.found_by).label,
        "ended_because": IncidentEndReason(row.ended_because).label if row.ended_because else "",
        "where": where(row.areas, names),
        "hot_issue": row.hot_issue.removeprefix("hotissue-"),
        "areas": [(area, names.get(area, area)) for area in row.areas],
        "summary": incident_summary(row, now=now, brand=actor.brand),
        "counts": affected_counts(row, brand=actor.brand),
        "outlook": foreseen,
        "next": [item for item in sorted(foreseen.next.items()) if item[1].high],
        "chart": _chart(row, foreseen, now),
        "complaints": joined[:_MOST_COMPLAINTS],
        "more": max(len(joined) - _MOST_COMPLAINTS, 0),
        "alarms": list(row.alarms.order_by("-raised_at")[:_MOST_SIGNS]),
        "alarm_count": alarm_counts([row])[row.pk],
        "stretches": stretches,
        "stretch_count": len(stretches) if len(stretches) < _MOST_SIGNS else row.stretches.count(),
        "events": event_rows(row),
        "may_confirm": (
            acting and row.state == IncidentState.SUSPECTED and not reported_by(row, actor)
        ),
        "form": (form or _form(row, names)) if acting else None,
    }
    return render(request, "desk/network/incident.html", context, status=400 if form else 200)


def _form(row: NetworkIncident, names: dict[str, str], data: Any = None) -> ChangeForm:
    possible = (
        ("end", "dismiss", "merge", "split")
        if row.lasts
        else ("reopen", "merge")
        if row.state == IncidentState.ENDED
        else ()
    )
    areas = [(area, names.get(area, area)) for area in row.areas]
    acts = [(act, _ACTS[act]) for act in possible if act != "split" or len(areas) > 1]
    return ChangeForm(data, acts=acts, areas=areas)


@require_POST
@requires("quality.incidents")
@refusals_as_pages
def confirm(request: HttpRequest, number: int) -> HttpResponse:
    """Confirm a suspected incident."""
    confirm_incident(number, actor=actor_of(request), now=timezone.now())
    messages.success(request, _("The incident is confirmed; it is evidence from now on."))
    return redirect("network_incident", number)


@require_POST
@requires("quality.incidents")
@refusals_as_pages
def change(request: HttpRequest, number: int) -> HttpResponse:
    """End, reopen, dismiss, merge or split an incident."""
    actor, now = actor_of(request), timezone.now()
    form = _form(incident_numbered(number), area_names(), request.POST)
    if not form.is_valid():
        return _page(request, number, form)
    cleaned = form.cleaned_data
    act, reason = cleaned["act"], cleaned["reason"]
    then, message = number, _("The incident is changed.")
    try:
        if act == "end":
            at = cleaned["at"] or now
            item = end_incident(number, at=at, reason=reason, actor=actor, now=now)
            message = waiting_text(item, now=now)
        elif act == "reopen":
            item = reopen_incident(number, reason=reason, actor=actor, now=now)
            message = waiting_text(item, now=now)
        elif act == "dismiss":
            item = dismiss_incident(number, reason=reason, actor=actor, now=now)
            message = waiting_text(item, now=now)
        elif act == "merge":
            then = cleaned["other"] or 0
            merge_incidents(number, then, actor=actor, now=now)
        else:
            then = split_incident(number, areas=cleaned.get("areas", ()), actor=actor, now=now)
    except AmendsError as refusal:
        form.add_error(None, str(refusal_text(refusal)))
        return _page(request, number, form)
    messages.success(request, message)
    return redirect("network_incident", then)


@requires("quality.incidents")
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """The form by which a colleague reports a fault."""
    names = area_names()
    form = FaultForm(
        request.POST or None,
        areas=sorted(names.items(), key=lambda item: item[1]),
        initial={"area": request.GET.get("area", "")},
    )
    if form.is_valid():
        try:
            number = report_fault(**form.cleaned_data, actor=actor_of(request), now=timezone.now())
        except AmendsError as refusal:
            form.add_error(None, str(refusal_text(refusal)))
        else:
            messages.success(request, _("The incident is recorded."))
            return redirect("network_incident", number)
    status = 400 if form.errors else 200
    return render(request, "desk/network/report.html", {"form": form}, status=status)


def panel(request: HttpRequest, complaint: str) -> str:
    """The incident that most likely explains a complaint, for its page."""
    join = IncidentComplaint.objects.filter(complaint=complaint).select_related("incident").first()
    if join is None:
        return ""
    row = join.incident
    context = {
        "incident": row,
        "title": title_of(row),
        "state": IncidentState(row.state),
        "cause": cause_of(row),
        "score": join.score,
        "others": row.complaints.count() - 1,
    }
    return render_to_string("desk/network/panel.html", context, request)


def bucket_starts(started_at: datetime, end: datetime, *, by_day: bool) -> list[datetime]:
    """The hours or local days of an incident, from that of its begin to the one after its end.

    The last entry closes the last bucket; at most 60 buckets.
    """
    local = timezone.localtime(started_at).replace(minute=0, second=0, microsecond=0)
    if by_day:
        local = local.replace(hour=0)
    starts = [local]
    while len(starts) <= 60 and starts[-1] <= end:
        # Local days: with a change of the clock one has 23 or 25 hours.
        starts.append(
            starts[-1] + timedelta(days=1)
            if by_day
            else (starts[-1].astimezone(UTC) + timedelta(hours=1)).astimezone(local.tzinfo)
        )
    return starts


def _chart(row: NetworkIncident, foreseen: Outlook, now: datetime) -> Curve | None:
    """Complaints of each hour (of each day where it lasts long) against those expected."""
    end = row.ended_at or now
    hours = (end - row.started_at) / timedelta(hours=1)
    step = 1 if hours <= _MOST_HOURS else 24
    starts = bucket_starts(row.started_at, end, by_day=step == 24)
    periods = len(starts) - 1
    came = [0] * periods
    for link in joined_complaints(row):
        period_index = bisect_right(starts, link.came_at) - 1
        if 0 <= period_index < periods:
            came[period_index] += 1
    users = affected_counts(row).affected.count
    from_hours = [max((at - row.started_at) / timedelta(hours=1), 0.0) for at in starts]
    band = [
        expected(row.kind, users=users, from_h=from_h, to_h=to_h, past=[])
        for from_h, to_h in pairwise(from_hours)
    ]
    starts.pop()
    language, zone = get_language() or "en", timezone.get_current_timezone_name()
    if step == 1:
        full = [format_moment(at, language, zone) for at in starts]
        labels = [f"{timezone.localtime(at):%H:%M}" for at in starts]
    else:
        full = [format_date(timezone.localdate(at), language) for at in starts]
        labels = [format_day_month(timezone.localdate(at), language) for at in starts]
    marks = []
    for event in row.events.filter(verb__in=("notified", "credited", "ended")):
        at = row.ended_at if event.verb == "ended" and row.ended_at else event.at
        period_index = bisect_right(starts, at) - 1
        if 0 <= period_index < periods:
            mark = CurveMark(period_index, str(_MARKS[event.verb]))
            marks += [mark] if mark not in marks else []
    return Curve(
        title=_("Complaints that it explains, by the hour")
        if step == 1
        else _("Complaints that it explains, by the day"),
        labels=labels,
        values=came,
        low=[point.low for point in band],
        high=[point.high for point in band],
        marks=marks,
        names={
            "period": _("From"),
            "observed": _("came"),
            "expected": _("expected"),
            "what happened": _("What happened"),
        },
        summary=_("%(came)s complaints received; %(low)s to %(high)s expected by now.")
        % {
            "came": foreseen.so_far,
            "low": foreseen.so_far_expected.low,
            "high": foreseen.so_far_expected.high,
        },
        definition=_(
            "Complaints that this incident most likely explains, by when they were received; the"
            " band is what four of five such incidents bring."
        ),
        name=f"incident-{row.number}",
        full=full,
    )


_MARKS = {
    "notified": gettext_lazy("affected users notified"),
    "credited": gettext_lazy("credits proposed"),
    "ended": gettext_lazy("repaired"),
}
