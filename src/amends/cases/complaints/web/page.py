"""The page of a complaint: queue, conversation, and the verdict with its evidence beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2s
from typing import Any

from django.contrib import messages
from django.db.models import TextChoices
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from amends.cases.complaints.actions.approve_later import pending_for
from amends.cases.complaints.actions.investigate import dossier_now
from amends.cases.complaints.actions.investigate_again import may_be_investigated_again
from amends.cases.complaints.actions.name_subscriber import may_be_named
from amends.cases.complaints.actions.operator_model import (
    is_foreign,
    reclassify_again,
    used_meaning,
)
from amends.cases.complaints.actions.record_identity_document import may_show_document
from amends.cases.complaints.actions.record_repair import may_be_repaired
from amends.cases.complaints.actions.regulator_file import has_evidence
from amends.cases.complaints.queries.casefile import (
    BROUGHT_IN,
    CaseFile,
    Complaint,
    DecisionOnFile,
    case_file,
    current_decision,
    find,
)
from amends.cases.complaints.queries.inbox import rows_around
from amends.cases.complaints.queries.status import moves_by_hand
from amends.cases.complaints.texts.units import unit_names
from amends.cases.complaints.web import strip
from amends.cases.complaints.web.cases import assigning, case_dialogs, team_title
from amends.cases.complaints.web.clock_statements import side_statements
from amends.cases.complaints.web.clocks import moving, of_the_day, ticking
from amends.cases.complaints.web.compose import KIND, composer_for
from amends.cases.complaints.web.customer import customer_file
from amends.cases.complaints.web.decision import closed_decision, decision_context
from amends.cases.complaints.web.dialogs import dialogs_of
from amends.cases.complaints.web.inbox import area_names, wanted_by
from amends.cases.complaints.web.permissions import may_work_on
from amends.cases.complaints.web.questions import question_for, question_subject
from amends.cases.complaints.web.queue import Queue, handlers_of, queue_of
from amends.cases.complaints.web.subjects import picking_subjects
from amends.cases.complaints.web.timeline import timeline_of
from amends.cases.complaints.web.undo import pending_context
from amends.cases.complaints.web.words import (
    FIELD_WORDS,
    IDENTITY,
    answer_sign,
    class_words,
    state_sign,
    who_shown,
)
from amends.channels.queries.capabilities import channel_sign
from amends.engines.classification.certainty import measured_certainty
from amends.engines.decisions.dossier import Dossier, Row
from amends.engines.decisions.dossier.sheet import source_title
from amends.people.access.actions.evidence import look_at_conclusions
from amends.people.access.actions.look import MaskedValue, look
from amends.people.access.queries import LookView, looks_in, may, rules_on
from amends.people.access.queries.colleagues import people
from amends.people.access.queries.rights import role_title
from amends.people.access.refusals import UnableToAccess
from amends.people.access.texts import reason_of
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusal_text, refusals_as_pages
from amends.people.access.web.signs import Sign, sign
from amends.people.access.web.words import chinese
from amends.people.operator.queries import parts_off
from amends.platform.kit.actors import Actor, is_user
from amends.platform.kit.formats import format_date, is_chinese, join_words
from amends.platform.registry import panels
from amends.work.casework.actions.notify import case_opened
from amends.work.casework.texts.timeline import CaseHistory, case_history

FIELDS = ("name", "phone", "address", "email")


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A row of the dossier as the page shows it.

    ask  what the customer can be asked where the records do not settle it, or ""
    """

    row: Row
    question: str
    found: str
    gap: str
    answer: Sign
    source: str
    number: int
    weighs: bool
    ask: str

    @property
    def is_usual(self) -> bool:
        """Whether nothing about it needs attention, so that it may be folded away."""
        return not (
            self.weighs
            or self.gap
            or self.row.conflicting
            or self.row.unruled
            or self.row.open_why
            or self.answer.tone in _NOTABLE
        )


# What is missing is shown as loudly as what is there.
_NOTABLE = frozenset(("bad", "warn", "nothing", "uncovered"))


@dataclass(frozen=True, slots=True)
class ComplainantPanel:
    """What may be shown of the complainant: masked values, or why none."""

    values: dict[str, MaskedValue]
    refused: str


class DetailTab(TextChoices):
    """The tabs of the page; the conversation is one on phones only."""

    CONVERSATION = "conversation", gettext_lazy("Conversation")
    VERDICT = "verdict", gettext_lazy("Verdict")
    EVIDENCE = "evidence", gettext_lazy("Evidence")
    CUSTOMER = "customer", gettext_lazy("Customer")
    ISSUE = "issue", gettext_lazy("Issue")


