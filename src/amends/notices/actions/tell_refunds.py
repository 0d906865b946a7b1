"""Tell people that a charge goes back because a notice was missing, before they have to ask."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from amends.access.actions.reach import UnableToReach, reach
from amends.access.actors import system
from amends.channels.actions.post import Outgoing, post_many
from amends.kit.formats import format_money, is_chinese
from amends.remedies.actions.propose import Proposal
from amends.subscribers.queries import subscribers


def tell_refunds(proposals: Sequence[Proposal], *, now: datetime) -> set[str]:
    """One message a person and reason, with the sum; the people told.

    Who has no contact on record is not told. The same proposals again tell nobody twice.
    """
    together: dict[tuple[str, str, str], list[Proposal]] = defaultdict(list)
    for one in proposals:
        together[one.subscriber, one.rule, one.currency].append(one)
    languages = {ref: one.language for ref, one in subscribers(ref for ref, *_ in together).items()}
    told: set[str] = set()
    with transaction.atomic():
        letters = []
        for (person, _rule, _currency), some in together.items():
            if (letter := _letter(person, some, languages.get(person, ""), now)) is not None:
                letters.append(letter)
                told.add(person)
        post_many(letters, now=now)
    return told


def _letter(person: str, some: Sequence[Proposal], language: str, now: datetime) -> Outgoing | None:
    reference = some[0].cause[:64]
    try:
        with transaction.atomic():
            contact = reach(
                system("notices"), subscriber=person, reference=reference[:40],
                reason="refund for a missing notice", now=now,
            )  # fmt: skip
    except UnableToReach:
        return None
    chinese = is_chinese(language)
    minor = sum(one.amount_minor for one in some)
    fields = {
        "reason": some[0].reason_zh if chinese else some[0].reason_en,
        "amount": format_money(minor, some[0].currency),
    }
    with translation.override(language or None):
        body = _("[Refund] %(reason)s In all %(amount)s. You need not complain.") % fields
    key = sha256("\x1f".join(sorted(f"{one.cause}\x1e{one.charge}" for one in some)).encode())
    return Outgoing(
        key=f"untold:{key.hexdigest()[:40]}", channel=contact.channel, recipient=contact.recipient,
        subject="Amends", body=body, language="zh" if chinese else "en", reference=reference,
    )  # fmt: skip
