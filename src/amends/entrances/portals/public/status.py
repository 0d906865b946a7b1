"""Where a complaint stands; for who has shown who they are, findings, letters, files, looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amends.cases.complaints.actions.attach import UnableToOpenAttachment, open_attachment
from amends.cases.complaints.actions.prove_identity import RECORD, as_complainant
from amends.cases.complaints.queries.complainant_view import (
    ComplainantView,
    complainant_view,
    questions_to_customer,
)
from amends.entrances.portals.public import words
from amends.entrances.portals.public.deadlines import promises
from amends.entrances.portals.public.follow import Followed, followed
from amends.entrances.portals.public.forms import QuestionAnswerForm
from amends.entrances.portals.public.identity_session import hide
from amends.entrances.portals.public.words import pick
from amends.people.access.queries import looks_at
from amends.platform.kit.formats import is_chinese
from amends.platform.kit.ids import random_id

LOOKS = 200


@followed()
@require_safe
def status(request: HttpRequest, it: Followed) -> HttpResponse:
    """The plain steps for everybody with the code; the rest for who has shown who they are."""
    row = it.view.row
    questions = questions_to_customer(it.ref, is_identified=it.shown) if it.is_under_way else []
    owed = promises(it.view, is_identified=it.shown) if it.state.open else []
    context: dict[str, Any] = {
        "it": it,
        "now": it.now,
        "state": _("We need an answer from you") if questions else pick(it.state.zh, it.state.en),
        "state_in_words": "" if questions else pick(it.state.zh_user, it.state.en_user),
        "questions": questions,
        "answer_form": QuestionAnswerForm(initial={"key": random_id()}) if questions else None,
        "steps": [(step, words.step_words(step)) for step in it.steps()],
        "is_under_way": it.is_under_way,
        "promises": owed,
        "is_late": any(promise.at < it.now for promise in owed),
        "contacts_count": row.contacts_count,
        "may": {verb: it.may(verb) for verb in ("accept", "withdraw", "reopen", "confirm")},
        "proof": it.proof,
        "is_subscriber": it.proof == RECORD,
        **_resort_context(it),
    }
    if it.shown:
        context |= _status_context(complainant_view(it.ref))
    return render(request, "portals/status.html", context)


def _resort_context(it: Followed) -> dict[str, Any]:
    resort = it.way_on()
    if resort is None:
        return {}
    return {
        "may_be_passed_on": it.may_be_passed_on(resort),
        "resort": resort,
        "resort_name": pick(resort.zh, resort.en),
        "resort_channel": pick(resort.channel_zh, resort.channel_en),
        "resort_contact": pick(resort.contact_zh, resort.contact_en),
    }


def _status_context(complaint_view: ComplainantView) -> dict[str, Any]:
    return {
        "told": complaint_view,
        "verdict": words.VERDICTS.get(complaint_view.verdict, ""),
        "findings": [
            (pick(each.zh, each.en), pick(each.rule_zh, each.rule_en))
            for each in complaint_view.findings
        ],
        "remedies": [
            (pick(each.reason_zh, each.reason_en), words.REMEDY_STATES.get(each.state, ""))
            for each in complaint_view.remedies
        ],
    }


@followed(shown_only=True)
@require_safe
def letter(request: HttpRequest, it: Followed, letter: str) -> HttpResponse:
    """One letter, to read or print, in its own language."""
    sent_letter = next(
        (candidate for candidate in complainant_view(it.ref).letters if candidate.id == letter),
        None,
    )
    if sent_letter is None:
        raise Http404
    language = "zh-hans" if is_chinese(sent_letter.language) else "en"
    context = {"it": it, "letter": sent_letter, "letter_language": language}
    return render(request, "portals/letter.html", context)


@followed(shown_only=True)
@require_safe
def file(request: HttpRequest, it: Followed, file: str) -> HttpResponse:
    """A file that was sent with the complaint, to save; never shown in the page."""
    actor = as_complainant(it.view.subscriber)
    try:
        opened = open_attachment(it.ref, file, actor=actor, now=it.now)
    except UnableToOpenAttachment as absent:
        raise Http404 from absent
    return HttpResponse(
        opened.content,
        headers=download_headers(opened.name),
        content_type="application/octet-stream",
    )


def download_headers(name: str) -> Mapping[str, str]:
    """Headers under which a browser saves a file and never runs or shows it."""
    return {
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }


@followed(shown_only=True)
@require_safe
def looks(request: HttpRequest, it: Followed) -> HttpResponse:
    """Who looked: for a subscriber who answered the code sent to the contact on record."""
    if it.proof != RECORD:
        raise Http404
    all_looks = looks_at(it.view.subscriber)
    rows = [words.look_in_words(look, own_case=it.view.case) for look in all_looks[:LOOKS]]
    more = max(len(all_looks) - LOOKS, 0)
    return render(request, "portals/looks.html", {"it": it, "rows": rows, "more": more})


@followed()
@require_POST
def leave(request: HttpRequest, it: Followed) -> HttpResponse:
    """On a shared device: nobody after me reads this."""
    hide(request)
    return redirect("public:home")
