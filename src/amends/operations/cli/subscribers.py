"""`amends subscribers`: what a person may ask about their own data, done for them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from amends.platform.cli.command import CheckFailed, command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.options import DAY_OPTION
from amends.platform.cli.render import View
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.errors import BadInput, Refused, gettext_noop

if TYPE_CHECKING:
    from amends.operations.actions.repeat_erasures import Repeated

app = typer.Typer(no_args_is_help=True, help="Find, export, hold or erase one person's data.")

WHO = Annotated[str, typer.Argument(help="Pseudonym of the subscriber; `find` shows it.")]
REQUEST = Annotated[str, typer.Option(help="Reference of the message that asks for it.")]


@dataclass(frozen=True, slots=True)
class FoundSubscriber:
    """A subscriber, by pseudonym."""

    subscriber: str


@dataclass(frozen=True, slots=True)
class SubjectAccessFile:
    """The file with everything held about a person, and how much of it there is."""

    file: str
    complaints: int
    facts: int
    looks: int


@dataclass(frozen=True, slots=True)
class ErasedPerson:
    """Records that were emptied, in the case it was done in.

    backup_holds_until  day by which the continuous backup no longer has them; None without one
    """

    case: str
    complaints: int
    messages: int
    drafts: int
    backup_holds_until: date | None


@dataclass(frozen=True, slots=True)
class LegalHoldState:
    """Whether a person's data is under legal hold now."""

    subscriber: str
    held: bool


@app.callback()
def _subscribers() -> None:
    """Find, export, hold or erase one person's data."""


def _found_view(found_subscriber: FoundSubscriber) -> View:
    return View(text=found_subscriber.subscriber + "\n")


@app.command()
@command(view=_found_view)
def find(
    value: Annotated[str, typer.Option(help="Of the person; asked for, unseen, if left out.")] = "",
    on: Annotated[
        date | None,
        typer.Option(
            help="Whose the number was on that day: 2025-03-01; now if left out.", **DAY_OPTION
        ),
    ] = None,
) -> FoundSubscriber:
    """Tell the pseudonym of one person; the value is asked for, so that no shell keeps it.

    A number is whose it is now. Who had it before is found by a day of their time, by mailbox or
    identity card.
    """
    from django.utils import timezone

    from amends.people.access.actions.record_look import note_look
    from amends.people.subscribers.queries import identify, owners_of_keys, subscriber

    at = timezone.make_aware(datetime.combine(on, time(12))) if on else None
    # On standard error, as standard output is for the result.
    prompt_text = _("Telephone number, mailbox, identity card or customer key")
    value = value or typer.prompt(prompt_text, hide_input=True, err=True)
    person = subscriber(owners_of_keys([value]).get(value, ""))
    person = person or (identify(email=value) if "@" in value else identify(phone=value, at=at))
    person = person or identify(id_card=value)
    if person is None:
        raise Refused(
            _("Nobody, or more than one person, has this value."),
            next_step=_("Try another one."),
        )
    note_look(
        system("shell"),
        [person.pseudonym],
        ("pseudonym",),
        page="access.audit",
        reason=gettext_noop(
            "searched by number, mailbox, identity card or customer key from the shell"
        ),
        now=timezone.now(),
    )
    return FoundSubscriber(person.pseudonym)


def _export_view(written_export: SubjectAccessFile) -> View:
    sentence = _(
        "%(file)s: complaints %(complaints)s, facts %(facts)s, looks %(looks)s. It is "
        "readable: hand it to the person, then delete it."
    )
    counts = {
        "complaints": f"{written_export.complaints:,}",
        "facts": f"{written_export.facts:,}",
        "looks": f"{written_export.looks:,}",
    }
    return View(notes=[sentence % ({"file": written_export.file} | counts)])


@app.command("export")
@command(view=_export_view)
def export_one(
    who: WHO,
    out: Annotated[Path, typer.Option(help="File to write; it must not exist.")],
    actor: Actor,
    reason: Annotated[str, typer.Option(help="Why; the person will read it.")],
    request: REQUEST = "",
) -> SubjectAccessFile:
    """Write everything held about one person, in full, to one JSON file (mode 600)."""
    from django.utils import timezone

    from amends.operations.actions.subject_access_export import export_person

    if out.exists():
        raise BadInput(
            _("%(file)s is there already.") % {"file": out}, next_step=_("Choose another name.")
        )
    document = export_person(who, actor, timezone.now(), reason=reason, request=request)
    handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(orjson.dumps(document, default=str, option=orjson.OPT_INDENT_2))
    return SubjectAccessFile(
        file=str(out),
        complaints=len(document["complaints"]),
        facts=len(document["facts"]),
        looks=len(document["looks"]),
    )


