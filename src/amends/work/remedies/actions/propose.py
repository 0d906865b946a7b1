"""Propose remedies: each cause, kind and charge once, and never more than the charge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from amends.people.subscribers.queries import brands_and_areas
from amends.platform.database.rows import create
from amends.platform.kit.errors import Refused
from amends.work.remedies.actions.large_payments import request_large
from amends.work.remedies.models import ChargeBalance, Remedy, RemedyState


class UnableToPropose(Refused):
    """The remedy would give back more than was charged.

    causes  whose proposals do not fit, where that is known; without them the others would
    """

    code = "remedy_exceeds_charge"
    causes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is asked for: money in minor units on a charge, or a deed.

    `brand`: that of the subscriber, if left out.
    `charge_minor` and `refunded_elsewhere_minor` come from the ledger's facts about the charge.
    `anew` names what asks once more for a cause that had remedies before (a second decision), so
    that what was granted first does not stand for what is granted now. `offered`: the user is
    asked first whether they take it; see `take_up`. `by`: who decided it, where that is not
    whoever proposes.
    """

    cause: str
    kind: str
    subscriber: str = ""
    service: str = ""
    brand: str = ""
    charge: str = ""
    charge_minor: int = 0
    refunded_elsewhere_minor: int = 0
    amount_minor: int = 0
    currency: str = field(kw_only=True)
    reason_zh: str = ""
    reason_en: str = ""
    rule: str = ""
    anew: str = ""
    offered: bool = False
    by: str = ""

    @property
    def key(self) -> str:
        """The idempotency key."""
        first = f"{self.cause}|{self.kind}|{self.charge}"
        return f"{first}|{self.anew}" if self.anew else first


def propose(proposals: Sequence[Proposal], *, by: str, now: datetime) -> list[Remedy]:
    """Store the proposals, in one transaction; a key that exists already returns its remedy."""
    with transaction.atomic():
        remedies_by_key = {
            remedy.key: remedy
            for remedy in Remedy.objects.filter(key__in=[item.key for item in proposals])
        }
        fresh = [
            item
            for item in {p.key: p for p in proposals}.values()
            if item.key not in remedies_by_key
        ]
        brands = brands_and_areas(item.subscriber for item in fresh if not item.brand)
        _open_balances(fresh)
        if causes := _beyond_their_charge(fresh):
            raise _too_much(causes)
        remedies = [
            Remedy(
                key=item.key,
                cause=item.cause,
                subscriber=item.subscriber,
                service=item.service,
                brand=item.brand or brands.get(item.subscriber, ("", ""))[0],
                kind=item.kind,
                balance_id=item.charge or None,
                amount_minor=item.amount_minor,
                currency=item.currency,
                reason_zh=item.reason_zh,
                reason_en=item.reason_en,
                rule=item.rule,
                state=RemedyState.OFFERED if item.offered else RemedyState.PROPOSED,
                proposed_at=now,
                proposed_by=item.by or by,
            )
            for item in fresh
        ]
        try:
            with transaction.atomic():
                create(remedies)
        except IntegrityError as error:
            raise _too_much(()) from error
        request_large(remedies, now=now)
        remedies_by_key.update((remedy.key, remedy) for remedy in remedies)
        return [remedies_by_key[item.key] for item in proposals]


def _too_much(causes: Sequence[str]) -> UnableToPropose:
    error = UnableToPropose(
        _("The refund would be more than what is left of the charge."),
        meaning=_("Nothing was changed; earlier refunds of this charge stand."),
        next_step=_("Look at the refunds of the charge and propose the rest."),
    )
    error.causes = tuple(causes)
    return error


def _beyond_their_charge(proposals: Sequence[Proposal]) -> list[str]:
    """The causes whose proposals exceed what is left of a charge, in the order given.

    The database holds the line in any case, against writers at the same time too; this names them.
    """
    by_cause: dict[str, list[Proposal]] = {}
    for item in proposals:
        if item.charge:
            by_cause.setdefault(item.cause, []).append(item)
    balances = ChargeBalance.objects.filter(
        charge__in={item.charge for items in by_cause.values() for item in items}
    )
    left = {
        balance.charge: balance.charge_minor
        - balance.refunded_minor
        - balance.refunded_elsewhere_minor
        for balance in balances
    }
    beyond = []
    for cause, items in by_cause.items():
        after = dict(left)
        for item in items:
            after[item.charge] -= item.amount_minor
        if min(after[item.charge] for item in items) < 0:
            beyond.append(cause)
        else:
            left = after
    return beyond


def _open_balances(proposals: Sequence[Proposal]) -> None:
    balances = {
        item.charge: ChargeBalance(
            charge=item.charge,
            currency=item.currency,
            charge_minor=item.charge_minor,
            refunded_elsewhere_minor=item.refunded_elsewhere_minor,
        )
        for item in proposals
        if item.charge
    }
    ChargeBalance.objects.bulk_create(balances.values(), ignore_conflicts=True)