def marked(text: str, terms: list[str]) -> SafeString:
    """The user's words with those set off that decided the class."""
    safe = str(conditional_escape(text))
    for word in sorted(set(terms), key=len, reverse=True):
        escaped = str(conditional_escape(word))
        if escaped in safe and "<mark>" not in escaped:
            safe = safe.replace(escaped, f"\0{escaped}\1", 1)
    return mark_safe(safe.replace("\0", "<mark>").replace("\1", "</mark>"))  # noqa: S308 (escaped above)


def asked_rows(
    dossier: Dossier, current: DecisionOnFile | None, *, customer_language: str
) -> list[QuestionRow]:
    """The dossier's questions with their answers, those the decision turns on set off."""
    language = "zh" if chinese() else "en"
    turning = turns_on(current)
    times = Counter(row.question for row in dossier.rows)
    services = {
        service.service: service.zh if chinese() else service.en for service in dossier.services
    }
    asked_lines = [
        QuestionRow(
            row=row,
            question=_named(row, services) if times[row.question] > 1 else row.asked(language),
            found=row.text(language),
            gap=row.gap(language),
            answer=answer_sign(row.question, row.answer),
            source=source_title(row.source, zh=chinese()),
            number=number,
            weighs=row.question in turning and row.answer != "yes",
            ask=question_for(row.open_why, customer_language),
        )
        for number, row in enumerate(dossier.rows, start=1)
    ]
    return sorted(asked_lines, key=lambda line: not line.weighs)


def _notable(current: DecisionOnFile | None, complaint: Complaint) -> int:
    """How many answers that the decision was made from need attention."""
    if current is None or current.dossier is None:
        return 0
    rows = asked_rows(current.dossier, current, customer_language=complaint.language)
    return sum(not row.is_usual for row in rows)


def _record_rows(current: DecisionOnFile | None, complaint: Complaint) -> list[QuestionRow]:
    """The other answers read before a rule would reject alone, as they were then."""
    record = current.dossier.record if current and current.dossier else None
    if record is None:
        return []
    return asked_rows(record, current, customer_language=complaint.language)


def _named(row: Row, services: dict[str, str]) -> str:
    """A question that is asked about several things, with the one this row is about."""
    question = row.asked("zh" if chinese() else "en")
    about = [services.get(row.about.partition(" ")[0], "")]
    if row.start_ms:
        about.append(format_date(row.start_ms, _language(), timezone.get_current_timezone_name()))
    return " · ".join([question, *filter(None, about)])


def turns_on(current: DecisionOnFile | None) -> frozenset[str]:
    """The questions whose answers carry the decision against the operator."""
    if current is None or current.verdict is None or current.row.verdict == "not_upheld":
        return frozenset()
    return frozenset(reason.question for reason in current.verdict.reasons if reason.rule)


def changed_since(dossier: Dossier, current: DecisionOnFile | None) -> bool:
    """Whether an answer differs from those the decision rested on."""
    if current is None or current.dossier is None:
        return False
    before = {(row.question, row.about): row.answer for row in current.dossier.rows}
    return any(
        before.get((row.question, row.about), row.answer) != row.answer for row in dossier.rows
    )


def person(complaint: Complaint, actor: Actor, *, now: datetime) -> ComplainantPanel:
    """The masked person, if the actor may look; the look itself is written down first."""
    if not complaint.case:
        return ComplainantPanel({}, "")
    try:
        values = look(actor, complaint.case, FIELDS, now=now, with_evidence=True)
    except UnableToAccess as error:
        return ComplainantPanel({}, refusal_text(error).what)
    return ComplainantPanel(values, "")


def _records_opened(complaint: Complaint, actor: Actor, *, now: datetime) -> ComplainantPanel:
    """Whether the actor may read conclusions from the records; the access is recorded."""
    if not complaint.case:
        return ComplainantPanel({}, "")
    try:
        look_at_conclusions(actor, complaint.case, fields=FIELDS, now=now)
    except UnableToAccess as error:
        return ComplainantPanel({}, refusal_text(error).what)
    return ComplainantPanel({}, "")


