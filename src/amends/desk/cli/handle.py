"""`amends complaints`: who handles it, whose line it is, urgent or not, its class, its moves."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from amends.cli.start import start
from amends.desk.cli.handlers import complaint, handler
from amends.desk.cli.show import BY, CODE, JSON, told


def take(code: CODE, by: BY, json: JSON = False) -> None:
    """Become the handler of a complaint."""
    start()
    from django.utils import timezone

    from amends.complaints.actions.assign import take as take_over

    actor = handler(by)
    item = complaint(code, actor)
    changed = bool(take_over([item.id], actor=actor, now=timezone.now()))
    said = "It is yours now." if changed else "Nothing changed: it is yours, or closed."
    told(item, said, json=json, changed=changed)


def hand_back(code: CODE, by: BY, json: JSON = False) -> None:
    """Leave a complaint to whoever takes it next."""
    start()
    from django.utils import timezone

    from amends.complaints.actions import assign as taking

    actor = handler(by)
    item = complaint(code, actor)
    changed = bool(taking.hand_back([item.id], actor=actor, now=timezone.now()))
    said = "Handed back." if changed else "Nothing changed: nobody had it, or it is closed."
    told(item, said, json=json, changed=changed)


def name_subscriber(
    code: CODE,
    by: BY,
    number: Annotated[
        str,
        typer.Option(
            help="Number, mailbox or service; - reads it from standard input, so that it stays out "
            "of the shell's history."
        ),
    ] = "-",
    json: JSON = False,
) -> None:
    """Say whose line a complaint is about; its records open once that person has answered."""
    start()
    from django.utils import timezone

    from amends.complaints.actions.name_subscriber import name_subscriber as named

    actor = handler(by)
    item = complaint(code, actor)
    given = sys.stdin.readline() if number == "-" else number
    sent = named(item.id, number=given, actor=actor, now=timezone.now())
    said = "A code went to the contact on record." if sent else "No code went out yet."
    told(item, f"The subscriber is named. {said}", json=json, code_sent=sent)


def ask_identity(code: CODE, by: BY, json: JSON = False) -> None:
    """Send a code to the contact on record."""
    start()
    from django.utils import timezone

    from amends.complaints.actions import identify

    actor = handler(by)
    item = complaint(code, actor)
    channel = identify.ask_identity(item, actor=actor, now=timezone.now())
    told(item, f"A code went out by {channel}.", json=json, channel=channel)


def document(
    code: CODE,
    by: BY,
    compared: Annotated[
        bool, typer.Option("--compared", help="You compared the document with the person.")
    ] = False,
    json: JSON = False,
) -> None:
    """Record that a document was shown at the counter; the contact on record is notified."""
    start()
    from django.utils import timezone

    from amends.complaints.actions.record_identity_document import take_document

    actor = handler(by)
    item = complaint(code, actor)
    sent = take_document(item.id, compared=compared, actor=actor, now=timezone.now())
    said = "The contact on record is told." if sent else "There is no contact on record to tell."
    told(item, f"Identity shown by a document. {said}", json=json, contact_told=sent)


def urgent(
    code: CODE,
    by: BY,
    reason: Annotated[str, typer.Option(help="Why; it is recorded in the history.")],
    lift: Annotated[bool, typer.Option("--lift", help="Take the mark away.")] = False,
    json: JSON = False,
) -> None:
    """Mark a complaint urgent, or take the mark away; its deadlines follow the rules for it."""
    start()
    from django.utils import timezone

    from amends.complaints.actions.mark_urgent import mark_urgent

    actor = handler(by)
    item = complaint(code, actor)
    moved = mark_urgent(item.id, urgent=not lift, reason=reason, actor=actor, now=timezone.now())
    said = "No longer marked urgent." if lift else "Marked urgent."
    follows = "Its deadline moved." if moved else "The rules give it no other deadline."
    told(item, f"{said} {follows}", json=json, deadline_moved=moved)


def class_(
    code: CODE,
    new: Annotated[str, typer.Argument(metavar="CLASS", help="The right class.")],
    by: BY,
    json: JSON = False,
) -> None:
    """Correct the class; the complaint is investigated again."""
    start()
    from django.utils import timezone

    from amends.complaints.actions.correct import correct
    from amends.complaints.actions.investigate import investigate_many
    from amends.complaints.actions.move_by_hand import PLATFORM

    actor, now = handler(by), timezone.now()
    item = complaint(code, actor)
    correct(item.id, code=new, actor=actor, now=now)
    anew = investigate_many([item.id], actor=PLATFORM, now=now)
    told(item, "The class is set right.", json=json, decided_anew=bool(anew and anew[0].decision))


def investigate(code: CODE, by: BY, json: JSON = False) -> None:
    """Read the records again; the new suggestion replaces the current one."""
    start()
    from django.utils import timezone

    from amends.complaints.actions.investigate_again import investigate_again

    actor = handler(by)
    item = complaint(code, actor)
    investigate_again(item.id, actor=actor, now=timezone.now())
    told(item, "The records were read anew; the suggestion follows them.", json=json)


def move(
    code: CODE,
    verb: Annotated[str, typer.Argument(help="A move, as `amends complaints show` lists them.")],
    by: BY,
    reason: Annotated[
        str, typer.Option(help="Why, for colleagues; the customer never reads it.")
    ] = "",
    customer_text: Annotated[
        str, typer.Option(help="What the letter of a deadlock or a refusal says to the customer.")
    ] = "",
    next_step: Annotated[
        str, typer.Option(help="Where to turn, for a complaint that is turned down.")
    ] = "",
    json: JSON = False,
) -> None:
    """Make a move of the published table, with the letters and facts that belong to it."""
    start()
    from django.utils import timezone

    from amends.complaints.actions.move_by_hand import move_by_hand

    actor = handler(by)
    item = complaint(code, actor)
    move_by_hand(
        item,
        verb,
        reason=reason,
        customer_text=customer_text,
        next_step=next_step,
        actor=actor,
        now=timezone.now(),
    )
    told(item, json=json)
