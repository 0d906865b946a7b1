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
from amends.cases.complaints.texts.units import DIMENSIONS, unit_names
from amends.engines.detection.common_terms import Shared
from amends.people.access.queries import may
from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages, refuse_form
from amends.people.access.web.signs import fact_title
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import AmendsError, BadInput
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
from amends.problems.hotissues.queries.causes import causes_of
from amends.problems.hotissues.queries.issue_summary import carriers_of_issue, inflow, issue_summary
from amends.problems.hotissues.queries.late_complaints import waiting
from amends.problems.hotissues.queries.linked_events import linked_events
from amends.problems.hotissues.queries.membership import main_place
from amends.problems.hotissues.texts.cause_words import KINDS, Words, cause_sentence
from amends.problems.hotissues.texts.event_words import event_history, event_row
from amends.problems.hotissues.texts.names import cause_name, place_words
from amends.problems.hotissues.texts.reasons import reason_words
from amends.problems.hotissues.texts.words import VERBS, details_of, joined_words, part_words
from amends.problems.hotissues.web.board import card, chart_of, drawn
from amends.problems.hotissues.web.forms import (
    CloseIssueForm,
    IssueForm,
    IssueReasonForm,
    JoinComplaintsForm,
    JudgeCauseForm,
    LateComplaintsForm,
    RemoveComplaintForm,
    TakeIssueForm,
)
from amends.problems.hotissues.web.other_source_charts import other_source_charts
from amends.record.ledger.queries import single_facts

A_PAGE = 50


@require_safe
@requires("hotissues.read")
@refusals_as_pages
def issue(request: HttpRequest, ref: str) -> HttpResponse:
    """One issue: how it runs, what carries it, why it is one, what may have caused it."""
    return _issue_page(request, found_issue(ref, actor_of(request)))


@require_safe
@requires("hotissues.read")
@refusals_as_pages
def other_sources(request: HttpRequest, ref: str) -> HttpResponse:
    """The curves of posts and enquiries about an issue: they read other tables of many weeks."""
    hot_issue = found_issue(ref, actor_of(request))
    name = "other_sources_parts" if request.headers.get("HX-Request") else "other_sources"
    return render(
        request,
        f"hotissues/{name}.html",
        {"charts": other_source_charts(hot_issue), "issue": hot_issue},
    )