def page_context(
    complaint: Complaint,
    actor: Actor,
    *,
    now: datetime,
    file: CaseFile | None = None,
    queue_rows: Sequence[Mapping[str, Any]] = (),
    complete: bool = False,
) -> dict[str, Any]:
    """What the page of a complaint shows before the user opens a tab or a dialog.

    file        of the complaint, where it was read before
    queue_rows  of the queue; `names` includes their handlers
    complete    with every entry of a long conversation
    """
    someone = _records_opened(complaint, actor, now=now)
    file = file or case_file(complaint)
    current = file.current
    history = case_history(KIND, complaint.id)
    approvals = pending_for(actor, complaint.id)
    pending = [approval for approval in approvals if approval.complaint_id == complaint.id]
    names = people(
        history.people
        | handlers_of(queue_rows)
        | {event.actor for event in file.events}
        | {reply.reviewed_by for reply in file.replies}
        | {complaint.handler}
        | {
            ref
            for decision_view in file.decisions
            for ref in (decision_view.row.by, decision_view.row.approved_by)
        }
        | {pending_approval.approved_by for pending_approval in pending}
        | {complaint.classified_by}
    )
    applied = of_the_day(complaint) if has_evidence(complaint) else None
    context = {
        "complaint": complaint,
        "file": file,
        "person": someone,
        "who": who_shown(
            shown_name=complaint.person_shown,
            person=complaint.person,
            subscriber=complaint.subscriber,
        ),
        "history": history,
        "names": names,
        "approvals": approvals,
        "now": now,
        "actor": actor,
        "clocks": ticking(file),
        "moving": moving(file, now=now),
        "beside_clocks": side_statements(complaint),
        "of_the_day": applied,
        "rules_unnamed": not applied
        or bool(set(applied.rules) - {clock.rule for clock in file.clocks}),
        "may_be_read_again": may_be_investigated_again(complaint),
        "may_be_ordered": complaint.state == "with_regulator"
        and not complaint.history
        and may_work_on(complaint, actor, "complaints.overrule"),
        "may_be_repaired": may_be_repaired(complaint, file.clocks),
        "may_be_named": may_be_named(complaint),
        "handler": names.get(complaint.handler, complaint.handler),
        "team_title": team_title(complaint),
        "follow_up": history.waiting_follow_up,
        "current": current,
        "moves": moves_by_hand(complaint),
        "escalated": role_title(complaint.escalated_to) if complaint.escalated_to else "",
        "may_be_urgent": complaint.is_open and has_evidence(complaint) and not complaint.history,
        "has_evidence": has_evidence(complaint),
        "may_handle": may_work_on(complaint, actor),
        "may_overrule": may_work_on(complaint, actor, "complaints.overrule"),
    }
    context["may_assign"] = context["may_handle"] and complaint.is_open and not complaint.history
    context["may_reassign"] = context["may_assign"] or (
        may(actor.roles, "casework.lead") and complaint.is_open and not complaint.history
    )
    context["subjects"] = file.subjects
    context["may_set_subjects"] = context["may_assign"]
    context |= story_of(complaint, file, names)
    context["ask_subject"] = question_subject(complaint)
    context["timeline"] = timeline_of(
        file,
        history,
        names,
        first=context["first"],
        closed=bool(someone.refused),
        complete=complete,
    )
    context["pending"] = pending
    if someone.refused:
        # What was decided quotes the records: who may not see them reads the verdict alone.
        context |= closed_decision(current)
    else:
        context |= decision_context(
            file, names, actor=actor, now=now, pending=pending[0] if pending else None
        )
        context["notable_count"] = _notable(current, complaint)
        context["papers_version"] = current.dossier.version if current and current.dossier else ""
    return context


LOADED_TABS = frozenset((DetailTab.EVIDENCE, DetailTab.CUSTOMER, DetailTab.ISSUE))
"""Tabs with a panel that is loaded when the user opens it."""


def tab_context(
    request: HttpRequest,
    complaint: Complaint,
    tab: str,
    *,
    current: DecisionOnFile | None,
    now: datetime,
) -> dict[str, Any]:
    """What one of `LOADED_TABS` shows; access to the dossier or the person is recorded."""
    actor = actor_of(request)
    if tab == DetailTab.CUSTOMER:
        someone = person(complaint, actor, now=now)
    else:
        someone = _records_opened(complaint, actor, now=now)
    context: dict[str, Any] = {"person": someone}
    if not someone.refused:
        context["panels"] = panels(request, complaint.id, tab, off=parts_off())
    has_records = bool(complaint.case) and not someone.refused
    if tab == DetailTab.EVIDENCE and has_records:
        context |= _evidence(complaint, current, dossier_now(complaint, actor=actor, now=now))
    if tab == DetailTab.CUSTOMER:
        brand = complaint.brand
        context |= {
            "area": area_names().get(complaint.area, complaint.area),
            "brand": brand and unit_names("brand").get(brand, brand),
            "may_show_document": may_show_document(complaint),
        }
        if has_records:
            papers = dossier_now(complaint, actor=actor, now=now)
            context["customer"] = customer_file(complaint, papers, actor)
    return context


