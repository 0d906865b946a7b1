"""The figures of each letter: dates, amounts, whom to turn to, in the reader's form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.utils import timezone

from amends.cases.complaints.models import Clock, Complaint, Decision, Identity
from amends.cases.complaints.rules.appeal_routes import resort_of
from amends.cases.complaints.rules.replies import (
    decision_fields,
    name_complaint,
    name_hotline,
    reply_kind,
)
from amends.engines.classification.taxonomy import taxonomy
from amends.engines.decisions import admissibility as appeals
from amends.engines.decisions.clocks import is_provincial, pack_zone
from amends.engines.decisions.decide import PERSON, ProposedDecision
from amends.engines.decisions.evidence import Matter
from amends.people.operator.queries import operator, public_address
from amends.platform.kit.formats import format_date, is_chinese
from amends.work.remedies.queries import paid_within

ACCEPT_WITHIN = timedelta(days=14)
PROMISED = {"resolve": "answer_by", "repair": "repair_by", "adr_letter": "adr_by"}
"""Step of a clock → the field of a letter that says its day."""

SOME_PERSON = "usr-"
"""Stands for whoever will approve a draft."""

Days = Mapping[str, datetime]
"""Field of a letter → by when the rules want that done."""


def promised_days(complaints: Iterable[Complaint]) -> dict[str, Days]:
    """Complaint → what a letter may promise of it: an answer, a repair, a word on dispute bodies.

    Only what the rules give it: a clock of another kind, or one that is paused, is no promise.
    """
    owed: dict[str, dict[str, datetime]] = {}
    provable, unproven = [], []
    for complaint in complaints:
        if complaint.subscriber and complaint.identity != Identity.VERIFIED:
            unproven.append(complaint)
        elif complaint.next_step == "resolve" and complaint.next_due_at:
            owed[complaint.id] = {"answer_by": complaint.next_due_at}
        elif complaint.is_open and not complaint.history:
            provable.append(complaint.id)
    running = Clock.objects.filter(
        step__in=PROMISED, met_at__isnull=True, paused_at__isnull=True
    ).order_by("-due_at", "-id")
    due_dates = running.filter(complaint__in=provable, binding=True)
    for ref, step, due_at in due_dates.values_list("complaint_id", "step", "due_at"):
        owed.setdefault(ref, {})[PROMISED[step]] = due_at
    # Before somebody has shown who they are, a letter names no day that reveals the province.
    jurisdictions = {
        unproven_complaint.id: unproven_complaint.jurisdiction
        for unproven_complaint in unproven
        if unproven_complaint.is_open and not unproven_complaint.history
    }
    due_dates = running.filter(complaint__in=jurisdictions)
    for ref, step, due_at, rule in due_dates.values_list("complaint_id", "step", "due_at", "rule"):
        if not is_provincial(rule, jurisdictions[ref]):
            owed.setdefault(ref, {})[PROMISED[step]] = due_at
    return dict(owed)


def common(complaint: Complaint, owed: Days) -> dict[str, str]:
    """Fields every letter may use: code, day, subject, contact, and days of `owed`.

    `identity` is the address to prove who one is, as long as that is missing. Whether the number
    is a customer's makes no difference: a letter to a stranger must not tell.
    """
    fields = closing(complaint)
    received = day(complaint.received_at, complaint)
    subject = "" if complaint.ask_for_words else topic(complaint)
    fields["received"] = received
    fields["matter"] = name_complaint(complaint.language, received=received, topic=subject)
    fields |= {name: day(at, complaint) for name, at in owed.items()}
    if subject:
        fields["topic"] = subject
    if complaint.identity != Identity.VERIFIED:
        fields["identity"] = f"{fields['follow']}identity/"
    return fields


def closing(complaint: Complaint) -> dict[str, str]:
    """Fields of how every letter ends: code, page of the complaint, operator, hotline."""
    own, language = operator(), complaint.language
    fields = {
        "tracking": complaint.code_public,
        "follow": f"{public_address()}/follow/{complaint.code_public}/",
    }
    if own.name_in(language):
        fields["operator"] = own.name_in(language)
    if own.hotline:
        fields["contact"] = name_hotline(
            language, hotline=own.hotline, hours=own.hours_in(language)
        )
    return fields


def topic(complaint: Complaint) -> str:
    """What the complaint is about, in the complainant's language."""
    code = taxonomy().codes[complaint.code]
    return code.zh if is_chinese(complaint.language) else code.en


