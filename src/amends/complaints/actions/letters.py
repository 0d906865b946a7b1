"""The figures of each letter: dates, amounts, whom to turn to, in the reader's form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from amends.complaints.models import Clock, Complaint, Decision
from amends.complaints.rules import admissibility as appeals
from amends.complaints.rules.clocks import pack_zone
from amends.complaints.rules.decide import Decision as Ruling
from amends.complaints.rules.evidence import Matter
from amends.complaints.rules.replies import decision_fields, reply_kind
from amends.complaints.rules.taxonomy import taxonomy
from amends.kit.formats import format_date, is_chinese
from amends.kit.periods import from_ms
from amends.remedies.queries import paid_within

ACCEPT_WITHIN = timedelta(days=14)
PROMISED = {"resolve": "answer_by", "repair": "repair_by", "adr_letter": "adr_by"}
"""Step of a clock → the field of a letter that says its day."""


Days = Mapping[str, datetime]
"""Field of a letter → by when the rules want that done."""


def days_owed(complaints: Iterable[Complaint]) -> dict[str, Days]:
    """Complaint → what a letter may promise of it: an answer, a repair, a word on dispute bodies.

    Only what the rules give it: a clock of another kind, or one that stands still, is no promise.
    """
    owed: dict[str, dict[str, datetime]] = {}
    rest = []
    for one in complaints:
        if one.next_step == "resolve" and one.next_due_at:
            owed[one.id] = {"answer_by": one.next_due_at}
        elif one.is_open and not one.history:
            rest.append(one.id)
    running = Clock.objects.filter(
        complaint__in=rest, step__in=PROMISED, binding=True, met_at__isnull=True,
        paused_at__isnull=True,
    ).order_by("-due_at", "-id")  # fmt: skip
    for ref, step, due_at in running.values_list("complaint_id", "step", "due_at"):
        owed.setdefault(ref, {})[PROMISED[step]] = due_at
    return dict(owed)


def common(complaint: Complaint, owed: Days) -> dict[str, str]:
    """Fields every letter may use: tracking code, day of receipt, topic, and days of `owed`."""
    fields = {
        "tracking": complaint.code_public,
        "received": day(complaint.received_at, complaint),
    }
    fields |= {name: day(at, complaint) for name, at in owed.items()}
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
        paid_by=timezone.localdate(now + paid_within(timezone.localdate(now))),
        accept_by=timezone.localdate(now + ACCEPT_WITHIN) if proposed else None,
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
    """A date as the complainant reads it, in the zone their rules count in."""
    return format_date(moment, complaint.language, pack_zone(complaint.jurisdiction))


def disputed_since(received_at: datetime, dossier: Mapping[str, Any]) -> datetime:
    """The earliest event in dispute: a time limit told too long would cost them the appeal.

    dossier  the document of the decision that counts, empty where there is none
    """
    grounds: list[Mapping[str, Any]] = dossier.get("grounds", [])
    moments = [from_ms(ground["charged_at_ms"]) for ground in grounds if ground["charged_at_ms"]]
    return min([*moments, received_at.astimezone(UTC)])
