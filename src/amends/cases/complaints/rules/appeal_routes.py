"""Whom a complainant may turn to next, and until when, for as much as still can be disputed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from typing import Any

from amends.cases.complaints.rules.joining import ABOUT_MONEY
from amends.engines.decisions.admissibility import Admissibility, AppealMatter, admissibility
from amends.platform.kit.packs import day_in
from amends.platform.kit.periods import from_ms


def resort_of(
    *,
    jurisdiction: str,
    province: str,
    code: str,
    received_at: datetime,
    dossier: Mapping[str, Any],
    asked_at: datetime,
    answered_at: datetime | None = None,
    letter_at: datetime | None = None,
    zone: str | tzinfo | None = None,
) -> Admissibility:
    """Whether and until when the regulator would take a complaint of class `code`.

    dossier       the document of the decision that counts, empty where there is none
    answered_at   when the operator answered, None where that is still due
    letter_at     when a letter of deadlock left, None where there is none

    Each disputed charge has a time limit of its own. The one that ends next is named: a later one
    would cost the complainant that charge, and one that is past says nothing of the others. Only
    where all are past is the answer `too_late`, with the last limit there was.
    """
    charged = _charged(dossier)
    matter = AppealMatter(
        complained_at=received_at,
        answered_at=answered_at,
        letter_at=letter_at,
        charge_dispute=is_charge_dispute(code, dossier),
    )
    moments = charged if matter.charge_dispute and charged else [*charged, received_at]
    days = {day_in(jurisdiction, moment): moment for moment in sorted(moments, reverse=True)}
    answers = [
        admissibility(
            jurisdiction=jurisdiction,
            province=province,
            matter=replace(matter, event_at=days[day]),
            asked_at=asked_at,
            zone=zone,
        )
        for day in sorted(days)
    ]
    still = [
        answer for answer in answers if answer.closes_at is None or answer.closes_at > asked_at
    ]
    return still[0] if still else answers[-1]


def is_charge_dispute(code: str, dossier: Mapping[str, Any]) -> bool:
    """Whether a complaint is about a charge: by its class, or by what its records show of money.

    A ringtone nobody ordered is a matter of consent, and what is disputed are its charges.

    >>> is_charge_dispute("billing.wrong_charge", {})
    True
    >>> is_charge_dispute("network.speed", {"grounds": [{"charged_at_ms": 1}]})
    False
    """
    if code.startswith("billing."):
        return True
    return code.startswith(ABOUT_MONEY) and bool(_charged(dossier))


def _charged(dossier: Mapping[str, Any]) -> list[datetime]:
    """When each charge was made that the records do not support."""
    grounds: list[Mapping[str, Any]] = dossier.get("grounds", [])
    return [
        from_ms(ground["charged_at_ms"]).astimezone(UTC)
        for ground in grounds
        if ground["charged_at_ms"]
    ]
