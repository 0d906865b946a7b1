"""The complaint page: the story, what the ledger shows and lacks, the decision with its reply."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amends.access.actions.look import MaskedValue, look
from amends.access.actors import Actor, UnableToAccess, is_user
from amends.access.queries import LookView, looks_in, rules_on
from amends.access.queries.colleagues import people
from amends.access.web.permission import actor_of, requires
from amends.access.web.refusals import refusal_text, refusals_as_pages
from amends.access.web.signs import Sign, in_words, sign
from amends.access.web.words import chinese
from amends.channels.queries import why_refused
from amends.channels.queries.capabilities import channel_sign
from amends.complaints.actions.approve_later import pending_of
from amends.complaints.actions.investigate import dossier_now
from amends.complaints.actions.investigate_again import may_be_investigated_again
from amends.complaints.actions.move_by_hand import moves_by_hand
from amends.complaints.actions.name_subscriber import may_be_named
from amends.complaints.actions.operator_model import is_foreign, reclassify_again, used_meaning
from amends.complaints.actions.record_identity_document import may_show_document
from amends.complaints.actions.record_repair import may_be_repaired
from amends.complaints.actions.recount import MOVED
from amends.complaints.actions.regulator_file import has_evidence
from amends.complaints.queries.casefile import (
    BROUGHT_IN,
    CaseFile,
    Complaint,
    DecisionOnFile,
    Event,
    case_file,
    find,
)
from amends.complaints.queries.units import unit_names
from amends.decisions.deadlines import UnableToKnowLimits, urgent_classes
from amends.decisions.dossier import Dossier, Row
from amends.decisions.dossier.sheet import source_title
from amends.desk.web import strip
from amends.desk.web.clock_statements import beside_clocks
from amends.desk.web.clocks import moving, of_the_day, ticking
from amends.desk.web.decision import closed_decision, decision_context, role_words
from amends.desk.web.dialogs import sheets_of
from amends.desk.web.inbox import area_names
from amends.desk.web.permissions import may_work_on
from amends.desk.web.words import (
    FIELD_WORDS,
    IDENTITY,
    OUTCOMES,
    answer_sign,
    class_choices,
    class_words,
    event_words,
    reason_words,
    state_sign,
    who_shown,
)
from amends.kit.formats import format_date, join_words
from amends.kit.packs import day_in
from amends.registry import panels

FIELDS = ("name", "phone", "address", "email")


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A row of the dossier as the page shows it."""

    row: Row
    question: str
    found: str
    gap: str
    answer: Sign
    source: str
    number: int
    weighs: bool


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One entry of the history."""

    at: datetime
    words: str
    who: str
    reason: str
    weight: str
    internal: bool = False


@dataclass(frozen=True, slots=True)
class ConversationTurn:
    """One turn of the conversation: the complainant's, or an answer another desk gave."""

    at: datetime
    through: str
    words: str
    language: str
    answer: bool = False


@dataclass(frozen=True, slots=True)
class ComplainantPanel:
    """What may be shown of the complainant: masked values, or why none."""

    values: dict[str, MaskedValue]
    refused: str
    looks: list[LookView]


def marked(text: str, words: list[str]) -> SafeString:
    """The user's words with those set off that decided the class."""
    safe = str(conditional_escape(text))
    for word in sorted(set(words), key=len, reverse=True):
        escaped = str(conditional_escape(word))
        if escaped in safe and "<mark>" not in escaped:
            safe = safe.replace(escaped, f"\0{escaped}\1", 1)
    return mark_safe(safe.replace("\0", "<mark>").replace("\1", "</mark>"))  # noqa: S308 (escaped above)


def asked_rows(dossier: Dossier, current: DecisionOnFile | None) -> list[QuestionRow]:
    """The dossier's questions with their answers, those the decision turns on set off."""
    language = "zh" if chinese() else "en"
    turning = turns_on(current)
    times = Counter(row.question for row in dossier.rows)
    services = {one.service: one.zh if chinese() else one.en for one in dossier.services}
    asked = [
        QuestionRow(
            row=row,
            question=_named(row, services) if times[row.question] > 1 else row.asked(language),
            found=row.text(language),
            gap=row.gap(language),
            answer=answer_sign(row.question, row.answer),
            source=source_title(row.source, zh=chinese()),
            number=number,
            weighs=row.question in turning and row.answer != "yes",
        )
        for number, row in enumerate(dossier.rows, start=1)
    ]
    return sorted(asked, key=lambda line: not line.weighs)


def _named(row: Row, services: dict[str, str]) -> str:
    """A question that is asked about several things, with the one this row is about."""
    asked = row.asked("zh" if chinese() else "en")
    about = [services.get(row.about.partition(" ")[0], "")]
    if row.start_ms:
        about.append(format_date(row.start_ms, _language(), timezone.get_current_timezone_name()))
    return " · ".join([asked, *filter(None, about)])


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
        return ComplainantPanel({}, "", [])
    try:
        values = look(actor, complaint.case, FIELDS, now=now, with_evidence=True)
    except UnableToAccess as error:
        return ComplainantPanel({}, refusal_text(error).what, [])
    return ComplainantPanel(values, "", looks_in(complaint.case))


