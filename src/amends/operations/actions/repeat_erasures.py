"""After a restore: erase once more whom the register names."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from amends.operations.actions.erasure import UnableToErasePerson, erase_person
from amends.operations.queries.erasure_register import readable_again, registered
from amends.people.subscribers.queries import subscribers
from amends.platform.kit.actors import Actor


@dataclass(slots=True)
class Repeated:
    """What became of the people in a register.

    again    erased once more
    already  erased in this database as well
    unknown  not in this database
    refused  pseudonym → why (a hold stands)
    """

    again: int = 0
    already: int = 0
    unknown: int = 0
    refused: dict[str, str] = field(default_factory=dict)


def repeat_erasures(actor: Actor, now: datetime, *, path: Path | None = None) -> Repeated:
    """Erase once more whom the register names; open complaints are withdrawn with it.

    actor    a privacy officer
    """
    wanted = registered(path)
    subscriber_views, open_to_read = subscribers(wanted), readable_again(path)
    outcome = Repeated(
        already=len(subscriber_views) - len(open_to_read),
        unknown=len(wanted) - len(subscriber_views),
    )
    for pseudonym in open_to_read:
        try:
            erase_person(pseudonym, actor, now, request="erasure-repeated", withdraw_open=True)
            outcome.again += 1
        except UnableToErasePerson as refusal:
            outcome.refused[pseudonym] = str(refusal)
    return outcome