def _evidence(
    complaint: Complaint, current: DecisionOnFile | None, papers: Dossier
) -> dict[str, Any]:
    asked_lines = asked_rows(papers, current, customer_language=complaint.language)
    return {
        "dossier": papers,
        "notable": [line for line in asked_lines if not line.is_usual],
        "usual": [line for line in asked_lines if line.is_usual],
        "record": _record_rows(current, complaint),
        "strip": strip.drawn(
            papers,
            turning=turns_on(current),
            missing=_("nothing found"),
            uncovered=_("not covered"),
        ),
        "changed": changed_since(papers, current),
    }


def _name_of_corrector(classified_by: str, names: Mapping[str, str]) -> str:
    """The person who corrected the class, "" where the model decided it."""
    if not classified_by.startswith("usr-"):
        return ""
    return names.get(classified_by, classified_by)


def story_of(complaint: Complaint, file: CaseFile, names: Mapping[str, str]) -> dict[str, Any]:
    """The title of a complaint, its class with what explains it, and its first message."""
    because, reclassified = complaint.because, None
    if file.contacts and (not because or complaint.ask_for_words):
        reclassified = reclassify_again(file.contacts[0].text, complaint.classified_by)
        because = because or (reclassified.cues if reclassified else ())
    # A single letter or sign may weigh in the model, but tells a reader nothing.
    telling = [word for word in because if len(word.strip()) > 1]
    return {
        "title": class_words(complaint.code),
        "second": class_words(complaint.code2) if complaint.code2 else "",
        "sure_percent": complaint.confidence_permille // 10,
        "foreign": is_foreign(reclassified),
        "by_meaning": used_meaning(complaint.classified_by),
        "plausible": _plausible(complaint),
        "certain_from": _certain_from(complaint),
        "corrected_by": _name_of_corrector(complaint.classified_by, names),
        "state": state_sign(complaint.state),
        "identity": sign(IDENTITY, complaint.identity),
        "channel": channel_sign(complaint.channel),
        "telling": list(dict.fromkeys(word.strip() for word in telling)),
        "first": marked(file.contacts[0].text, telling) if file.contacts else "",
        "answered": any(reply.kind == BROUGHT_IN for reply in file.replies),
    }


def _plausible(complaint: Complaint) -> str:
    """The titles of the classes it may be about with their shares, "" where one is certain."""
    if is_user(complaint.classified_by):
        return ""
    named = (
        f"{class_words(code)} {permille // 10}%" for code, permille in complaint.plausible or ()
    )
    return join_words(named, _language())


def _certain_from(complaint: Complaint) -> str:
    """The confidence from which on a class is certain, in the language of the complaint."""
    language = "zh" if is_chinese(complaint.language) else "en"
    return f"{measured_certainty().by_language[language].certain_from:.1%}"


def looked(look_view: LookView, names: dict[str, str]) -> dict[str, Any]:
    """A look in words: who, what, why."""
    rules = rules_on(timezone.localdate(look_view.at))
    role = _in_language(rules.roles.get(look_view.role, (look_view.role, look_view.role)))
    why = _in_language(
        rules.purposes.get(look_view.purpose, (look_view.purpose, look_view.purpose))
    )
    return {
        "at": look_view.at,
        "who": _("Amends, by rule")
        if look_view.by_platform
        else f"{names.get(look_view.user, role)} · {role}",
        "what": join_words(
            (str(FIELD_WORDS.get(name, name)) for name in look_view.fields), _language()
        ),
        "unmasked": look_view.unmasked,
        "why": _("%(purpose)s: %(reason)s") % {"purpose": why, "reason": reason_of(look_view)}
        if look_view.reason
        else why,
    }


def _language() -> str:
    return "zh" if chinese() else "en"


def _in_language(both: tuple[str, str]) -> str:
    return both[0] if chinese() else both[1]


