"""`amends complaints`: approving, deciding otherwise, a regulator's order, answering an enquiry."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from amends.cli.start import start
from amends.desk.cli.handlers import complaint, handler
from amends.desk.cli.show import BY, CODE, JSON, told


def approve(code: CODE, by: BY, json: JSON = False) -> None:
    """Approve the current decision; the drafted reply is sent with it."""
    start()
    from django.utils import timezone

    from amends.complaints.actions.settle import settle

    actor = handler(by)
    item = complaint(code, actor)
    settle(item.id, actor=actor, now=timezone.now())
    told(item, "Approved; the reply is on its way.", json=json)


def ask_approval(code: CODE, by: BY, json: JSON = False) -> None:
    """Hand what is above your own limit to somebody with a higher one."""
    start()
    from django.utils import timezone

    from amends.complaints.actions.ask_approval import ask_approval as asked

    actor = handler(by)
    item = complaint(code, actor)
    role = asked(item.id, actor=actor, now=timezone.now())
    told(item, f"Asked: {role}.", json=json)


def _money(item: Any, amount: str) -> tuple[int, str]:
    """The amount in the smallest unit of the complaint's currency, and that."""
    from amends.complaints.actions.parse_amount import read_amount
    from amends.decisions.clocks import pack_currency

    currency = item.currency or pack_currency(item.jurisdiction)
    return read_amount(amount, currency), currency


def overrule(
    code: CODE,
    verdict: Annotated[str, typer.Argument(help="upheld, partly_upheld or not_upheld.")],
    by: BY,
    reason: Annotated[str, typer.Option(help="Why, for colleagues; the customer never reads it.")],
    customer_text: Annotated[
        str, typer.Option(help="What the letter says to the customer, in their language.")
    ],
    amount: Annotated[str, typer.Option(help="What is granted, such as 12.50.")] = "",
    json: JSON = False,
) -> None:
    """Put your verdict in place of the rule's; approve it afterwards."""
    start()
    from django.utils import timezone

    from amends.complaints.actions import overrule as overruling

    actor = handler(by, "complaints.overrule")
    item = complaint(code, actor)
    minor, currency = _money(item, amount)
    overruling.overrule(
        item.id,
        verdict=verdict,
        amount_minor=minor,
        currency=currency,
        reason=reason,
        customer_text=customer_text,
        actor=actor,
        now=timezone.now(),
    )
    told(item, "Your verdict stands; approve it to send the reply.", json=json)


def order(
    code: CODE,
    by: BY,
    reason: Annotated[str, typer.Option(help="Why, for colleagues; the customer never reads it.")],
    customer_text: Annotated[
        str, typer.Option(help="What the regulator decided, in the customer's language.")
    ],
    amount: Annotated[str, typer.Option(help="What is to be paid, such as 12.50.")] = "",
    json: JSON = False,
) -> None:
    """Carry out what the regulator decided on a complaint it has."""
    start()
    from django.utils import timezone

    from amends.complaints.actions.order_remedy import order_remedy

    actor = handler(by, "complaints.overrule")
    item = complaint(code, actor)
    minor, currency = _money(item, amount)
    order_remedy(
        item.id,
        amount_minor=minor,
        currency=currency,
        reason=reason,
        customer_text=customer_text,
        actor=actor,
        now=timezone.now(),
    )
    told(item, "It is carried out; the user is notified.", json=json)


def hand_file(code: CODE, by: BY, json: JSON = False) -> None:
    """Hand the file to the regulator that has taken a complaint up and asks for it."""
    start()
    from django.utils import timezone

    from amends.complaints.actions.escalate_to_regulator import answer_regulator

    actor = handler(by)
    item = complaint(code, actor)
    answer_regulator(item.id, actor=actor, now=timezone.now())
    told(item, "The file goes to the regulator; the user is notified when it is made.", json=json)


def answer(
    code: CODE,
    words: Annotated[str, typer.Argument(help="The answer, in the user's language.")],
    by: BY,
    json: JSON = False,
) -> None:
    """Answer an enquiry and close it."""
    start()
    from django.utils import timezone

    from amends.complaints.actions.enquiries import answer_enquiry

    actor = handler(by)
    item = complaint(code, actor)
    answer_enquiry(item.id, words=words, actor=actor, now=timezone.now())
    told(item, "Answered.", json=json)


def take_up(code: CODE, by: BY, json: JSON = False) -> None:
    """Make a complaint of what was taken for an enquiry; its clock counts from the first day."""
    start()
    from django.utils import timezone

    from amends.complaints.actions.enquiries import take_as_complaints

    actor = handler(by)
    item = complaint(code, actor)
    changed = bool(take_as_complaints([item.id], actor=actor, now=timezone.now()))
    said = "It is a complaint now." if changed else "Nothing changed: it is one already."
    told(item, said, json=json, changed=changed)