def decided(
    complaint: Complaint, decision: Decision, ruling: ProposedDecision, *, now: datetime
) -> tuple[str, dict[str, str]]:
    """The letter of a decision, and its fields: (kind, fields)."""
    matter = Matter.from_dict(decision.matter)
    proposed = ruling.verdict == "partly_upheld"
    fields = decision_fields(
        ruling,
        matter,
        language=complaint.language,
        tracking=complaint.code_public,
        paid_by=timezone.localdate(now + paid_within(timezone.localdate(now))),
        accept_by=timezone.localdate(now + ACCEPT_WITHIN) if proposed else None,
    )
    answered = ruling.verdict != PERSON
    if answered and complaint.state != "with_regulator":
        # Until it is carried out it is a draft that a person reads and approves.
        by = decision.decided_by or decision.decided_with(SOME_PERSON)
        fields[f"decided_by_{by}"] = by
    fields |= regulator_fields(complaint, decision, now=now, answered=answered)
    return reply_kind(ruling, matter), fields


def regulator_fields(
    complaint: Complaint,
    decision: Decision | None,
    *,
    now: datetime,
    letter_at: datetime | None = None,
    answered: bool = True,
) -> dict[str, str]:
    """Whom to turn to next: from when, until when, or without a day where the rules name none.

    answered  whether the letter answers the complaint, or an answer is still due

    Fields: `regulator` with `regulator_by`; or `regulator_later` with `regulator_from`;
    `regulator_past` with `regulator_until`; `regulator_any`. The name is in the first of each;
    `regulator_way` says how to reach it.
    """
    way = {"regulator_way": regulator_way(complaint)}
    body = appeals.regulator(complaint.jurisdiction, complaint.province)
    name = body.zh if is_chinese(complaint.language) else body.en
    answer = resort_of(
        jurisdiction=complaint.jurisdiction,
        province=complaint.province,
        code=complaint.code,
        received_at=complaint.first_received,
        dossier=decision.dossier if decision else {},
        asked_at=now,
        answered_at=now if answered else None,
        letter_at=letter_at,
    )
    if answer.closes_at is not None and answer.closes_at <= now:
        return way | {"regulator_past": name, "regulator_until": day(answer.closes_at, complaint)}
    if answer.opens_at is not None and answer.opens_at > now:
        return way | {"regulator_later": name, "regulator_from": day(answer.opens_at, complaint)}
    if answer.closes_at is None:
        return way | {"regulator_any": name}
    return way | {"regulator": name, "regulator_by": day(answer.closes_at, complaint)}


def regulator_way(complaint: Complaint) -> str:
    """How to go to whom one may turn to next, and how to reach them."""
    body = appeals.regulator(complaint.jurisdiction, complaint.province)
    if is_chinese(complaint.language):
        return f"{body.channel_zh}{regulator_contact(complaint)}"
    return f"{body.channel_en} {regulator_contact(complaint)}"


def regulator_contact(complaint: Complaint) -> str:
    """Where to reach the regulator: as the operator says, else as far as the pack knows."""
    body = appeals.regulator(complaint.jurisdiction, complaint.province)
    own: str = operator().regulator_contact_in(complaint.language)
    return own or (body.contact_zh if is_chinese(complaint.language) else body.contact_en)


def day(moment: datetime, complaint: Complaint) -> str:
    """A date as the complainant reads it, in the zone their rules count in."""
    return format_date(moment, complaint.language, pack_zone(complaint.jurisdiction))
