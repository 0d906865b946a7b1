"""The page of an issue: why together, what changed, whom it hits, who belongs to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amends.cases.complaints.queries.analytics import first_words
from amends.cases.complaints.queries.units import DIMENSIONS, unit_names
from amends.engines.detection.common_terms import Shared
from amends.people.access.queries import may
from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.people.access.web.signs import fact_title
from amends.platform.kit.errors import BadInput
from amends.platform.kit.periods import from_ms
from amends.platform.tabular.charts import file_of
from amends.problems.hotissues.actions.answer_late import answer_late
from amends.problems.hotissues.actions.assign import assign
from amends.problems.hotissues.actions.authority import demand
from amends.problems.hotissues.actions.close_by_hand import close_by_hand, reopen_by_hand
from amends.problems.hotissues.actions.find_causes import judge_cause
from amends.problems.hotissues.actions.join import leave
from amends.problems.hotissues.actions.join_by_hand import join_by_hand
from amends.problems.hotissues.models import Cause, HotIssue
from amends.problems.hotissues.queries import found_issue, members
from amends.problems.hotissues.queries.cause_words import KINDS, Words, cause_sentence
from amends.problems.hotissues.queries.issue_summary import carriers_of_issue, inflow, issue_summary
from amends.problems.hotissues.queries.late_complaints import waiting
from amends.problems.hotissues.queries.membership import main_place
from amends.problems.hotissues.queries.names import cause_name, place_words
from amends.problems.hotissues.queries.reasons import reason_words
from amends.problems.hotissues.queries.words import VERBS, details_of, joined_words, part_words
from amends.problems.hotissues.web.board import card, chart_of, drawn
from amends.problems.hotissues.web.other_source_charts import other_source_charts
from amends.record.ledger.queries import single_facts

A_PAGE = 50


class UnableToDoThat(BadInput):
    """There is no such act on an issue."""

    code = "issue_act_unknown"


@require_safe
@requires("hotissues.read")
@refusals_as_pages
def issue(request: HttpRequest, ref: str) -> HttpResponse:
    """One issue: how it runs, what carries it, why it is one, what may have caused it."""
    actor, now = actor_of(request), timezone.now()
    found = found_issue(ref, actor)
    why = issue_summary(found, brand=actor.brand)
    causes = list(found.causes.order_by("rank", "id"))
    happened = list(found.happenings.order_by("-at", "-id"))
    names = people(one.actor for one in happened)
    known = _facts({fact for cause in causes for fact in cause.facts})
    return render(
        request,
        "hotissues/issue.html",
        {
            "card": card(found, now, with_chart=False),
            "issue": found,
            "place": place_words(main_place(found)),
            "others": [place_words(cell.place) for cell in found.cells.filter(main=False)],
            "chart": chart_of(found, causes),
            "inflow": inflow(found),
            "why": why,
            "beside": other_source_charts(found),
            "carried": [
                (part_words(carrier.values), carrier) for carrier in carriers_of_issue(found)
            ],
            "shared": [_shared(one) for one in why.shared],
            "causes": [_cause(cause, known) for cause in causes],
            "members": _members(found, request.GET.get("page"), actor.brand),
            "history": [
                (
                    one,
                    VERBS.get(one.verb, one.verb),
                    details_of(found, one.details),
                    names.get(one.actor, _("the platform")),
                    reason_words(one.reason),
                )
                for one in happened
            ],
            "closed_because": reason_words(found.closed_because),
            "late": waiting(found, now=now),
            "may_lead": may(actor.roles, "hotissues.lead"),
            "is_mine": found.owner == actor.ref,
            "notices": drawn("notices", found, now=now),
            "level": drawn("level", found, now=now),
            "facts": drawn("facts", found),
            "buttons": drawn("buttons", found, roles=actor.roles),
        },
    )


@require_safe
@requires("hotissues.read")
@refusals_as_pages
def curve_file(request: HttpRequest, ref: str, form: str) -> HttpResponse:
    """The curve of an issue to take along, as its data or its picture."""
    found = found_issue(ref, actor_of(request))
    made = file_of(chart_of(found, list(found.causes.order_by("rank", "id"))), form)
    if made is None:
        raise UnableToDoThat(_("There is no such file."), next_step=_("Load the page again."))
    content, media_type, name = made
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=media_type, headers=headers)


FactShown = tuple[str, Words, datetime | None]
"""A fact's id, its kind in words and when it happened; neither of one kept in a segment."""


