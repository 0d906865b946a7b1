"""Invented subscribers that nobody has a reason to look at: one look is an alert."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from amends.causes.privacy.actions.authority import check
from amends.causes.privacy.actions.watch_looks import store_alert
from amends.causes.privacy.models import Honeytoken, MisuseCase
from amends.causes.privacy.rules.alerts import Alert
from amends.channels.actions.post import Outgoing, post_many
from amends.people.access.queries import roles_that_may
from amends.people.access.queries.colleagues import colleagues
from amends.people.operator.queries import public_address
from amends.people.subscribers.actions.register import NewSubscriber, register_many
from amends.platform.kit.actors import Actor
from amends.platform.kit.formats import is_chinese
from amends.platform.kit.periods import from_ms
from amends.record.facts.fact import Fact
from amends.record.ledger.queries import facts_about_many

SIGNAL = "honeytoken"
_PEOPLE = frozenset(("system", "subscriber"))
BACK = timedelta(days=2)


def place(people: Sequence[NewSubscriber], *, actor: Actor, now: datetime) -> list[str]:
    """Register invented subscribers, on numbers that the operator gives to nobody."""
    check(actor, "privacy.decide")
    with transaction.atomic():
        refs = register_many(people, now=now)
        Honeytoken.objects.bulk_create(
            Honeytoken(subscriber=ref, placed_by=actor.ref, placed_at=now) for ref in refs
        )
    return refs


def alert_looks(*, facts: Sequence[Fact], **_signal: Any) -> None:
    """Alert looks at honeytokens as they happen, in the transaction of the look."""
    looks = [fact for fact in facts if fact.payload["role"] not in _PEOPLE]
    if not looks:
        return
    baits = set(
        Honeytoken.objects.filter(
            subscriber__in={look_fact.subscriber for look_fact in looks}
        ).values_list("subscriber", flat=True)
    )
    for look in looks:
        if look.subscriber in baits:
            _alert(
                str(look.payload["user"]), str(look.payload.get("partner", "")), look.happened_at
            )


def watch_fed_looks(now: datetime) -> int:
    """The same for looks that other systems state: those of the last days that are new."""
    baits = list(Honeytoken.objects.values_list("subscriber", flat=True))
    facts_by_bait = (
        facts_about_many(baits, kinds=["DataAccessed"], start=now - BACK) if baits else {}
    )
    return sum(
        _alert(
            str(fact.payload["user"]),
            str(fact.payload.get("partner", "")),
            from_ms(fact.happened_at_ms),
        )
        for facts in facts_by_bait.values()
        for fact in facts
        if fact.payload["role"] not in _PEOPLE
    )


def _alert(user: str, partner: str, at: datetime) -> bool:
    alert = Alert(
        user=user, signal=SIGNAL, at=at.replace(tzinfo=None), p=0.0, count=1, expected=0.0, days=1
    )
    case = store_alert(alert, at, partner)
    if case is None:
        return False
    letters = [
        _letter(case, colleague.ref, colleague.email, colleague.language)
        for colleague in colleagues(roles_that_may("privacy.decide"), brand=case.brand)
        if colleague.email and colleague.ref != user
    ]
    with transaction.atomic():
        post_many(letters, now=at)
    return True


def _letter(case: MisuseCase, ref: str, email: str, language: str) -> Outgoing:
    with override(language or settings.LANGUAGE_CODE):
        return Outgoing(
            key=f"honeytoken:{case.ref}:{ref}",
            channel="mail",
            recipient=email,
            subject=_("Somebody looked at a subscriber who does not exist"),
            body=_("Nobody has a reason for this look. The case file: %(address)s")
            % {"address": f"{public_address()}/desk/privacy/cases/{case.ref}/"},
            language="zh" if is_chinese(language or settings.LANGUAGE_CODE) else "en",
            reference=case.ref,
        )