def _issue_page(
    request: HttpRequest,
    hot_issue: HotIssue,
    verb: str = "",
    refused: IssueForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page; `refused` is the form of `verb` with its errors."""
    actor, now = actor_of(request), timezone.now()
    why = issue_summary(hot_issue, brand=actor.brand)
    causes = causes_of(hot_issue)
    linked = linked_events(hot_issue, now=now)
    happened = list(hot_issue.happenings.order_by("-at", "-id"))
    names = people(happening.actor for happening in happened)
    facts_by_ref = _facts({fact for cause in causes for fact in cause.facts})
    return render(
        request,
        "hotissues/issue.html",
        {
            "card": card(hot_issue, now, with_chart=False),
            "issue": hot_issue,
            "place": place_words(main_place(hot_issue)),
            "others": [place_words(cell.place) for cell in hot_issue.cells.filter(main=False)],
            "chart": chart_of(hot_issue, causes),
            "inflow": inflow(hot_issue),
            "why": why,
            "carried": [
                (part_words(carrier.values), carrier) for carrier in carriers_of_issue(hot_issue)
            ],
            "shared": [_shared(shared_part) for shared_part in why.shared],
            "causes": [_cause(cause, facts_by_ref) for cause in causes],
            "members": _members(hot_issue, request.GET.get("page"), actor.brand, refused),
            "refused": refused,
            "join_form": refused
            if isinstance(refused, JoinComplaintsForm)
            else JoinComplaintsForm(issue=hot_issue, auto_id="id_join_%s"),
            "state_form": refused
            if isinstance(refused, IssueReasonForm)
            else _close_form(hot_issue, actor, now)
            if hot_issue.state == "open"
            else IssueReasonForm(issue=hot_issue, auto_id="id_state_%s"),
            "linked": linked,
            "linked_rows": [event_row(event) for event in linked.events],
            "late_form": refused
            if isinstance(refused, LateComplaintsForm)
            else LateComplaintsForm(issue=hot_issue, auto_id="id_late_%s"),
            "history": sorted(
                [
                    (
                        happening.at,
                        VERBS.get(happening.verb, happening.verb),
                        details_of(hot_issue, happening.details),
                        names.get(happening.actor, _("the platform")),
                        reason_words(happening.reason),
                    )
                    for happening in happened
                ]
                + event_history(linked.events),
                key=lambda entry: entry[0],
                reverse=True,
            ),
            "closed_because": reason_words(hot_issue.closed_because),
            "late": waiting(hot_issue, now=now),
            "may_lead": may(actor.roles, "hotissues.lead"),
            "is_mine": hot_issue.owner == actor.ref,
            "notices": drawn("notices", hot_issue, now=now),
            "level": drawn("level", hot_issue, now=now),
            "facts": drawn("facts", hot_issue),
            "buttons": drawn("buttons", hot_issue, roles=actor.roles),
        },
        status=status,
    )


@require_safe
@requires("hotissues.read")
@refusals_as_pages
def curve_file(request: HttpRequest, ref: str, form: str) -> HttpResponse:
    """The curve of an issue to take along, as its data or its picture."""
    hot_issue = found_issue(ref, actor_of(request))
    chart_file = file_of(chart_of(hot_issue, list(hot_issue.causes.order_by("rank", "id"))), form)
    if chart_file is None:
        raise BadInput(
            _("There is no such file."),
            next_step=_("Load the page again."),
            code="issue_act_unknown",
        )
    content, media_type, name = chart_file
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=media_type, headers=headers)


FactShown = tuple[str, Words, datetime | None]
"""A fact's id, its kind in words and when it happened; neither of one kept in a segment."""


def _cause(
    cause: Cause, facts_by_ref: dict[str, FactShown]
) -> tuple[Cause, Words, str, str, list[FactShown]]:
    kind = KINDS.get(cause.kind, cause.kind)
    facts = [facts_by_ref.get(ref, (ref, "", None)) for ref in cause.facts]
    name = cause_name(cause.kind, cause.reference, cause.numbers)
    return cause, kind, name, cause_sentence(cause), facts


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


def _shared(shared_part: Shared) -> dict[str, Any]:
    names = unit_names(shared_part.dimension)
    return {
        "dimension": str(DIMENSIONS.get(shared_part.dimension, shared_part.dimension)),
        "value": names.get(shared_part.value, shared_part.value),
        "members": shared_part.members,
        "share": shared_part.share,
        "others": shared_part.share_of_others,
    }


def _members(hot_issue: HotIssue, page: str | None, brand: str, refused: IssueForm | None) -> Any:
    every = Paginator(members(hot_issue.id, left_too=True), A_PAGE).get_page(page)
    texts_by_ref = first_words([member.complaint for member in every.object_list], brand=brand)
    names = people(
        {member.joined_by for member in every.object_list}
        | {member.left_by for member in every.object_list}
    )
    every.object_list = [
        (
            member,
            *texts_by_ref[member.complaint],
            names.get(member.joined_by, ""),
            names.get(member.left_by, _("the platform")),
            reason_words(member.leave_reason),
            refused
            if isinstance(refused, RemoveComplaintForm)
            and refused["complaint"].value() == member.complaint
            else RemoveComplaintForm(
                issue=hot_issue,
                initial={"complaint": member.complaint},
                auto_id=f"{member.complaint}-%s",
            ),
        )
        for member in every.object_list
        if member.complaint in texts_by_ref
    ]
    return every


@require_POST
@requires("hotissues.lead")
@refusals_as_pages
def act(request: HttpRequest, ref: str, verb: str) -> HttpResponse:
    """Take it, close it, open it again, take a complaint out, say what its cause is."""
    actor, now = actor_of(request), timezone.now()
    demand(actor, "hotissues.lead", now)
    hot_issue = found_issue(ref, actor)
    if verb not in _FORMS:
        raise BadInput(
            _("There is no such action."),
            next_step=_("Load the page again."),
            code="issue_act_unknown",
        )
    form = (
        _close_form(hot_issue, actor, now, request.POST)
        if verb == "close"
        else _FORMS[verb](request.POST, issue=hot_issue)
    )
    status = 400
    if form.is_valid():
        try:
            shown_issue, message = _carry_out(hot_issue, verb, form.cleaned_data, actor, now)
        except AmendsError as error:
            status = refuse_form(form, error, form.refusal_field)
        else:
            messages.success(request, message)
            return redirect("hotissue", shown_issue.id)
    return _issue_page(request, found_issue(ref, actor), verb, form, status)


_FORMS: dict[str, type[IssueForm]] = {
    "take": TakeIssueForm,
    "close": CloseIssueForm,
    "reopen": IssueReasonForm,
    "late": LateComplaintsForm,
    "join": JoinComplaintsForm,
    "leave": RemoveComplaintForm,
    "judge": JudgeCauseForm,
}


def _close_form(
    hot_issue: HotIssue, actor: Actor, now: datetime, data: Any = None
) -> CloseIssueForm:
    lasting = linked_events(hot_issue, now=now).lasting_incidents
    return CloseIssueForm(
        data,
        issue=hot_issue,
        lasting=bool(lasting),
        may_end=may(actor.roles, "quality.incidents"),
        auto_id="id_state_%s",
    )


def _carry_out(
    hot_issue: HotIssue, verb: str, cleaned: dict[str, Any], actor: Actor, now: datetime
) -> tuple[HotIssue, str]:
    """Do it; returns the issue to show and the message."""
    ref, reason = hot_issue.id, cleaned.get("reason", "")
    if verb == "take":
        assign(ref, actor.ref, actor=actor, now=now, seen=cleaned["seen"])
        return hot_issue, _("The issue is yours.")
    if verb == "close":
        end_incidents = cleaned.get("others") == "end"
        close_by_hand(ref, because=reason, actor=actor, now=now, end_incidents=end_incidents)
        return hot_issue, _("The issue is closed.")
    if verb == "reopen":
        reopen_by_hand(ref, because=reason, actor=actor, now=now)
        return hot_issue, _("The issue is open again.")
    if verb == "late":
        answer = cleaned["answer"]
        late_issue = answer_late(ref, answer, because=reason, actor=actor, now=now)
        return late_issue, _("Your answer is recorded in the history of the issue.")
    if verb == "join":
        codes = cleaned["complaints"].split()
        joined = join_by_hand(ref, codes, because=reason, actor=actor, now=now)
        return hot_issue, joined_words(joined)
    if verb == "leave":
        leave(ref, [cleaned["complaint"]], because=reason, actor=actor, now=now)
        return hot_issue, _("Taken out. The scan does not bring it back.")
    judge_cause(ref, str(cleaned["cause"].pk), cleaned["judged"], actor=actor, now=now)
    return hot_issue, _("Noted.")