def history(file: CaseFile, names: dict[str, str]) -> list[HistoryEntry]:
    """What happened to the complaint, newest first."""
    steps = [
        HistoryEntry(
            at=event.at,
            words=f"{event_words(event.verb, event.to_state)}{_more(event)}",
            who=names.get(event.actor, _("Amends")),
            reason=reason_words(event.reason),
            weight=_weight(event),
            internal=is_user(event.actor),
        )
        for event in file.events
    ]
    words = _("Received: %(channel)s") % {"channel": channel_sign(file.complaint.channel).word}
    received = HistoryEntry(file.complaint.received_at, words, "", "", "done")
    return [*reversed(steps), received]


def _more(event: Event) -> str:
    """What stands behind the words for an event."""
    if event.verb == "files_left_out":
        why = join_words([why_refused(one) for one in event.details["why"]], _language())
        return f" · {event.details['files']} ({why})"
    if event.verb in _NAMES_ANOTHER:
        return f" · {event.details['code']}"
    return _days_more(event) + _answer(event)


_NAMES_ANOTHER = frozenset(
    ("merged", "merged_in", "unmerged", "unmerged_from", "split_off", "split_from")
)


def _language() -> str:
    return "zh" if chinese() else "en"


def _days_more(event: Event) -> str:
    """By how much a deadline was moved, behind the words for it."""
    days = event.details.get("days", 0) if event.verb in MOVED else 0
    if not days:
        return ""
    return " · " + ngettext("%(n)s day more", "%(n)s days more", days) % {"n": days}


def _answer(event: Event) -> str:
    """What the user said when asked whether it is solved, behind the words for it."""
    if event.verb != "outcome_answered":
        return ""
    said = f" · {OUTCOMES.get(event.details['answer'], event.details['answer'])}"
    content = event.details.get("satisfaction", 0)
    return said + (f" · {_('content: %(n)s of 5') % {'n': content}}" if content else "")


_BAD_NEWS = frozenset(
    ("breach", "escalation", "deadlock", "reopen", "letter_failed", "approval_failed")
)


def _weight(event: Event) -> str:
    if event.verb in _BAD_NEWS:
        return "bad"
    return "done" if event.to_state else ""


_MORE = (
    "may_be_urgent",
    "may_be_repaired",
    "moving",
    "may_be_read_again",
    "may_be_ordered",
    "moves",
    "has_evidence",
)
"""What puts something into the menu “More”; who may be named is a complaint, which has evidence."""


def page_context(complaint: Complaint, actor: Actor, *, now: datetime) -> dict[str, Any]:
    """What the page of a complaint shows; where there is a case, reading its dossier is a look."""
    someone = person(complaint, actor, now=now)
    papers = None
    if complaint.case and not someone.refused:
        papers = dossier_now(complaint, actor=actor, now=now)
    file = case_file(complaint)
    current = file.current
    pending = pending_of(actor, complaint=complaint.id)
    names = people(
        {one.user for one in someone.looks}
        | {event.actor for event in file.events}
        | {ref for made in file.decisions for ref in (made.row.by, made.row.approved_by)}
        | {one.approved_by for one in pending}
    )
    applied = of_the_day(complaint) if has_evidence(complaint) else None
    context = {
        "complaint": complaint,
        "file": file,
        "person": someone,
        "who": who_shown(
            shown=complaint.person_shown, person=complaint.person, subscriber=complaint.subscriber
        ),
        "looks": [looked(one, names) for one in someone.looks],
        "now": now,
        "actor": actor,
        "clocks": ticking(file),
        "moving": moving(file, now=now),
        "beside_clocks": beside_clocks(complaint),
        "of_the_day": applied,
        "rules_unnamed": not applied
        or bool(set(applied.rules) - {clock.rule for clock in file.clocks}),
        "may_be_read_again": may_be_investigated_again(complaint),
        "may_be_ordered": complaint.state == "with_regulator"
        and not complaint.history
        and may_work_on(complaint, actor, "complaints.overrule"),
        "may_be_repaired": may_be_repaired(complaint, file.clocks),
        "may_be_named": may_be_named(complaint),
        "may_show_document": may_show_document(complaint),
        "history": history(file, names),
        "handler": names.get(complaint.handler, complaint.handler),
        "current": current,
        "moves": moves_by_hand(complaint),
        "escalated": role_words(complaint.escalated_to, now) if complaint.escalated_to else "",
        "may_be_urgent": complaint.is_open and has_evidence(complaint) and not complaint.history,
        "urgent_rules": _urgent_rules(complaint),
        "has_evidence": has_evidence(complaint),
        "classes": class_choices(),
        "may_handle": may_work_on(complaint, actor),
        "may_overrule": may_work_on(complaint, actor, "complaints.overrule"),
    }
    context["may_do_more"] = any(context[one] for one in _MORE)
    context |= _story(complaint, file, closed=bool(someone.refused))
    if papers:
        context |= {
            "dossier": papers,
            "asked": asked_rows(papers, current),
            "strip": strip.drawn(
                papers,
                turning=turns_on(current),
                missing=_("nothing found"),
                uncovered=_("not covered"),
            ),
            "changed": changed_since(papers, current),
        }
    context["pending"] = pending
    if someone.refused:
        # What was decided quotes the records: who may not see them reads the verdict alone.
        context |= closed_decision(current)
    else:
        context |= decision_context(
            file, papers, names, actor=actor, now=now, pending=pending[0] if pending else None
        )
    context["sheets"] = sheets_of(file, context, now=now) if context["may_handle"] else []
    return context


