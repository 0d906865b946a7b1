"""A user's choice about a duty: a mark of one's own, another channel, or no such notice at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from amends.causes.notices.actions.change_line import change_line
from amends.causes.notices.actions.enrolled_lines import enrolled
from amends.causes.notices.models import Preference
from amends.causes.notices.queries import Choice, choices_of
from amends.engines.duties.duty import Duty
from amends.people.subscribers.queries import services_of
from amends.platform.kit.errors import Refused
from amends.platform.kit.periods import to_ms
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append

_CHANGES = {"spend": "own_mark", "roaming_use": "roaming_cap"}
"""What the engine calls the mark that a user chooses for duties of a trigger."""


def set_preference(
    duty: Duty,
    *,
    subscriber: str,
    service: str = "",
    declined: bool = False,
    own_step: int | None = None,
    channel: str = "",
    language: str = "",
    chosen_on: str,
    now: datetime,
) -> int:
    """Record a choice; the newest applies. Returns its number: the user's own mark is due again.

    A choice is a fact; a duty that knows no opt-out cannot be declined. Left out is taken back: a
    mark of one's own gives way to the standard one.
    """
    if declined and not duty.opt_out:
        raise Refused(
            _("This notice cannot be declined."),
            meaning=_("The rule obliges us to send it."),
            next_step=_("Choose another channel instead."),
            code="choice_not_open",
        )
    if channel and channel not in duty.channels:
        raise Refused(
            _("The rule knows no such channel for this notice."),
            next_step=_("Choose one of %(channels)s.") % {"channels": ", ".join(duty.channels)},
            code="choice_not_open",
        )
    unit = next((step.unit for step in duty.steps if step.kind == "own"), "")
    if own_step is not None and (own_step < 1 or not unit):
        raise Refused(
            _("This notice has no mark of your own."),
            next_step=_("Choose another notice."),
            code="choice_not_open",
        )
    stated = "ConsentWithdrawn" if declined else "ConsentGiven"
    fact = Fact(
        kind=stated,
        subscriber=subscriber,
        subject=service,
        happened_at=now,
        source="notices",
        payload={"purpose": _purpose(duty, own_step, unit), "channel": chosen_on},
    )
    with transaction.atomic():
        append([fact], now=now)
        before = choices_of([subscriber]).by_key.get((subscriber, service, duty.id), Choice())
        if service and own_step != before.own_step and (kind := _CHANGES.get(duty.trigger)):
            change_line(service, kind, reference=fact.id, at=now, amount=own_step or 0)
        row = Preference.objects.create(
            subscriber=subscriber,
            service=service,
            duty=duty.id,
            declined=declined,
            own_step=own_step,
            own_unit=unit if own_step is not None else "",
            channel=channel,
            language=language,
            chosen_at_ms=to_ms(now),
            chosen_on=chosen_on,
        )
    return row.id


def set_preference_everywhere(
    duty: Duty, *, subscriber: str, wish: Choice, chosen_on: str, now: datetime
) -> int:
    """Record a choice for the person and all their lines; how many of these it changed.

    Raises `BadInput` before anything is recorded.
    """
    lines = enrolled(
        [
            service_view.ref
            for service_view in services_of(subscriber)
            if service_view.stopped_at is None
        ]
    )
    current, changed = choices_of([subscriber]), 0
    with transaction.atomic():
        for service in ("", *lines):
            now_chosen = current.by_key.get((subscriber, service, duty.id), Choice())
            if replace(now_chosen, number=0, own_unit="") != wish:
                set_preference(
                    duty,
                    subscriber=subscriber,
                    service=service,
                    declined=wish.declined,
                    own_step=wish.own_step,
                    channel=wish.channel,
                    language=wish.language,
                    chosen_on=chosen_on,
                    now=now,
                )
                changed += 1
    return changed


def _purpose(duty: Duty, own_step: int | None, unit: str) -> str:
    mark = "" if own_step is None else f", at {own_step} {unit}"
    return f"notice {duty.id}{mark}"
