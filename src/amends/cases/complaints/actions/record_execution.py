"""Carried out: what of a decision was done, for the letter that says so; or that it was not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_noop as _

from amends.cases.complaints.actions.answer import ReplyDraft
from amends.cases.complaints.actions.letters import day
from amends.cases.complaints.models import Complaint
from amends.cases.complaints.queries.status import newest_decisions
from amends.platform.kit.formats import format_money, is_chinese
from amends.work.remedies.queries import RemedyView, remedies_of

NOT_GRANTED = _("What the user was promised was rejected.")
_BROKEN = ("rejected", "failed")


@dataclass(frozen=True, slots=True)
class ExecutionResult:
    """Letters to those whose remedies were done, and the complaints where one was not."""

    letters: list[ReplyDraft]
    broken: frozenset[str]


def record_execution(complaints: Sequence[Complaint], *, now: datetime) -> ExecutionResult:
    """The outcome of the remedies of the current decision; earlier ones were notified before."""
    current = newest_decisions([complaint.id for complaint in complaints])
    remedies = remedies_of(f"complaint:{complaint.id}" for complaint in complaints)
    letters, broken = [], set()
    for complaint in complaints:
        decision = current.get(complaint.id)
        mine = [
            each
            for each in remedies.get(f"complaint:{complaint.id}", [])
            if decision is not None and each.proposed_at >= decision.at
        ]
        if any(each.state in _BROKEN for each in mine):
            broken.add(complaint.id)
        elif mine:
            letters.append(ReplyDraft(complaint, "implemented", _fields(complaint, mine, now)))
    return ExecutionResult(letters, frozenset(broken))


def _fields(complaint: Complaint, remedies: Sequence[RemedyView], now: datetime) -> dict[str, str]:
    chinese = is_chinese(complaint.language)
    reasons = dict.fromkeys(
        remedy.reason_zh if chinese else remedy.reason_en for remedy in remedies
    )
    fields = {
        "done_on": day(now, complaint),
        "remedies": "\n".join(f"· {text}" for text in reasons),
    }
    currencies = {remedy.currency for remedy in remedies if remedy.amount_minor}
    if len(currencies) == 1:
        minor = sum(remedy.amount_minor for remedy in remedies)
        fields["amount"] = format_money(minor, currencies.pop())
    return fields
