"""What a person may choose about notices, what they have chosen, and what is held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from amends.causes.notices.models import Hold
from amends.causes.notices.queries import Choice, HoldView, choices_of, hold_view
from amends.causes.notices.queries.places import place_of
from amends.engines.duties.book import book
from amends.engines.duties.duty import Duty
from amends.people.subscribers.queries import SubscriberView
from amends.platform.kit.packs import day_in

_RECENT = 50


@dataclass(frozen=True, slots=True)
class OpenPreference:
    """A duty that leaves a choice.

    own_unit  the unit of a mark of one's own, "" where there is none; `standard`: what holds for
              who has chosen none, 0 for none at all
    currency  of a mark of money
    stands    what is in force
    """

    duty: Duty
    own_unit: str
    standard: int
    currency: str
    current: Choice


def open_choices(person: SubscriberView, *, now: datetime) -> list[OpenPreference]:
    """The duties that leave this person a choice: a mark, no notice, or another channel."""
    jurisdiction = place_of(person)
    rules = book(jurisdiction, day_in(jurisdiction, now))
    chosen = choices_of([person.pseudonym])
    open_preferences = []
    for duty in rules.duties:
        own = next((step for step in duty.steps if step.kind == "own"), None)
        if duty.met_by != "notice" or not (own or duty.opt_out or "phone" in duty.channels):
            continue
        current = chosen.of(person.pseudonym, "", duty.id)
        open_preferences.append(
            OpenPreference(
                duty=duty,
                own_unit=own.unit if own else "",
                standard=own.value if own else 0,
                currency=duty.currency or rules.currency,
                current=current,
            )
        )
    return open_preferences


def choice_about(person: SubscriberView, duty: str, *, now: datetime) -> OpenPreference | None:
    """What `open_choices` says of one duty; None where it leaves this person no choice."""
    return next(
        (
            open_choice
            for open_choice in open_choices(person, now=now)
            if open_choice.duty.id == duty
        ),
        None,
    )


def held_of(subscriber: str) -> list[HoldView]:
    """What is held of a person's use, and what runs on by their consent, newest first."""
    rows = Hold.objects.filter(subscriber=subscriber).order_by("-held_at_ms", "-id")[:_RECENT]
    return [hold_view(row) for row in rows if row.ended_at_ms is None or row.ended_by == "consent"]
