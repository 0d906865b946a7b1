"""Pages of measures: the list, one measure with its chart and verdict, and the form of a plan."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amends.cases.complaints.texts.units import DIMENSIONS, unit_names
from amends.people.access.queries import may
from amends.people.access.queries.colleagues import colleagues, people
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.problems.hotissues.queries import found_issue
from amends.problems.hotissues.texts.names import name_of, place_words
from amends.problems.measures.actions.measure import (
    UnableToMeasure,
    drop_measure,
    plan_measure,
    start_measure,
)
from amends.problems.measures.choices import FAILED, MeasureState, MeasureVerdict
from amends.problems.measures.models import Judgement, Measure
from amends.problems.measures.queries import counts_by_state, smallest_drop_of, visible_measures
from amends.problems.measures.web.chart import chart_of, verdict_sentence
from amends.problems.measures.web.forms import (
    SIDES,
    MeasureForm,
    MeasureOriginForm,
    SegmentPicker,
    suggested,
    terms_as_initial,
)

_OWNER_ROLES = ("manager", "senior_handler")
_MOST_LISTED = 200


@requires("hotissues.read")
@refusals_as_pages
@require_safe
def measures(request: HttpRequest) -> HttpResponse:
    """The measures with their verdicts, the newest first: all, or those in a state (`state`)."""
    actor, state = actor_of(request), request.GET.get("state", "")
    rows = visible_measures(brand=actor.brand, state=state).order_by("-number")[:_MOST_LISTED]
    counts = counts_by_state(brand=actor.brand)
    context = {
        "rows": [
            (row, MeasureState(row.state), [place_words(segment) for segment in row.treated])
            for row in rows
        ],
        "state": state,
        "states": [
            (measure_state, measure_state.label, number) for measure_state, number in counts.items()
        ],
        "total": sum(counts.values()),
        "may_plan": may(actor.roles, "hotissues.measure"),
    }
    return render(request, "measures/measures.html", context)


@requires("hotissues.read")
@refusals_as_pages
@require_safe
def measure(request: HttpRequest, ref: str) -> HttpResponse:
    """One measure: its terms, the chart before and after, the verdict in one sentence."""
    actor = actor_of(request)
    measure_row = _found(ref, actor)
    judgements = list(measure_row.judgements.order_by("on", "final", "id"))
    last = judgements[-1] if judgements else None
    names = people({measure_row.owner, measure_row.planned_by, measure_row.started_by} - {""})
    context = {
        "measure": measure_row,
        "issue_name": name_of(measure_row.issue) if measure_row.issue else "",
        "owner": names.get(measure_row.owner, measure_row.owner),
        "started_by": names.get(measure_row.started_by, ""),
        "treated": [place_words(segment) for segment in measure_row.treated],
        "control": [place_words(segment) for segment in measure_row.control],
        "judgements": [_row(judgement) for judgement in reversed(judgements)],
        "last": last,
        "status": MeasureVerdict(last.verdict) if last else MeasureState(measure_row.state),
        "sentence": verdict_sentence(measure_row, last) if last else "",
        "chart": chart_of(measure_row, last) if last else None,
        "against": _against_alarmed(last) if last else None,
        "issue_reopened": bool(
            last and last.final and measure_row.issue and last.verdict in FAILED
        ),
        "may_start": measure_row.state == MeasureState.PLANNED
        and actor.brand in ("", measure_row.brand)
        and may(actor.roles, "hotissues.measure"),
    }
    return render(request, "measures/measure.html", context)


@require_POST
@requires("hotissues.measure")
@refusals_as_pages
def start(request: HttpRequest, ref: str) -> HttpResponse:
    """Start a planned measure: from now on its terms cannot be changed."""
    actor = actor_of(request)
    start_measure(_found(ref, actor).id, actor=actor, now=timezone.now())
    messages.success(request, _("The measure is fixed. Its verdict comes on its day."))
    return redirect("measure", ref)


@require_POST
@requires("hotissues.measure")
@refusals_as_pages
def drop(request: HttpRequest, ref: str) -> HttpResponse:
    """Delete a plan that was not started."""
    actor = actor_of(request)
    drop_measure(_found(ref, actor).id, actor=actor, now=timezone.now())
    messages.success(request, _("The plan is dropped."))
    return redirect("measures")


@requires("hotissues.measure")
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def new_measure(request: HttpRequest) -> HttpResponse:
    """The form of a new plan, or of one that takes the place of another (`instead`)."""
    actor = actor_of(request)
    origin_form = MeasureOriginForm(request.POST or request.GET)
    origin = origin_form.cleaned_data if origin_form.is_valid() else {}
    replaced = _found(origin["instead"], actor) if origin.get("instead") else None
    issue_ref = origin.get("issue") or (replaced.issue_id if replaced else "") or ""
    issue = found_issue(issue_ref, actor) if issue_ref else None
    form = MeasureForm(
        request.POST if request.method == "POST" else None,
        initial=terms_as_initial(replaced)
        if replaced
        else suggested(issue, area=origin.get("area", "")),
        owners=_owners(actor),
    )
    picks = origin.get("pick") in SIDES
    if not picks and form.is_valid():
        try:
            planned = plan_measure(
                form.terms(),
                issue=issue_ref,
                instead=replaced.id if replaced else "",
                actor=actor,
                now=timezone.now(),
            )
        except UnableToMeasure as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(
                request, _("The measure is planned. Once started, it cannot be changed.")
            )
            return redirect("measure", planned.id)
    context = {
        "form": form,
        "issue": issue,
        "issue_name": name_of(issue) if issue else "",
        "replaced": replaced,
        "segments": _known_segments(),
        "pickers": {side: SegmentPicker(prefix=side) for side in SIDES},
        "picked": {side: _in_words(form, side) for side in SIDES},
    }
    if picks:
        # What is not written yet is no mistake: the form was sent to add a segment.
        form.errors.clear()
    return render(request, "measures/new_measure.html", context, status=400 if form.errors else 200)


@require_POST
@requires("hotissues.measure")
@refusals_as_pages
def visible_drop(request: HttpRequest) -> HttpResponse:
    """The smallest drop that the plan in the form could show, as a part of its page."""
    actor = actor_of(request)
    form = MeasureForm(request.POST, owners=_owners(actor))
    terms = form.terms_so_far()
    drop = smallest_drop_of(terms, brand=actor.brand) if terms else None
    context = {
        "terms": terms,
        "drop": drop,
        "expected": terms.expected_drop_permille / 1000 if terms else None,
        "enough": bool(terms and drop and drop <= terms.expected_drop_permille / 1000),
    }
    return render(request, "measures/visible_drop.html", context)


def _in_words(form: MeasureForm, side: str) -> list[str]:
    """The segments of a side as people name them."""
    value = form[side].value() or ()
    lines = value.splitlines() if isinstance(value, str) else value
    return [place_words(line.strip()) for line in lines if "=" in line]


def _found(ref: str, actor: Actor) -> Measure:
    measure_row = visible_measures(brand=actor.brand).filter(id=ref).first()
    if measure_row is None:
        raise BadInput(
            _("There is no such measure."),
            next_step=_("Choose one from the list."),
            code="measure_unknown",
        )
    return measure_row


def _owners(actor: Actor) -> list[tuple[str, str]]:
    refs = [colleague.ref for colleague in colleagues(_OWNER_ROLES, brand=actor.brand)]
    names = people(refs)
    return [(ref, names.get(ref, ref)) for ref in refs]


def _known_segments() -> list[tuple[str, str, str]]:
    """Dimension, name and notation of every segment that can be specified."""
    sources = (
        ("root", "code"),
        ("code", "code"),
        ("area", "area"),
        ("channel", "channel"),
        ("product", "product"),
    )
    return [
        (str(DIMENSIONS.get(units, units)), name, f"{dimension}={unit}")
        for units, dimension in sources
        for unit, name in unit_names(units).items()
    ]


def _row(judgement: Judgement) -> dict[str, Any]:
    """A judgement in the table: an interim one with the figures that are valid at any time."""
    document: dict[str, Any] = judgement.document
    figures = document if judgement.final else document.get("on_the_way") or {}
    return {
        "judgement": judgement,
        "status": MeasureVerdict(judgement.verdict),
        "rate_ratio": figures.get("rate_ratio"),
        "low": figures.get("low"),
        "high": figures.get("high"),
        "smallest_detectable_drop": document.get("smallest_detectable_drop"),
    }


def _against_alarmed(judgement: Judgement) -> list[float] | None:
    """Rate ratio, low and high against untreated segments with alarms, if all three are known."""
    figures: list[float | None] = judgement.document.get("against_alarmed") or []
    figures_present = [figure for figure in figures if figure is not None]
    return figures_present if len(figures_present) == len(figures) == 3 else None
