"""Order: the regulator has decided, and what it wants done is carried out like any remedy."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from amends.cases.complaints.actions.escalate_to_regulator import with_regulator
from amends.cases.complaints.actions.internal_reason import customer_reason, internal_reason
from amends.cases.complaints.actions.overrule import Overruling, decide_by_hand
from amends.cases.complaints.actions.settle import grant_ordered
from amends.cases.complaints.models import Complaint
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.work.remedies.queries import remedies_of

_GRANTED = ("approved", "exported", "acknowledged")


class UnableToOrderRemedy(Refused):
    """The complaint is not with the regulator, or what was decided was not said."""

    code = "unable_to_order_remedy"


def order_remedy(
    ref: str,
    *,
    amount_minor: int,
    currency: str,
    reason: str,
    customer_text: str,
    actor: Actor,
    now: datetime,
) -> Complaint:
    """Grant what the regulator decided, and tell the complainant; their limits hold as ever.

    amount_minor   what is to be paid now, besides earlier grants; 0 for something else
    reason         for colleagues
    customer_text  what the regulator decided, in the complainant's language: it is part of
                   the letter
    """
    reason_text = internal_reason(reason, UnableToOrderRemedy)
    text = customer_reason(customer_text, UnableToOrderRemedy)
    with transaction.atomic():
        complaint = with_regulator(ref, UnableToOrderRemedy)
        ordered = Overruling(
            complaint=ref,
            verdict="upheld",
            amount_minor=amount_minor,
            currency=currency,
            reason=reason_text,
            customer_text=text,
        )
        before = remedies_of([f"complaint:{ref}"]).get(f"complaint:{ref}", [])
        paid = any(remedy.state in _GRANTED for remedy in before)
        decision = decide_by_hand(complaint, ordered, paid=paid, actor=actor, now=now)
        grant_ordered(complaint, decision, actor=actor, now=now)
    return complaint
