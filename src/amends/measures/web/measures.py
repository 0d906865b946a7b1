"""Measures: the list, one measure with its picture and verdict, and the form to fix another."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amends.access.queries import may
from amends.access.queries.colleagues import colleagues, people
from amends.access.web.permission import actor_of, requires
from amends.access.web.refusals import refusal_text, refusals_as_pages
from amends.complaints.queries.units import DIMENSIONS, unit_names
from amends.hotissues.queries import found_issue
from amends.hotissues.queries.names import name_of, place_words
from amends.hotissues.queries.records import HotIssue
from amends.kit.dates import parse_day
from amends.kit.errors import BadInput
from amends.measures.actions.judge_measure import FAILED
from amends.measures.actions.measure import (
    UnableToMeasure,
    drop_measure,
    plan_measure,
    start_measure,
)
from amends.measures.models import Judgement, Measure
from amends.measures.rules.measure_terms import MeasureTerms
from amends.measures.web.measure_picture import picture, sentence
from amends.measures.web.words import MEASURE_STATES, VERDICTS

_OWNERS = ("manager", "senior_handler")


class UnableToFindMeasure(BadInput):
    """There is no such measure, or it is of another brand."""

    code = "measure_unknown"


@requires("hotissues.read")
@refusals_as_pages
@require_safe
def measures(request: HttpRequest) -> HttpResponse:
    """All measures, the newest first, with their verdicts."""
    actor = actor_of(request)
    found = Measure.objects.select_related("issue")
    found = found.filter(brand__in=("", actor.brand)) if actor.brand else found
    rows = [
        {
            "it": one,
            "places": [place_words(place) for place in one.treated],
            "state": MEASURE_STATES[one.state],
            "verdict": VERDICTS.get(one.verdict),
        }
        for one in found.order_by("-number")[:200]
    ]
    context = {"rows": rows, "may_plan": may(actor.roles, "hotissues.measure")}
    return render(request, "measures/measures.html", context)


@requires("hotissues.read")
@refusals_as_pages
@require_safe
def measure(request: HttpRequest, ref: str) -> HttpResponse:
    """One measure: what was fixed, the picture before and after, the verdict in one sentence."""
    actor = actor_of(request)
    it = _found(ref, actor.brand)
    looks = list(it.judgements.order_by("on", "final", "id"))
    last = looks[-1] if looks else None
    names = people({it.owner, it.planned_by, it.started_by} - {""})
    context = {
        "it": it,
        "issue_called": name_of(it.issue) if it.issue else "",
        "state": MEASURE_STATES[it.state],
        "owner": names.get(it.owner, it.owner),
        "started_by": names.get(it.started_by, ""),
        "treated": [place_words(place) for place in it.treated],
        "control": [place_words(place) for place in it.control],
        "looks": [(one, VERDICTS[one.verdict], _figures(one)) for one in reversed(looks)],
        "last": last,
        "verdict": VERDICTS[last.verdict] if last else None,
        "sentence": sentence(it, last) if last else "",
        "picture": picture(it, last) if last else None,
        "against": _against(last) if last else None,
        "stands_open": bool(last and last.final and it.issue and last.verdict in FAILED),
        "may_start": may(actor.roles, "hotissues.measure")
        and it.state == "planned"
        and actor.brand in ("", it.brand),
    }
    return render(request, "measures/measure.html", context)


@require_POST
@requires("hotissues.measure")
@refusals_as_pages
def start(request: HttpRequest, ref: str) -> HttpResponse:
    """Fix the measure for good."""
    actor = actor_of(request)
    it = _found(ref, actor.brand)
    start_measure(it.id, actor=actor, now=timezone.now())
    messages.success(request, _("The measure is fixed. Its verdict comes on its day."))
    return redirect("measure", it.id)


@require_POST
@requires("hotissues.measure")
@refusals_as_pages
def drop(request: HttpRequest, ref: str) -> HttpResponse:
    """Leave a planned measure."""
    actor = actor_of(request)
    it = _found(ref, actor.brand)
    drop_measure(it.id, actor=actor, now=timezone.now())
    messages.success(request, _("The plan is dropped."))
    return redirect("measures")


@requires("hotissues.measure")
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def new_measure(request: HttpRequest) -> HttpResponse:
    """The form; errors are shown at their field, and nothing typed is lost."""
    actor, now = actor_of(request), timezone.now()
    asked = request.POST if request.method == "POST" else request.GET
    instead = asked.get("instead", "")
    before = _found(instead, actor.brand) if instead else None
    ref = asked.get("issue", "") or (before.issue_id or "" if before else "")
    issue = found_issue(ref, actor) if ref else None
    error: BadInput | None = None
    typed = dict(request.POST.items()) or (_as_typed(before) if before else _suggested(issue))
    if request.method == "POST":
        try:
            made = plan_measure(
                _terms(request.POST), issue=ref, instead=instead, actor=actor, now=now
            )
            messages.success(
                request, _("The measure is planned. Once started, it cannot be changed.")
            )
            return redirect("measure", made.id)
        except BadInput as refusal:
            error = refusal
    owners = colleagues(_OWNERS, brand=actor.brand)
    names = people(one.ref for one in owners)
    context = {
        "issue": issue,
        "issue_called": name_of(issue) if issue else "",
        "instead": before,
        "typed": typed,
        "error": error and refusal_text(error),
        "owners": [(one.ref, names.get(one.ref, one.ref)) for one in owners],
        "today": timezone.localdate().isoformat(),
        "places": _written(),
    }
    return render(request, "measures/new_measure.html", context, status=400 if error else 200)


def _written() -> list[tuple[str, str, str]]:
    """How each place one can name is written: what it is, its name, and what to type."""
    return [
        (str(DIMENSIONS.get(units, units)), name, f"{dimension}={unit}")
        for units, dimension in (
            ("root", "code"), ("code", "code"), ("area", "area"), ("channel", "channel"),
            ("product", "product"),
        )
        for unit, name in unit_names(units).items()
    ]  # fmt: skip


def _figures(look: Judgement) -> dict[str, Any]:
    """The ratio and its interval: on the way those that hold however often one looks."""
    found: dict[str, Any] = look.document
    return found if look.final else found.get("on_the_way") or {}


def _against(look: Judgement) -> list[float] | None:
    """Rate ratio and its ends against places that alarmed and were left alone, if all are known."""
    found: list[float | None] = look.document.get("against_alarmed") or []
    known = [one for one in found if one is not None]
    return known if len(known) == len(found) == 3 else None


def _found(ref: str, brand: str) -> Measure:
    rows = Measure.objects.select_related("issue").filter(id=ref)
    found = (rows.filter(brand__in=("", brand)) if brand else rows).first()
    if found is None:
        raise UnableToFindMeasure(
            _("There is no such measure."), next_step=_("Choose one from the list.")
        )
    return found


def _suggested(issue: HotIssue | None) -> dict[str, Any]:
    """What an issue says already: its places, and its days up to its last alarm, which do not
    count: an alarm comes after the rise it tells of, and a level with the rise in it falls by
    itself."""
    today = timezone.localdate()
    found: dict[str, Any] = {
        "starts_on": (today + timedelta(days=1)).isoformat(),
        "judge_on": (today + timedelta(days=1 + 14 + 56)).isoformat(),
        "wash_out_days": "14",
        "expected_drop": "30",
    }
    if issue is None:
        return found
    cells = issue.cells.order_by("-main", "id").values_list("place", flat=True)
    last = issue.alarms.order_by("period_start").last()
    found["treated"] = "\n".join(place for place in cells if place)[:600]
    if last:
        found["left_from"] = timezone.localtime(issue.started_at).date().isoformat()
        found["left_to"] = timezone.localtime(last.period_start).date().isoformat()
    return found


def _as_typed(it: Measure) -> dict[str, Any]:
    """A planned measure as the form holds it."""
    days = {"starts_on": it.starts_on, "judge_on": it.judge_on, "left_from": it.left_from,
            "left_to": it.left_to}  # fmt: skip
    return {
        "title": it.title, "cause": it.cause, "action": it.action, "owner": it.owner,
        **{name: day.isoformat() if day else "" for name, day in days.items()},
        "wash_out_days": str(it.wash_out_days), "treated": "\n".join(it.treated),
        "expected_drop": str(it.expected_drop_permille // 10), "control": "\n".join(it.control),
    }  # fmt: skip


def _terms(data: QueryDict) -> MeasureTerms:
    starts_on, judge_on = _day(data.get("starts_on", "")), _day(data.get("judge_on", ""))
    if starts_on is None or judge_on is None:
        raise UnableToMeasure(
            _("The first day or the day of judgement is missing."),
            next_step=_("Pick both days: what is not fixed beforehand proves nothing."),
        )
    return MeasureTerms(
        data.get("title", "").strip(), data.get("cause", "").strip(),
        data.get("action", "").strip(), data.get("owner", ""), starts_on, judge_on,
        _number(data.get("wash_out_days", "0")), 10 * _number(data.get("expected_drop", "0")),
        _places(data.get("treated", "")), _places(data.get("control", "")),
        _day(data.get("left_from", "")), _day(data.get("left_to", "")),
    )  # fmt: skip


def _places(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return parse_day(text.strip())
    except ValueError as error:
        raise UnableToMeasure(
            _("A day cannot be read."), next_step=_("Write it like 2026-11-25.")
        ) from error


def _number(text: str) -> int:
    if not text.strip().isdecimal() or len(text) > 4:
        raise UnableToMeasure(
            _("A number cannot be read."), next_step=_("Write whole numbers in digits.")
        )
    return int(text)