def version_of(file: CaseFile, history: CaseHistory) -> str:
    """A short name of what a page shows of a complaint: another one once something has changed."""
    complaint, current = file.complaint, file.current
    shown_state = (
        complaint.state,
        complaint.handler,
        complaint.urgent,
        complaint.code,
        current.row.id if current else "",
        len(file.events),
        len(file.contacts),
        sum(reply.posted_at is not None for reply in file.replies),
        [(remedy.id, remedy.state) for remedy in file.remedies],
        history.size,
    )
    return blake2s(repr(shown_state).encode(), digest_size=8).hexdigest()


def live_context(
    version: str, queue: Queue, *, now: datetime, newcomers: int = 0
) -> dict[str, Any]:
    """What the page hands back when it asks for changes."""
    return {
        "version": version,
        "since": int(now.timestamp()),
        "newcomers": newcomers,
        "queue": queue,
    }


@requires("complaints.read")
@refusals_as_pages
def complaint(request: HttpRequest, ref: str) -> HttpResponse:
    """One complaint; opening it is a look, and is written down."""
    actor, now = actor_of(request), timezone.now()
    complaint_row = find(ref, brand=actor.brand)
    if complaint_row.merged_into_id:
        messages.info(
            request,
            _("%(code)s was merged into this complaint.") % {"code": complaint_row.code_public},
        )
        return redirect("complaint", complaint_row.merged_into_id)
    wanted = wanted_by(request)
    rows = rows_around(wanted, complaint_row, now=now)
    complete = request.GET.get("conversation") == "all"
    context = page_context(complaint_row, actor, now=now, queue_rows=rows, complete=complete)
    file, history = context["file"], context["history"]
    queue = queue_of(request.GET, wanted, rows, complaint_row, context["names"])
    context |= live_context(version_of(file, history), queue, now=now)
    context["tab"] = tab_of(request)
    if context["tab"] in LOADED_TABS:
        context |= tab_context(
            request, complaint_row, context["tab"], current=file.current, now=now
        )
    context["composer"] = composer_for(request, file, history, may_handle=context["may_handle"])
    case_opened(actor.ref, KIND, complaint_row.id, now=now)
    context |= pending_context(actor, complaint_row.id, context["approvals"])
    return render(request, "desk/complaint.html", context)


@require_safe
@requires("complaints.read")
@refusals_as_pages
def complaint_tab(request: HttpRequest, ref: str, tab: str) -> HttpResponse:
    """The panel of one of `LOADED_TABS`, loaded when the user opens it."""
    if tab not in LOADED_TABS:
        raise Http404
    actor, now = actor_of(request), timezone.now()
    complaint_row = find(ref, brand=actor.brand)
    current = current_decision(complaint_row)
    context = {
        "complaint": complaint_row,
        "current": current,
        "may_handle": may_work_on(complaint_row, actor),
        "may_be_named": may_be_named(complaint_row),
        "may_be_read_again": may_be_investigated_again(complaint_row),
        "ask_subject": question_subject(complaint_row),
        "identity": sign(IDENTITY, complaint_row.identity),
        "who": who_shown(
            shown_name=complaint_row.person_shown,
            person=complaint_row.person,
            subscriber=complaint_row.subscriber,
        ),
    }
    context |= tab_context(request, complaint_row, tab, current=current, now=now)
    return render(request, f"desk/tab_{tab}.html", context)


@require_safe
@requires("complaints.read")
@refusals_as_pages
def complaint_dialogs(request: HttpRequest, ref: str) -> HttpResponse:
    """The dialogs of the page, loaded when one is opened; without scripts, a page of its own."""
    actor, now = actor_of(request), timezone.now()
    complaint_row = find(ref, brand=actor.brand)
    context = page_context(complaint_row, actor, now=now)
    context |= {
        "dialogs": dialogs_of(context["file"], context, now=now) if context["may_handle"] else [],
    }
    if complaint_row.case and not context["person"].refused:
        looks = looks_in(complaint_row.case)
        names = people({look.user for look in looks})
        context["looks"] = [looked(look, names) for look in looks]
    if context["may_assign"]:
        context["dialogs"] += case_dialogs(complaint_row, actor, now=now)
        context["dialogs"].append(picking_subjects(complaint_row))
    elif context["may_reassign"]:
        context["dialogs"].append(assigning(complaint_row, actor))
    in_page = "HX-Request" in request.headers
    template = "desk/complaint_dialogs.html" if in_page else "desk/complaint_actions.html"
    return render(request, template, context)


def tab_of(request: HttpRequest) -> str:
    """The tab its address names; "" for the first one: the verdict, on a phone the conversation."""
    tab = request.GET.get("tab", "")
    return tab if tab in DetailTab.values else ""
