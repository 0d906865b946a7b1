"""What a complainant may see of a complaint after proving their identity."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings

from amends.cases.complaints.models import Contact, Decision, Outcome, RecordedSubject, Reply
from amends.cases.complaints.queries.attachments import AttachmentView, attachments_of
from amends.cases.complaints.queries.casefile import ComplaintView, ContactView, ReplyView
from amends.cases.complaints.queries.subjects import subjects_of
from amends.cases.complaints.rules.appeal_routes import resort_of
from amends.engines.decisions import admissibility as appeals
from amends.engines.decisions.decide import ProposedDecision
from amends.people.operator.queries import operator
from amends.platform.database.prepared_queries import PreparedQuery
from amends.work.approvals.queries import open_questions
from amends.work.remedies.queries import RemedyView, remedies_of

_DECIDES = ("upheld", "partly_upheld", "not_upheld", "proposal", "deadlock")


@dataclass(frozen=True, slots=True)
class AppealRoute:
    """Whom the complainant may turn to if we do not agree; `opens_at` is None if at once."""

    zh: str
    en: str
    channel_zh: str
    channel_en: str
    contact_zh: str
    contact_en: str
    opens_at: datetime | None
    closes_at: datetime | None
    verified: bool


@dataclass(frozen=True, slots=True)
class ComplainantFinding:
    """One reason of the decision as a sentence, and the article it rests on."""

    zh: str
    en: str
    rule_zh: str
    rule_en: str


@dataclass(slots=True)
class ComplainantView:
    """Letters sent, newest first; what was found and decided, once a letter has said so.

    A decision that waits for a person's approval is not shown: `verdict` stays "".
    """

    letters: list[ReplyView] = field(default_factory=list)
    contacts: list[ContactView] = field(default_factory=list)
    files: list[AttachmentView] = field(default_factory=list)
    subjects: list[RecordedSubject] = field(default_factory=list)
    verdict: str = ""
    amount_minor: int = 0
    currency: str = ""
    findings: list[ComplainantFinding] = field(default_factory=list)
    remedies: list[RemedyView] = field(default_factory=list)
    outcome_asked_at: datetime | None = None


def complainant_view(ref: str) -> ComplainantView:
    """Everything the complainant may read. The caller has seen to it that it is them."""
    replies = Reply.objects.filter(complaint=ref, posted_at__isnull=False)
    letters = [
        ReplyView(
            id=row.id,
            kind=row.kind,
            language=row.language,
            subject=row.subject,
            body=row.body,
            drafted_at=row.drafted_at,
            drafted_by=row.drafted_by,
            posted_at=row.posted_at,
        )
        for row in replies.order_by("-posted_at", "-id")
        if row.kind != "identity_code"
    ]
    view_of_complaint = ComplainantView(
        letters, _contacts(ref), attachments_of(ref), subjects_of(ref)
    )
    decision = _decision_shown(ref, letters)
    if decision is not None:
        ruling = ProposedDecision.from_dict(decision.decision)
        view_of_complaint.verdict = decision.verdict
        view_of_complaint.amount_minor, view_of_complaint.currency = (
            decision.amount_minor,
            decision.currency,
        )
        view_of_complaint.findings = [
            ComplainantFinding(
                zh=each.text("zh"),
                en=each.text("en"),
                rule_zh=each.rule_text("zh"),
                rule_en=each.rule_text("en"),
            )
            for each in ruling.reasons
        ]
        cause = f"complaint:{ref}"
        view_of_complaint.remedies = [
            each for each in remedies_of([cause]).get(cause, []) if each.state != "rejected"
        ]
    open_outcomes = Outcome.objects.filter(complaint=ref, answered_at__isnull=True)
    view_of_complaint.outcome_asked_at = (
        open_outcomes.order_by("-asked_at").values_list("asked_at", flat=True).first()
    )
    return view_of_complaint


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionToCustomer:
    """A question that waits for the customer's answer.

    subject, text  "" for readers who have not shown who they are
    """

    asked_at: datetime
    due_at: datetime
    subject: str
    text: str


def questions_to_customer(ref: str, *, is_identified: bool) -> list[QuestionToCustomer]:
    """The questions of a complaint that the customer has not answered, the newest first."""
    items = open_questions("complaint", ref)
    if not items:
        return []
    letters: dict[str, Reply] = {}
    if is_identified:
        letters = Reply.objects.filter(complaint=ref).in_bulk([item.part for item in items])
    return [
        QuestionToCustomer(
            asked_at=item.asked_at,
            due_at=item.due_at,
            subject=letters[item.part].subject if item.part in letters else "",
            text=letters[item.part].body if item.part in letters else "",
        )
        for item in items
    ]


_LETTERS = PreparedQuery(
    lambda ref: (
        Reply.objects.filter(complaint=ref, posted_at__isnull=False)
        .order_by("posted_at", "id")
        .values_list("kind", "posted_at")
    )
)
_DOSSIERS = PreparedQuery(
    lambda ref: (
        Decision.objects.filter(complaint=ref).order_by("-at", "-id").values_list("dossier")[:1]
    )
)


def resort(view: ComplaintView, *, now: datetime, shown: bool) -> AppealRoute | None:
    """Whom to turn to next, from when until when; None where the time for it has passed.

    shown  whether the reader has shown who they are: for others neither the subscriber's province
           nor what the records say counts
    """
    row = view.row
    province = row.province if shown else ""
    answered = [(kind, at) for kind, at in _LETTERS.rows(row.id) if _decides(kind)]
    deadlock = next((at for kind, at in answered if kind == "deadlock"), None)
    (dossier,) = (shown and _DOSSIERS.first(row.id)) or ({},)
    answer = resort_of(
        jurisdiction=view.jurisdiction,
        province=province,
        code=row.code,
        received_at=row.received_at,
        dossier=dossier,
        asked_at=now,
        answered_at=answered[0][1] if answered else None,
        letter_at=deadlock,
        zone=settings.TIME_ZONE,
    )
    if answer.closes_at is not None and answer.closes_at <= now:
        return None
    body = appeals.regulator(view.jurisdiction, province)
    waits = answer.opens_at is not None and answer.opens_at > now
    own = operator()
    return AppealRoute(
        zh=body.zh,
        en=body.en,
        channel_zh=body.channel_zh,
        channel_en=body.channel_en,
        contact_zh=own.regulator_contact_in("zh") or body.contact_zh,
        contact_en=own.regulator_contact_in("en") or body.contact_en,
        opens_at=answer.opens_at if waits else None,
        # The class decides which limit applies, and the records show from which day it runs: before
        # they are read a date would change as soon as they are.
        closes_at=answer.closes_at if dossier or answered else None,
        verified=body.verified is True,
    )


def _contacts(ref: str) -> list[ContactView]:
    names = ("id", "channel", "received_at", "text", "joined_because", "by")
    rows = Contact.objects.filter(complaint=ref).order_by("received_at", "id")
    return [ContactView(*row) for row in rows.values_list(*names)]


def _decision_shown(ref: str, letters: list[ReplyView]) -> Decision | None:
    """The newest decision that a letter has announced since it was made."""
    shown_at = max(
        (letter.posted_at for letter in letters if letter.posted_at and _decides(letter.kind)),
        default=None,
    )
    if shown_at is None:
        return None
    rows = Decision.objects.filter(complaint=ref, at__lte=shown_at).exclude(
        verdict="person_must_decide"
    )
    return rows.order_by("-at", "-id").first()


def _decides(kind: str) -> bool:
    return kind.partition(".")[0] in _DECIDES
