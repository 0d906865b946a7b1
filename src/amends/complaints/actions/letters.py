"""The figures of each letter: dates, amounts, whom to turn to, in the reader's form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from amends.complaints.models import Complaint, Decision
from amends.complaints.rules import admissibility as appeals
from amends.complaints.rules.decide import Decision as Ruling
from amends.complaints.rules.evidence import Matter
from amends.complaints.rules.replies import decision_fields, reply_kind
from amends.complaints.rules.taxonomy import taxonomy
from amends.kit.formats import format_date, is_chinese
from amends.kit.periods import from_ms
from amends.remedies.queries import paid_within

ACCEPT_WITHIN = timedelta(days=14)


def common(complaint: Complaint) -> dict[str, str]:
    """Fields every letter may use: tracking code, day of receipt, day of the answer, topic."""
    fields = {
        "tracking": complaint.code_public,
        "received": day(complaint.received_at, complaint),
    }
    if complaint.next_due_at:
        fields["answer_by"] = day(complaint.next_due_at, complaint)
    if not complaint.ask_for_words:
        fields["topic"] = topic(complaint)
    return fields


def topic(complaint: Complaint) -> str:
    """What the complaint is about, in the complainant's language."""
    code = taxonomy().codes[complaint.code]
    return code.zh if is_chinese(complaint.language) else code.en


def decided(
    complaint: Complaint, decision: Decision, ruling: Ruling, *, now: datetime
) -> tuple[str, dict[str, str]]:
    """The letter that tells a decision, and its fields: (kind, fields)."""
    matter = Matter.from_dict(decision.matter)
    proposed = decision.verdict == "partly_upheld"
    fields = decision_fields(
        ruling,
        matter,
        language=complaint.language,
        tracking=complaint.code_public,
        paid_by=(now + paid_within(now.date())).date(),
        accept_by=(now + ACCEPT_WITHIN).date() if proposed else None,
    )
    fields |= regulator_fields(complaint, decision, now=now)
    return ("proposal" if proposed else reply_kind(ruling, matter)), fields


def regulator_fields(
    complaint: Complaint, decision: Decision | None, *, now: datetime
) -> dict[str, str]:
    """Whom to turn to next and until when; empty where the pack does not know."""
    body = appeals.regulator(complaint.jurisdiction, complaint.province)
    answer = appeals.admissibility(
        jurisdiction=complaint.jurisdiction,
        province=complaint.province,
        asked_at=now,
        matter=appeals.Matter(
            complained_at=complaint.received_at,
            event_at=disputed_since(complaint.received_at, decision.dossier if decision else {}),
            answered_at=now,
            charge_dispute=complaint.code.startswith("billing."),
        ),
    )
    if answer.closes_at is None or answer.closes_at <= now:
        return {}
    return {
        "regulator": body.zh if is_chinese(complaint.language) else body.en,
        "regulator_by": day(answer.closes_at, complaint),
    }


def day(moment: datetime, complaint: Complaint) -> str:
    """A date as the complainant reads it."""
    return format_date(moment, complaint.language, settings.TIME_ZONE)


def disputed_since(received_at: datetime, dossier: Mapping[str, Any]) -> datetime:
    """The earliest event in dispute: a time limit told too long would cost them the appeal.

    dossier  the document of the decision that counts, empty where there is none
    """
    grounds: list[Mapping[str, Any]] = dossier.get("grounds", [])
    moments = [from_ms(ground["charged_at_ms"]) for ground in grounds if ground["charged_at_ms"]]
    return min([*moments, received_at.astimezone(UTC)])