def _erased_view(erased_person: ErasedPerson) -> View:
    from django.utils import timezone

    from amends.operations.backups.status import expiry_in_words

    sentence = _("Erased: complaints %(complaints)s, messages %(messages)s, drafts %(drafts)s.") % {
        "complaints": f"{erased_person.complaints:,}",
        "messages": f"{erased_person.messages:,}",
        "drafts": f"{erased_person.drafts:,}",
    }
    return View(notes=[sentence, expiry_in_words(timezone.now())])


@app.command()
@command(view=_erased_view)
def erase(
    who: WHO,
    actor: Actor,
    request: REQUEST = "",
    withdraw_open: Annotated[
        bool, typer.Option("--withdraw-open", help="Withdraw complaints that are still open.")
    ] = False,
) -> ErasedPerson:
    """Erase one person everywhere; what happened stays, to whom does not. No way back."""
    from django.utils import timezone

    from amends.operations.actions.erasure import erase_person
    from amends.operations.backups.status import gone_by

    now = timezone.now()
    erasure = erase_person(who, actor, now, request=request, withdraw_open=withdraw_open)
    return ErasedPerson(
        case=erasure.case,
        complaints=erasure.complaints,
        messages=erasure.messages,
        drafts=erasure.drafts,
        backup_holds_until=gone_by(now),
    )


def _repeated_view(repeated: Repeated) -> View:
    sentence = _(
        "Erased again: %(again)s; erased already: %(already)s; not in this database: %(unknown)s."
    ) % {
        "again": f"{repeated.again:,}",
        "already": f"{repeated.already:,}",
        "unknown": f"{repeated.unknown:,}",
    }
    refused = [
        _("Not erased: %(who)s. %(why)s") % {"who": pseudonym, "why": why}
        for pseudonym, why in repeated.refused.items()
    ]
    return View(notes=[sentence, *refused])


@app.command("erase-again")
@command(view=_repeated_view)
def erase_again(
    actor: Actor,
    register: Annotated[
        Path | None, typer.Option(exists=True, help="Another register than this installation's.")
    ] = None,
) -> Repeated:
    """After a restore: erase once more everybody on the register of erasures."""
    from django.utils import timezone

    from amends.operations.actions.repeat_erasures import repeat_erasures

    repeated = repeat_erasures(actor, timezone.now(), path=register)
    if repeated.refused:
        raise CheckFailed(repeated)
    return repeated


def _hold_view(hold_state: LegalHoldState) -> View:
    held_sentence = _("Held: nothing of this person is erased until it is released.")
    return View(notes=[held_sentence if hold_state.held else _("Released.")])


@app.command()
@command(view=_hold_view)
def hold(
    who: WHO,
    actor: Actor,
    reason: Annotated[str, typer.Option(help="Why the data must stay.")],
    request: REQUEST = "",
) -> LegalHoldState:
    """Keep one person's data from erasure until it is released."""
    _in_case(who, actor, request, reason)
    return LegalHoldState(who, held=True)


@app.command()
@command(view=_hold_view)
def release(who: WHO, actor: Actor, request: REQUEST = "") -> LegalHoldState:
    """Release the holds on one person's data."""
    _in_case(who, actor, request, "")
    return LegalHoldState(who, held=False)


def _in_case(who: str, actor: Actor, request: str, reason: str) -> None:
    """Hold with a reason, release without one, in a case of the privacy officer's."""
    from django.db import transaction
    from django.utils import timezone

    from amends.people.access.actions import erase_subscriber as officer
    from amends.people.access.actions.close_case import close_case
    from amends.people.access.actions.open_case import open_case

    now = timezone.now()
    with transaction.atomic():
        case = open_case(
            actor,
            subscriber=who,
            purpose="privacy_request",
            reference=request or "hold",
            contact=request,
            now=now,
        )
        if reason:
            officer.hold_subscriber(actor, case, reason=reason, now=now)
        else:
            officer.release_subscriber(actor, case, now=now)
        close_case(actor, case, now=now)
