"""Investigate again: the records say something else than when the suggestion was made."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.cases.complaints.actions.investigate import investigate_many
from amends.cases.complaints.models import Complaint, Decision, Event, Identity
from amends.cases.complaints.queries.status import newest_decisions
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.errors import Refused

# A person asks for it, the platform reads the records: nobody is shown anything by it.
PLATFORM = system("desk")


class UnableToInvestigateAgain(Refused):
    """It is not under investigation, nobody is known, or another decision was made meanwhile."""

    code = "unable_to_investigate_again"


def may_be_investigated_again(complaint: Complaint) -> bool:
    """Whether there are records to read, and a suggestion that may follow them."""
    return (
        complaint.state == "investigating"
        and not complaint.history
        and bool(complaint.subscriber)
        and complaint.identity == Identity.VERIFIED
    )


def investigate_again(
    ref: str, *, actor: Actor, now: datetime, seen: str | None = None, verb: str = "read_again"
) -> Decision:
    """Read the records once more; the new suggestion replaces the current one.

    seen  the decision that was read (its id); None where nobody can say
    verb  what its history says of it: somebody wished it, or records came (`records_came`,
          `incident_stated`)
    """
    with transaction.atomic():
        complaint = Complaint.objects.select_for_update().get(id=ref)
        current = newest_decisions([ref]).get(ref)
        if not may_be_investigated_again(complaint) or (
            seen is not None and seen != (current.id if current else "")
        ):
            raise UnableToInvestigateAgain(
                _("There is nothing here to investigate again."),
                meaning=_("Nothing was changed."),
                next_step=_("Load the complaint again; somebody may have decided it."),
            )
        (outcome,) = investigate_many([ref], actor=PLATFORM, now=now)
        Event.objects.create(complaint=complaint, at=now, verb=verb, actor=actor.ref)
    assert outcome.decision is not None
    return outcome.decision
