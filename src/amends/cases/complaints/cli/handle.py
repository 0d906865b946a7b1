"""`amends complaints`: who handles it, whose line it is, urgent or not, its class, its moves."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from amends.cases.complaints.cli.handlers import complaint
from amends.cases.complaints.cli.show import (
    CODE,
    status_lines,
    status_view,
)
from amends.cases.complaints.rules.status import ComplaintStatus
from amends.platform.cli.command import command
from amends.platform.cli.language import gettext as _

if TYPE_CHECKING:
    from amends.platform.kit.actors import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSubscriber(ComplaintStatus):
    """A complaint whose subscriber was named; `code_sent`: to the contact on record."""

    code_sent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedIdentity(ComplaintStatus):
    """A complaint whose person was sent a code, by this channel."""

    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedDocument(ComplaintStatus):
    """A complaint whose person showed a document; `contact_told`: on record, of that."""

    contact_told: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedUrgent(ComplaintStatus):
    """A complaint marked urgent, or no longer; whether its deadline moved."""

    deadline_moved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedClass(ComplaintStatus):
    """A complaint whose class was corrected; whether a decision was made again."""

    decided_anew: bool


def _taken(changed_complaint: ComplaintStatus) -> str:
    return (
        _("It is yours now.")
        if changed_complaint.changed
        else _("Nothing changed: it is yours, or closed.")
    )


@command(view=status_view(_taken))
def take(actor: Actor, code: CODE) -> ComplaintStatus:
    """Become the handler of a complaint."""
    from django.utils import timezone

    from amends.cases.complaints.actions import assign
    from amends.cases.complaints.queries.status import complaint_status

    item = complaint(code, actor)
    changed = bool(assign.take([item.id], actor=actor, now=timezone.now()))
    return complaint_status(item.id, changed=changed)


def _hand_back_text(changed_complaint: ComplaintStatus) -> str:
    if changed_complaint.changed:
        return _("Handed back.")
    return _("Nothing changed: nobody had it, or it is closed.")


@command(view=status_view(_hand_back_text))
def hand_back(actor: Actor, code: CODE) -> ComplaintStatus:
    """Leave a complaint to whoever takes it next."""
    from django.utils import timezone

    from amends.cases.complaints.actions import assign
    from amends.cases.complaints.queries.status import complaint_status

    item = complaint(code, actor)
    changed = bool(assign.hand_back([item.id], actor=actor, now=timezone.now()))
    return complaint_status(item.id, changed=changed)


def _named(named_subscriber: NamedSubscriber) -> str:
    if named_subscriber.code_sent:
        return _("The subscriber is named. A code went to the contact on record.")
    return _("The subscriber is named. No code went out yet.")


@command(view=status_view(_named))
def name_subscriber(
    actor: Actor,
    code: CODE,
    number: Annotated[
        str,
        typer.Option(
            help="Number, mailbox or service; - reads it from standard input, so that it stays out "
            "of the shell's history."
        ),
    ] = "-",
) -> NamedSubscriber:
    """Say whose line a complaint is about; its records open once that person has answered."""
    from django.utils import timezone

    from amends.cases.complaints.actions import name_subscriber as naming
    from amends.cases.complaints.queries.status import status_as

    item = complaint(code, actor)
    number_given = sys.stdin.readline() if number == "-" else number
    sent = naming.name_subscriber(item.id, number=number_given, actor=actor, now=timezone.now())
    return status_as(NamedSubscriber, item.id, code_sent=bool(sent))


def _asked(asked_identity: AskedIdentity) -> str:
    return _("A code went out by %(channel)s.") % {"channel": asked_identity.channel}


@command(view=status_view(_asked))
def ask_identity(actor: Actor, code: CODE) -> AskedIdentity:
    """Send a code to the contact on record."""
    from django.utils import timezone

    from amends.cases.complaints.actions import identify
    from amends.cases.complaints.queries.status import status_as

    item = complaint(code, actor)
    channel = identify.ask_identity(item, actor=actor, now=timezone.now())
    return status_as(AskedIdentity, item.id, channel=channel)


def _recorded(recorded_document: RecordedDocument) -> str:
    if recorded_document.contact_told:
        return _("Identity shown by a document. The contact on record is notified.")
    return _("Identity shown by a document. There is no contact on record to notify.")


@command(view=status_view(_recorded))
def document(
    actor: Actor,
    code: CODE,
    compared: Annotated[
        bool, typer.Option("--compared", help="You compared the document with the person.")
    ] = False,
) -> RecordedDocument:
    """Record that a document was shown at the counter; the contact on record is notified."""
    from django.utils import timezone

    from amends.cases.complaints.actions.record_identity_document import take_document
    from amends.cases.complaints.queries.status import status_as

    item = complaint(code, actor)
    sent = take_document(item.id, compared=compared, actor=actor, now=timezone.now())
    return status_as(RecordedDocument, item.id, contact_told=bool(sent))


def _marked(marked_urgent: MarkedUrgent) -> str:
    marked = _("Marked urgent.") if marked_urgent.urgent else _("No longer marked urgent.")
    if marked_urgent.deadline_moved:
        return f"{marked} {_('Its deadline moved.')}"
    return f"{marked} {_('The rules give it no other deadline.')}"


@command(view=status_view(_marked))
def urgent(
    actor: Actor,
    code: CODE,
    reason: Annotated[str, typer.Option(help="Why; it is recorded in the history.")],
    lift: Annotated[bool, typer.Option("--lift", help="Take the mark away.")] = False,
) -> MarkedUrgent:
    """Mark a complaint urgent, or take the mark away; its deadlines follow the rules for it."""
    from django.utils import timezone

    from amends.cases.complaints.actions.mark_urgent import mark_urgent
    from amends.cases.complaints.queries.status import status_as

    item = complaint(code, actor)
    moved = mark_urgent(item.id, urgent=not lift, reason=reason, actor=actor, now=timezone.now())
    return status_as(MarkedUrgent, item.id, deadline_moved=bool(moved))


@command(view=status_view(lambda _status: _("The class is corrected.")))
def class_(
    actor: Actor,
    code: CODE,
    new: Annotated[str, typer.Argument(metavar="CLASS", help="The right class.")],
) -> CorrectedClass:
    """Correct the class; the complaint is investigated again."""
    from django.utils import timezone

    from amends.cases.complaints.actions.correct import correct
    from amends.cases.complaints.actions.investigate import investigate_many
    from amends.cases.complaints.actions.move_by_hand import PLATFORM
    from amends.cases.complaints.queries.status import status_as

    now = timezone.now()
    item = complaint(code, actor)
    correct(item.id, code=new, actor=actor, now=now)
    outcomes = investigate_many([item.id], actor=PLATFORM, now=now)
    decided_anew = bool(outcomes and outcomes[0].decision)
    return status_as(CorrectedClass, item.id, decided_anew=decided_anew)


@command(
    view=status_view(lambda _status: _("The records were read again; the suggestion follows them."))
)
def investigate(actor: Actor, code: CODE) -> ComplaintStatus:
    """Read the records again; the new suggestion replaces the current one."""
    from django.utils import timezone

    from amends.cases.complaints.actions.investigate_again import investigate_again
    from amends.cases.complaints.queries.status import complaint_status

    item = complaint(code, actor)
    investigate_again(item.id, actor=actor, now=timezone.now())
    return complaint_status(item.id)


@command(view=status_lines)
def move(
    actor: Actor,
    code: CODE,
    verb: Annotated[str, typer.Argument(help="A move, as `amends complaints show` lists them.")],
    reason: Annotated[
        str, typer.Option(help="Why, for colleagues; the customer never reads it.")
    ] = "",
    customer_text: Annotated[
        str, typer.Option(help="What the letter of a deadlock or a refusal says to the customer.")
    ] = "",
    next_step: Annotated[
        str, typer.Option(help="What the user can do after a complaint is rejected.")
    ] = "",
) -> ComplaintStatus:
    """Make a move of the published table, with the letters and facts that belong to it."""
    from django.utils import timezone

    from amends.cases.complaints.actions.move_by_hand import move_by_hand
    from amends.cases.complaints.queries.status import complaint_status

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
    return complaint_status(item.id)
