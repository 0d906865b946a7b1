"""Prints: a letter that was sent, with what was found, on paper that needs no screen."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from amends.cases.complaints.queries.casefile import CaseFile, Reply, case_file, find
from amends.cases.complaints.web.permissions import let_in
from amends.cases.complaints.web.words import answer_sign, class_words
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.platform.kit.errors import BadInput
from amends.platform.kit.formats import is_chinese


@requires("complaints.read")
@refusals_as_pages
def letter(request: HttpRequest, ref: str, reply: str) -> HttpResponse:
    """One letter in the language of its reader."""
    actor = actor_of(request)
    complaint = find(ref, brand=actor.brand)
    let_in(complaint, actor, now=timezone.now())
    file = case_file(complaint)
    reply_row = next(
        (
            posted_reply
            for posted_reply in file.replies
            if posted_reply.id == reply and posted_reply.posted_at
        ),
        None,
    )
    if reply_row is None:
        raise BadInput(
            _("There is no such letter."),
            next_step=_("Go back and choose one that was sent."),
            code="letter_unknown",
        )
    with translation.override("zh-hans" if is_chinese(reply_row.language) else "en"):
        return render(request, "desk/letter.html", _context(file, reply_row))


def _context(file: CaseFile, reply: Reply) -> dict[str, Any]:
    current = file.current
    language = "zh" if is_chinese(reply.language) else "en"
    rows = current.dossier.rows if current and current.dossier else ()
    return {
        "complaint": file.complaint,
        "letter": reply,
        "topic": class_words(file.complaint.code),
        "is_deadlock": reply.kind.startswith("deadlock"),
        "rows": [
            (row.asked(language), answer_sign(row.question, row.answer).word, row.text(language))
            for row in rows
        ],
    }
