"""What is taken from sale, and whose partner is suspended or has no contract for it, is neither
ordered nor carried out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from amends.causes.confirmations.models import Order
from amends.people.partners.queries import out_of_contract, partner_names, stopped_partners
from amends.people.subscribers.queries import subscriber
from amends.people.subscribers.queries.counts import services_sold
from amends.platform.kit.errors import Refused
from amends.record.catalogue.queries import is_frozen, key_facts
from amends.record.facts.offers.key_facts import not_on_sale


class UnableToSell(Refused):
    """The offer or campaign is taken from sale, or who provides or sells it is suspended, or has no
    contract for it."""

    code = "sale_frozen"


def frozen_part(order: Order, *, now: datetime) -> str:
    """What of an order is taken from sale now, "" for nothing; a stop goes through at any time."""
    if order.order == "stop":
        return ""
    # What is launched is an offer: until its launch goes on, nobody is sold it.
    parts = (("offer", order.offer), ("launch", order.offer), ("campaign", order.campaign))
    frozen = next((ref for kind, ref in parts if is_frozen(kind, ref)), "")
    return frozen or _suspended(order, now) or _without_contract(order, now)


def refuse_frozen(order: Order, *, now: datetime, done_text: str) -> None:
    """Raise `UnableToSell` if the order asks for something that is frozen.

    done  what became of the order, as a sentence: stored or not, carried out or not
    """
    frozen_ref = frozen_part(order, now=now)
    if frozen_ref and frozen_ref == _suspended(order, now):
        raise UnableToSell(
            _("The partner %(what)s is suspended.") % {"what": _name(frozen_ref)},
            meaning=_after(
                done_text,
                _("It may not sell or provide anything new while the sanction is in force."),
            ),
            next_step=_("Offer something else, or wait until the sanction is lifted."),
        )
    if frozen_ref and frozen_ref == _without_contract(order, now):
        raise UnableToSell(
            _("The partner %(what)s has no contract in force for this.")
            % {"what": _name(frozen_ref)},
            meaning=_after(done_text, _("Its contract has ended, or is about another brand.")),
            next_step=_("Offer something else, or record the new contract first."),
        )
    if frozen_ref:
        raise UnableToSell(
            _("The sale of %(what)s is suspended.") % {"what": frozen_ref},
            meaning=_after(done_text, _("Many users complain of it, and that comes first.")),
            next_step=_("Offer something else, or wait until the freeze is lifted."),
        )


def _after(done_text: str, why: str) -> str:
    return done_text + ("" if done_text.endswith("。") else " ") + why


def _name(ref: str) -> str:
    return partner_names([ref], get_language() or "")[ref]


def _without_contract(order: Order, now: datetime) -> str:
    named = [partner_ref for partner_ref in (order.provider, order.agent) if partner_ref]
    person = subscriber(order.subscriber) if named else None
    brand = person.brand if person else ""
    ended = out_of_contract(now, refs=named, brand=brand) if named else frozenset()
    return next((partner_ref for partner_ref in named if partner_ref in ended), "")


def _suspended(order: Order, now: datetime) -> str:
    named = [partner_ref for partner_ref in (order.provider, order.agent) if partner_ref]
    stopped = stopped_partners(now) if named else frozenset()
    return next((partner_ref for partner_ref in named if partner_ref in stopped), "")


def refuse_not_on_sale(ref: str, *, now: datetime) -> None:
    """Raise `UnableToSell` if the offer's key facts do not allow its sale today: its window, or
    its last place."""
    facts = key_facts(ref, now, measured=False)
    if facts is None:
        return
    if facts.quota is not None:
        facts = replace(facts, taken=max(facts.taken or 0, services_sold([ref]).get(ref, 0)))
    why = not_on_sale(facts, timezone.localdate(now))
    if not why:
        return
    reasons = {
        "not_yet": _("%(what)s is not on sale yet."),
        "ended": _("The sale of %(what)s has ended."),
        "full": _("The last place of %(what)s is gone."),
    }
    raise UnableToSell(
        reasons[why] % {"what": facts.name or ref},
        meaning=_("Nothing was stored."),
        next_step=_("Offer something else that is on sale."),
    )
