"""Mark an issue as a natural disaster, or take the mark away: what excepts one then does so."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.platform.vault.redaction import redact_person
from amends.problems.emergencies.queries.disaster import DECLARED, WITHDRAWN, disaster_of
from amends.problems.hotissues.actions.authority import demand, locked_to_lead
from amends.problems.hotissues.actions.note import note
from amends.problems.hotissues.queries.records import HotIssue
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append


class UnableToMarkDisaster(Refused):
    """The issue bears the mark already, or none, or nobody said why."""

    code = "unable_to_mark_disaster"


def mark_disaster(
    ref: str, disaster: bool, *, because: str, actor: Actor, now: datetime
) -> HotIssue:
    """Say that a natural disaster is the cause of an issue, or that it is not; a fact says who did
    so, when and why.

    Which rules except a natural disaster is their own data: `excepts = ["natural_disaster"]`.
    """
    demand(actor, "hotissues.lead", now)
    with transaction.atomic():
        issue = locked_to_lead(ref, actor)
        if disaster == (disaster_of(issue) is not None):
            raise UnableToMarkDisaster(
                _("The issue is marked as a natural disaster already, or was not marked."),
                meaning=_("Nothing was changed."),
                next_step=_("Load the page again."),
            )
        if not because.strip():
            raise UnableToMarkDisaster(
                _("Nothing says why it is a natural disaster, or why it is none."),
                meaning=_("Rules that protect users would stop without a reason on file."),
                next_step=_("Write in a sentence what happened and who says so."),
            )
        reason = redact_person(because.strip())[:400]
        note(issue, DECLARED if disaster else WITHDRAWN, actor=actor, now=now, reason=reason)
        payload: dict[str, str | int] = {
            "issue": issue.id,
            "by": actor.ref,
            "reason": reason,
            **({"drill": 1} if issue.drill else {}),
        }
        kind = "DisasterDeclared" if disaster else "DisasterWithdrawn"
        append(
            [
                Fact(
                    kind=kind,
                    subscriber="",
                    subject=issue.subject,
                    happened_at=now,
                    source="hotissues",
                    payload=payload,
                )
            ],
            now=now,
        )
    return issue
