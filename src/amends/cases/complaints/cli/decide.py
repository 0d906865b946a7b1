"""`amends complaints`: approving, deciding otherwise, a regulator's order, answering an enquiry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from amends.cases.complaints.cli.handlers import complaint
from amends.cases.complaints.cli.show import (
    CODE,
    status_view,
)
from amends.cases.complaints.rules.status import ComplaintStatus
from amends.platform.cli.command import command
from amends.platform.cli.language import gettext as _

if TYPE_CHECKING:
    from amends.platform.kit.actors import Actor


@command(view=status_view(lambda _status: _("Approved; the reply is on its way.")))
def approve(actor: Actor, code: CODE) -> ComplaintStatus:
    """Approve the current decision; the drafted reply is sent with it."""
    from django.utils import timezone

    from amends.cases.complaints.actions.settle import settle
    from amends.cases.complaints.queries.status import complaint_status

    item = complaint(code, actor)
    settle(item.id, actor=actor, now=timezone.now())
    return complaint_status(item.id)


@command(
    view=status_view(lambda status: _("Asked: %(role)s.") % {"role": status.waits_for_role}),
)
def ask_approval(actor: Actor, code: CODE) -> ComplaintStatus:
    """Hand what is above your own limit to somebody with a higher one."""
    from django.utils import timezone

    from amends.cases.complaints.actions import ask_approval as asking
    from amends.cases.complaints.queries.status import complaint_status

    item = complaint(code, actor)
    asking.ask_approval(item.id, actor=actor, now=timezone.now())
    return complaint_status(item.id)


def _money(item: Any, amount: str) -> tuple[int, str]:
    """The amount in the smallest unit of the complaint's currency, and that."""
    from amends.cases.complaints.actions.parse_amount import read_amount
    from amends.engines.decisions.clocks import pack_currency

    currency = item.currency or pack_currency(item.jurisdiction)
    return read_amount(amount, currency), currency


@command(view=status_view(lambda _status: _("Your verdict stands; approve it to send the reply.")))
def overrule(
    actor: Actor,
    code: CODE,
    verdict: Annotated[str, typer.Argument(help="upheld, partly_upheld or not_upheld.")],
    reason: Annotated[str, typer.Option(help="Why, for colleagues; the customer never reads it.")],
    customer_text: Annotated[
        str, typer.Option(help="What the letter says to the customer, in their language.")
    ],
    amount: Annotated[str, typer.Option(help="What is granted, such as 12.50.")] = "",
) -> ComplaintStatus:
    """Put your verdict in place of the rule's; approve it afterwards."""
    from django.utils import timezone

    from amends.cases.complaints.actions import overrule as overruling
    from amends.cases.complaints.queries.status import complaint_status

    item = complaint(code, actor, "complaints.overrule")
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
    return complaint_status(item.id)


@command(view=status_view(lambda _status: _("It is carried out; the user is notified.")))
def order(
    actor: Actor,
    code: CODE,
    reason: Annotated[str, typer.Option(help="Why, for colleagues; the customer never reads it.")],
    customer_text: Annotated[
        str, typer.Option(help="What the regulator decided, in the customer's language.")
    ],
    amount: Annotated[str, typer.Option(help="What is to be paid, such as 12.50.")] = "",
) -> ComplaintStatus:
    """Carry out what the regulator decided on a complaint it has."""
    from django.utils import timezone

    from amends.cases.complaints.actions.order_remedy import order_remedy
    from amends.cases.complaints.queries.status import complaint_status

    item = complaint(code, actor, "complaints.overrule")
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
    return complaint_status(item.id)


@command(
    view=status_view(
        lambda _status: _("The file goes to the regulator; the user is notified when it is made.")
    )
)
def hand_file(actor: Actor, code: CODE) -> ComplaintStatus:
    """Hand the file to the regulator that has taken a complaint up and asks for it."""
    from django.utils import timezone

    from amends.cases.complaints.actions.escalate_to_regulator import answer_regulator
    from amends.cases.complaints.queries.status import complaint_status

    item = complaint(code, actor)
    answer_regulator(item.id, actor=actor, now=timezone.now())
    return complaint_status(item.id)


@command(view=status_view(lambda _status: _("Answered.")))
def answer(
    actor: Actor,
    code: CODE,
    words: Annotated[str, typer.Argument(help="The answer, in the user's language.")],
) -> ComplaintStatus:
    """Answer an enquiry and close it."""
    from django.utils import timezone

    from amends.cases.complaints.actions.enquiries import answer_enquiry
    from amends.cases.complaints.queries.status import complaint_status

    item = complaint(code, actor)
    answer_enquiry(item.id, text=words, actor=actor, now=timezone.now())
    return complaint_status(item.id)


def _taken_up(changed_complaint: ComplaintStatus) -> str:
    if changed_complaint.changed:
        return _("It is a complaint now.")
    return _("Nothing changed: it is one already.")


@command(view=status_view(_taken_up))
def take_up(actor: Actor, code: CODE) -> ComplaintStatus:
    """Make a complaint of what was taken for an enquiry; its clock counts from the first day."""
    from django.utils import timezone

    from amends.cases.complaints.actions.enquiries import take_as_complaints
    from amends.cases.complaints.queries.status import complaint_status

    item = complaint(code, actor)
    changed = bool(take_as_complaints([item.id], actor=actor, now=timezone.now()))
    return complaint_status(item.id, changed=changed)
