"""`amends subscribers`: what a person may ask about their own data, done for them."""

from __future__ import annotations

import os
from datetime import datetime, time
from pathlib import Path
from typing import Annotated

import orjson
import typer

from amends.cli.language import gettext as _
from amends.cli.start import start
from amends.kit.dates import parse_day
from amends.kit.errors import BadInput, Refused, gettext_noop

app = typer.Typer(no_args_is_help=True, help="Find, export, hold or erase one person's data.")

WHO = Annotated[str, typer.Argument(help="Pseudonym of the subscriber; `find` shows it.")]
BY = Annotated[str, typer.Option(help="Name under which the privacy officer signs in.")]
REQUEST = Annotated[str, typer.Option(help="Reference of the message that asks for it.")]
JSON = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


@app.callback()
def _subscribers() -> None:
    """Find, export, hold or erase one person's data."""


@app.command()
def find(
    value: Annotated[
        str,
        typer.Option(
            prompt="Telephone number, mailbox, identity card or customer key", hide_input=True
        ),
    ] = "",
    on: Annotated[
        str, typer.Option(help="Whose the number was on that day: 2025-03-01; now if left out.")
    ] = "",
) -> None:
    """Tell the pseudonym of one person; the value is asked for, so that no shell keeps it.

    A number is whose it is now. Who had it before is found by a day of their time, by mailbox or
    identity card.
    """
    start()
    from django.utils import timezone

    from amends.access.actions.record_look import note_look
    from amends.access.actors import system
    from amends.subscribers.queries import identify, owners_of_keys, subscriber

    at = _day(on) if on else None
    found = subscriber(owners_of_keys([value]).get(value, ""))
    found = found or (identify(email=value) if "@" in value else identify(phone=value, at=at))
    found = found or identify(id_card=value)
    if found is None:
        raise Refused(
            _("Nobody, or more than one person, has this value."),
            next_step=_("Try another one."),
        )
    note_look(
        system("shell"), [found.pseudonym], ("pseudonym",), page="access.audit",
        reason=gettext_noop(
            "searched by number, mailbox, identity card or customer key from the shell"
        ),
        now=timezone.now(),
    )  # fmt: skip
    typer.echo(found.pseudonym)


def _day(text: str) -> datetime:
    from django.utils import timezone

    try:
        return timezone.make_aware(datetime.combine(parse_day(text), time(12)))
    except ValueError as error:
        raise BadInput(
            _("“%(given)s” is no day.") % {"given": text},
            next_step=_("Write it like 2025-03-01."),
        ) from error


@app.command("export")
def export_one(
    who: WHO,
    out: Annotated[Path, typer.Option(help="File to write; it must not exist.")],
    by: BY,
    reason: Annotated[str, typer.Option(help="Why; the person will read it.")],
    request: REQUEST = "",
) -> None:
    """Write everything held about one person, in full, to one JSON file (mode 600)."""
    start()
    from django.utils import timezone

    from amends.access.queries import actor_called
    from amends.operations.subject_access_export import export_person

    if out.exists():
        raise BadInput(
            _("%(file)s is there already.") % {"file": out}, next_step=_("Choose another name.")
        )
    document = export_person(who, actor_called(by), timezone.now(), reason=reason, request=request)
    handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(orjson.dumps(document, default=str, option=orjson.OPT_INDENT_2))
    typer.echo(
        _(
            "%(file)s: complaints %(complaints)s, facts %(facts)s, looks %(looks)s. It is "
            "readable: hand it to the person, then delete it."
        )
        % (
            {"file": out}
            | {name: f"{len(document[name]):,}" for name in ("complaints", "facts", "looks")}
        )
    )


@app.command()
def erase(
    who: WHO,
    by: BY,
    request: REQUEST = "",
    withdraw_open: Annotated[
        bool, typer.Option("--withdraw-open", help="Withdraw complaints that are still open.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Erase one person everywhere; what happened stays, to whom does not. No way back."""
    start()
    from dataclasses import asdict

    from django.utils import timezone

    from amends.access.queries import actor_called
    from amends.operations.backups.status import expiry_in_words, gone_by
    from amends.operations.erasure import erase_person

    now = timezone.now()
    done = erase_person(who, actor_called(by), now, request=request, withdraw_open=withdraw_open)
    if as_json:
        typer.echo(orjson.dumps(asdict(done) | {"backup_holds_until": gone_by(now)}).decode())
        return
    typer.echo(
        _("Erased: complaints %(complaints)s, messages %(messages)s, drafts %(drafts)s.")
        % {
            "complaints": f"{done.complaints:,}",
            "messages": f"{done.messages:,}",
            "drafts": f"{done.drafts:,}",
        }
    )
    typer.echo(expiry_in_words(now))


@app.command("erase-again")
def erase_again(
    by: BY,
    register: Annotated[
        Path | None, typer.Option(exists=True, help="Another register than this installation's.")
    ] = None,
    as_json: JSON = False,
) -> None:
    """After a restore: erase once more everybody on the register of erasures."""
    start()
    from dataclasses import asdict

    from django.utils import timezone

    from amends.access.queries import actor_called
    from amends.operations.repeat_erasures import repeat_erasures

    done = repeat_erasures(actor_called(by), timezone.now(), path=register)
    if as_json:
        typer.echo(orjson.dumps(asdict(done)).decode())
    else:
        typer.echo(
            _(
                "Erased again: %(again)s; erased already: %(already)s; not in this database: "
                "%(unknown)s."
            )
            % {
                "again": f"{done.again:,}",
                "already": f"{done.already:,}",
                "unknown": f"{done.unknown:,}",
            }
        )
        for pseudonym, why in done.refused.items():
            typer.echo(_("Not erased: %(who)s. %(why)s") % {"who": pseudonym, "why": why}, err=True)
    if done.refused:
        raise typer.Exit(1)


@app.command()
def hold(
    who: WHO,
    by: BY,
    reason: Annotated[str, typer.Option(help="Why the data must stay.")],
    request: REQUEST = "",
) -> None:
    """Keep one person's data from erasure until it is released."""
    _in_case(who, by, request, reason)
    typer.echo(_("Held: nothing of this person is erased until it is released."))


@app.command()
def release(who: WHO, by: BY, request: REQUEST = "") -> None:
    """Release the holds on one person's data."""
    _in_case(who, by, request, "")
    typer.echo(_("Released."))


def _in_case(who: str, by: str, request: str, reason: str) -> None:
    """Hold with a reason, release without one, in a case of the privacy officer's."""
    start()
    from django.db import transaction
    from django.utils import timezone

    from amends.access.actions import erase_subscriber as officer
    from amends.access.actions.close_case import close_case
    from amends.access.actions.open_case import open_case
    from amends.access.queries import actor_called

    actor, now = actor_called(by), timezone.now()
    with transaction.atomic():
        case = open_case(
            actor, subscriber=who, purpose="privacy_request", reference=request or "hold",
            contact=request, now=now,
        )  # fmt: skip
        if reason:
            officer.hold_subscriber(actor, case, reason=reason, now=now)
        else:
            officer.release_subscriber(actor, case, now=now)
        close_case(actor, case, now=now)
