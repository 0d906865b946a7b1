"""Receipts: what was asked, answered and done about one order, signed, with the ledger's proof."""

from __future__ import annotations

from dataclasses import asdict

from amends.causes.confirmations import refusals
from amends.causes.confirmations.models import Order
from amends.causes.confirmations.queries.order_details import language_of, terms_of
from amends.causes.confirmations.rules.receipts import receipt_of
from amends.people.operator.queries import public_address
from amends.platform.kit.packs import day_in, pack
from amends.platform.kit.periods import to_ms
from amends.record.ledger.queries import facts_on, proof_bundle, signed_document
from amends.record.ledger.queries.keys import verifier_key

IN_RECEIPTS = (
    "ServiceOrdered",
    "ConfirmationAsked",
    "ConfirmationGiven",
    "ConfirmationRefused",
    "ServiceActivated",
    "ServiceChanged",
    "ServiceStopped",
)
"""The kinds of facts a receipt may show."""


def receipt(order_ref: str) -> str:
    """The signed receipt of an order; UnableToProve while its facts are not numbered yet.

    `ledger/offline/verify_receipt.py` verifies it without us.
    """
    order = Order.objects.filter(id=order_ref).first()
    if order is None:
        raise refusals.unknown_order()
    facts = [
        fact
        for fact in facts_on(order.service)
        if fact.payload.get("order") == order.id and fact.source == "confirmations"
    ]
    day = day_in(order.pack, order.placed_at)
    challenges = order.challenges.order_by("asked_at", "id")
    return signed_document(
        receipt_of(
            record=order.id,
            subject=order.subscriber,
            controller=str(verifier_key()).split("+")[0],
            notices=[
                {
                    "sha256": challenge.text_hash,
                    "channel": challenge.channel,
                    "at_ms": to_ms(challenge.asked_at),
                    "step": challenge.step,
                    "answer": challenge.answer,
                }
                for challenge in challenges
            ],
            terms=asdict(terms_of(order)),
            terms_sha256=order.terms_hash,
            rules=[*order.rules.split(","), *order.versions.split(",")],
            recipients=[
                partner_ref for partner_ref in (order.provider, order.agent) if partner_ref
            ],
            events=[
                {
                    "fact": fact.id,
                    "kind": fact.kind,
                    "at_ms": fact.happened_at_ms,
                    **{
                        k: fact.payload[k]
                        for k in ("channel", "method", "step", "evidence")
                        if k in fact.payload
                    },
                }
                for fact in facts
            ],
            proof=proof_bundle([fact.id for fact in facts]),
            language=language_of(order.subscriber),
            jurisdiction=order.pack,
            authority=str(pack(order.pack, day).data["regulator"]["en"]),
            address=public_address(),
        )
    )
