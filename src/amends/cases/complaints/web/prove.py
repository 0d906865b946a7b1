"""Prove: the facts behind one answer, the statements by which silence counts, and the file with
which a stranger verifies both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from amends.cases.complaints.actions.incidents import with_incidents
from amends.cases.complaints.actions.investigate import dossier_now
from amends.cases.complaints.queries.casefile import find
from amends.cases.complaints.web.fact_words import fields, sentence
from amends.cases.complaints.web.words import answer_sign
from amends.engines.decisions.dossier import Row
from amends.engines.decisions.dossier.sheet import source_title
from amends.people.access.actions.evidence import evidence_many
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.people.access.web.signs import Sign, fact_title
from amends.people.access.web.words import chinese
from amends.platform.kit.errors import AmendsError, BadInput
from amends.record.facts.stored import StoredFact
from amends.record.ledger.queries import checkpoint_note, proof_bundle, single_facts


@dataclass(frozen=True, slots=True)
class ProvedFact:
    """One fact as the page shows it."""

    fact: StoredFact
    kind: str
    source: str
    happened_at: datetime
    recorded_at: datetime
    says: str
    fields: list[tuple[str, str, str]]
    leaf: str


def _row(rows: tuple[Row, ...], number: int) -> Row:
    if not 1 <= number <= len(rows) or not (rows[number - 1].facts or rows[number - 1].coverage):
        raise BadInput(
            _("There is no fact behind this answer."),
            meaning=_("What was not found cannot be shown; the coverage of the source speaks."),
            next_step=_("Go back to the complaint and choose an answer with facts."),
            code="answer_unknown",
        )
    return rows[number - 1]


@requires("complaints.read")
@refusals_as_pages
def prove(request: HttpRequest, ref: str, number: int) -> HttpResponse:
    """The facts of the answer with this number and the statements of completeness it rests on.

    `?file=1` hands out the proof bundle of all of them.
    """
    actor, now = actor_of(request), timezone.now()
    complaint = find(ref, brand=actor.brand)
    row = _row(dossier_now(complaint, actor=actor, now=now).rows, number)
    if "file" in request.GET:
        response = HttpResponse(
            proof_bundle([*row.facts, *row.coverage]), content_type="application/json"
        )
        name = f"amends-{complaint.code_public}-{number}.json"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
    seen = evidence_many(actor, [complaint.case], now=now)
    facts_by_id = {fact.id: fact for fact in with_incidents([complaint], seen)[complaint.id]}
    answer: Sign = answer_sign(row.question, row.answer)
    language = "zh" if chinese() else "en"
    context = {
        "complaint": complaint,
        "number": number,
        "question": row.asked(language),
        "found": row.text(language),
        "answer": answer,
        "facts": [_shown(facts_by_id[fact]) for fact in row.facts if fact in facts_by_id],
        "statements": [_shown(fact) for fact in single_facts(row.coverage)],
        "checkpoint": _checkpoint(),
    }
    return render(request, "desk/prove.html", context)


def _shown(fact: StoredFact) -> ProvedFact:
    zone = timezone.get_current_timezone_name()
    return ProvedFact(
        fact=fact,
        kind=fact_title(fact.kind),
        source=source_title(fact.source, zh=chinese()),
        happened_at=fact.happened_at,
        recorded_at=fact.recorded_at,
        says=sentence(fact, zone),
        fields=fields(fact, zone),
        leaf=fact.leaf_hash.hex(),
    )


def _checkpoint() -> str:
    try:
        return checkpoint_note()
    except AmendsError:
        return ""
