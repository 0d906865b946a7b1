"""Ask a user, in the operator's name, to move a running service to another offer."""

from __future__ import annotations

from datetime import datetime

from amends.causes.confirmations.actions.place import NewOrder, place
from amends.platform.kit.actors import system


def request_change(*, key: str, subscriber: str, service: str, offer: str, now: datetime) -> None:
    """Place the operator's order: the rules' days of notice and the user's confirmation apply.

    Who refuses or does not answer keeps the service on its terms. The same key asks once.
    """
    new = NewOrder(
        key=key,
        order="change",
        subscriber=subscriber,
        service=service,
        offer=offer,
        initiator="operator",
        channel="web",
    )
    place(new, actor=system("launches"), now=now)