def _urgent_rules(complaint: Complaint) -> list[str]:
    """What the rules of its day call urgent; nothing where nobody knows them."""
    day = day_in(complaint.jurisdiction, complaint.received_at)
    try:
        found = urgent_classes(jurisdiction=complaint.jurisdiction, on=day)
    except UnableToKnowLimits:
        return []
    return [in_words(one) for one in found]


def turns(file: CaseFile, *, closed: bool) -> list[ConversationTurn]:
    """What was said in order: every contact, and the answers of the desk it was imported from.

    closed  letters are not for this reader
    """
    said = [
        ConversationTurn(
            one.received_at, str(channel_sign(one.channel).word), one.text, one.language
        )
        for one in file.contacts
    ]
    answered = [
        ConversationTurn(
            one.posted_at, _("Answer of the former desk"), one.body, one.language, answer=True
        )
        for one in file.replies
        if one.posted_at and one.kind == BROUGHT_IN and not closed
    ]
    return sorted([*said, *answered], key=lambda turn: turn.at) if answered else said


def _name_of_corrector(classified_by: str) -> str:
    """The person who corrected the class, "" where the model decided it."""
    if not classified_by.startswith("usr-"):
        return ""
    return people([classified_by]).get(classified_by, classified_by)


def _story(complaint: Complaint, file: CaseFile, *, closed: bool) -> dict[str, Any]:
    said = turns(file, closed=closed)
    because, again = complaint.because, None
    if file.contacts and (not because or complaint.ask_for_words):
        again = reclassify_again(file.contacts[0].text, complaint.classified_by)
        because = because or (again.because if again else ())
    # A single letter or sign may weigh in the model, but tells a reader nothing.
    telling = [word for word in because if len(word.strip()) > 1]
    return {
        "title": class_words(complaint.code),
        "second": class_words(complaint.code2) if complaint.code2 else "",
        "sure_percent": complaint.confidence_permille // 10,
        "foreign": is_foreign(again),
        "by_meaning": used_meaning(complaint.classified_by),
        "corrected_by": _name_of_corrector(complaint.classified_by),
        "state": state_sign(complaint.state),
        "identity": sign(IDENTITY, complaint.identity),
        "channel": channel_sign(complaint.channel),
        "area": area_names().get(complaint.area, complaint.area),
        "brand": complaint.brand and unit_names("brand").get(complaint.brand, complaint.brand),
        "telling": list(dict.fromkeys(word.strip() for word in telling)),
        "first": marked(file.contacts[0].text, telling) if file.contacts else "",
        "turns": said,
        "answered": len(said) > len(file.contacts),
    }


def looked(one: LookView, names: dict[str, str]) -> dict[str, Any]:
    """A look in words: who, what, why."""
    rules = rules_on(timezone.localdate(one.at))
    role = _in_language(rules.roles.get(one.role, (one.role, one.role)))
    why = _in_language(rules.purposes.get(one.purpose, (one.purpose, one.purpose)))
    return {
        "at": one.at,
        "who": _("Amends, by rule") if one.by_platform else f"{names.get(one.user, role)} · {role}",
        "what": join_words((str(FIELD_WORDS.get(name, name)) for name in one.fields), _language()),
        "unmasked": one.unmasked,
        "why": _("%(purpose)s: %(reason)s") % {"purpose": why, "reason": one.why}
        if one.why
        else why,
    }


def _in_language(both: tuple[str, str]) -> str:
    return both[0] if chinese() else both[1]


@requires("complaints.read")
@refusals_as_pages
def complaint(request: HttpRequest, ref: str) -> HttpResponse:
    """One complaint; opening it is a look, and is written down."""
    actor = actor_of(request)
    found = find(ref, brand=actor.brand)
    if found.merged_into_id:
        messages.info(
            request,
            _("%(code)s was merged into this complaint.") % {"code": found.code_public},
        )
        return redirect("complaint", found.merged_into_id)
    context = page_context(found, actor, now=timezone.now())
    if not context["person"].refused:
        context["panels"] = panels(request, ref)
    return render(request, "desk/complaint.html", context)