def _cause(
    one: Cause, known: dict[str, FactShown]
) -> tuple[Cause, Words, str, str, list[FactShown]]:
    kind = KINDS.get(one.kind, one.kind)
    facts = [known.get(ref, (ref, "", None)) for ref in one.facts]
    name = cause_name(one.kind, one.reference, one.numbers)
    return one, kind, name, cause_sentence(one), facts


def _facts(ids: set[str]) -> dict[str, FactShown]:
    """What facts are and when, without whom they are about: nobody's record is opened for it."""
    return {
        single_fact.id: (
            single_fact.id,
            fact_title(single_fact.kind),
            from_ms(single_fact.happened_at_ms),
        )
        for single_fact in single_facts(sorted(ids))
    }


def _shared(one: Shared) -> dict[str, Any]:
    names = unit_names(one.dimension)
    return {
        "dimension": str(DIMENSIONS.get(one.dimension, one.dimension)),
        "value": names.get(one.value, one.value),
        "members": one.members,
        "share": one.share,
        "others": one.share_of_others,
    }


def _members(found: HotIssue, page: str | None, brand: str) -> Any:
    every = Paginator(members(found.id, left_too=True), A_PAGE).get_page(page)
    said = first_words([one.complaint for one in every.object_list], brand=brand)
    names = people(
        {one.joined_by for one in every.object_list} | {one.left_by for one in every.object_list}
    )
    every.object_list = [
        (
            one,
            *said[one.complaint],
            names.get(one.joined_by, ""),
            names.get(one.left_by, _("the platform")),
            reason_words(one.leave_reason),
        )
        for one in every.object_list
        if one.complaint in said
    ]
    return every


@require_POST
@requires("hotissues.lead")
@refusals_as_pages
def act(request: HttpRequest, ref: str, verb: str) -> HttpResponse:
    """Take it, close it, open it again, take a complaint out, say what its cause is."""
    actor, now, data = actor_of(request), timezone.now(), request.POST
    demand(actor, "hotissues.lead", now)
    found = found_issue(ref, actor)
    because = data.get("because", "")
    if verb == "take":
        assign(found.id, actor.ref, actor=actor, now=now, seen=data.get("seen", ""))
        messages.success(request, _("The issue is yours."))
    elif verb == "close":
        close_by_hand(found.id, because=because, actor=actor, now=now)
        messages.success(request, _("The issue is closed."))
    elif verb == "reopen":
        reopen_by_hand(found.id, because=because, actor=actor, now=now)
        messages.success(request, _("The issue is open again."))
    elif verb == "late":
        held = answer_late(found.id, data.get("answer", ""), because=because, actor=actor, now=now)
        messages.success(request, _("Your answer is recorded in the history of the issue."))
        return redirect("hotissue", held.id)
    elif verb == "join":
        codes = data.get("complaints", "").split()
        joined = join_by_hand(found.id, codes, because=because, actor=actor, now=now)
        messages.success(request, joined_words(joined))
    elif verb == "leave":
        leave(found.id, data.getlist("complaint"), because=because, actor=actor, now=now)
        messages.success(request, _("Taken out. The scan does not bring it back."))
    elif verb == "judge":
        judge_cause(found.id, data.get("cause", ""), data.get("judged", ""), actor=actor, now=now)
        messages.success(request, _("Noted."))
    else:
        raise UnableToDoThat(_("There is no such action."), next_step=_("Load the page again."))
    return redirect("hotissue", found.id)
