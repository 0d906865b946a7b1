"""Tell people that a charge goes back because a notice was missing, before they have to ask."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from amends.cases.audits.models import RefundMessage
from amends.channels.actions.post import Outgoing, post_many
from amends.channels.queries.capabilities import reached_by
from amends.people.access.actions.reach import UnableToReach, reach
from amends.people.subscribers.queries import subscribers
from amends.platform.database.locks import advisory_lock
from amends.platform.database.rows import insert
from amends.platform.kit.actors import system
from amends.platform.kit.batches import slices
from amends.platform.kit.formats import format_money, is_chinese
from amends.platform.kit.periods import to_ms
from amends.work.remedies.queries import Granted, granted

_BACK = timedelta(days=60)


def notify_refunds(*, now: datetime) -> dict[str, int]:
    """Send a message about every refund for a missing notice that was approved and not announced
    yet.

    One message a person and reason, with the sum; person → minor units announced. Who has no
    contact
    on record gets none, and is not tried again. Any number of these may run at once.
    """
    with transaction.atomic():
        advisory_lock("refunds", ["notices"])
        notified: dict[str, int] = {}
        letters: list[Outgoing] = []
        by_key: dict[str, Sequence[Granted]] = {}
        fresh = _untold(now)
        languages = _languages(fresh)
        for (person, _rule, _currency), proposals in fresh.items():
            letter = _letter(person, proposals, languages.get(person, ""), now)
            by_key[letter.key if letter else f"{person}:{_rule}:{_currency}"] = proposals
            if letter is not None:
                letters.append(letter)
                notified[person] = notified.get(person, 0) + sum(
                    granted.amount_minor for granted in proposals
                )
        rows = post_many(letters, now=now)
        messages = {letter.key: row.id for letter, row in zip(letters, rows, strict=True)}
        _note(by_key, messages, now)
    return notified


def _untold(now: datetime) -> dict[tuple[str, str, str], list[Granted]]:
    """Approved and not announced, by person, rule and currency."""
    approved = granted("notice", since=now - _BACK)
    notified_ids: set[str] = set()
    wanted = [remedy.id for remedy in approved]
    for part in slices(wanted):
        rows = RefundMessage.objects.filter(remedy__in=part)
        notified_ids.update(rows.values_list("remedy", flat=True))
    grouped: dict[tuple[str, str, str], list[Granted]] = defaultdict(list)
    for remedy in approved:
        if remedy.id not in notified_ids:
            grouped[remedy.subscriber, remedy.rule, remedy.currency].append(remedy)
    return grouped


def _languages(fresh: dict[tuple[str, str, str], list[Granted]]) -> dict[str, str]:
    people = subscribers({person for person, _, _ in fresh})
    return {ref: person.language for ref, person in people.items()}


def _note(by_key: dict[str, Sequence[Granted]], messages: dict[str, str], now: datetime) -> None:
    pairs = [
        (granted.id, messages.get(key, ""))
        for key, remedies in by_key.items()
        for granted in remedies
    ]
    columns: dict[str, Sequence[Any]] = {
        "remedy": [remedy for remedy, _ in pairs],
        "message": [message for _, message in pairs],
        "reached_at_ms": [to_ms(now)] * len(pairs),
    }
    insert(RefundMessage, columns, or_leave=True)


def _letter(
    person: str, granteds: Sequence[Granted], language: str, now: datetime
) -> Outgoing | None:
    reference = granteds[0].cause[:64]
    try:
        with transaction.atomic():
            contact = reach(
                system("notices"),
                subscriber=person,
                reference=reference[:40],
                reason=gettext_noop("refund for a missing notice"),
                now=now,
            )
    except UnableToReach:
        return None
    chinese = is_chinese(language)
    minor = sum(granted.amount_minor for granted in granteds)
    fields = {
        "reason": granteds[0].reason_zh if chinese else granteds[0].reason_en,
        "amount": format_money(minor, granteds[0].currency),
    }
    with translation.override(language or None):
        body = _("[Refund] %(reason)s In all %(amount)s. You need not complain.") % fields
    key = sha256("\x1f".join(sorted(granted.id for granted in granteds)).encode())
    return Outgoing(
        key=f"untold:{key.hexdigest()[:40]}",
        channel=reached_by(contact.kind),
        recipient=contact.recipient,
        subject="Amends",
        body=body,
        language="zh" if chinese else "en",
        reference=reference,
    )
