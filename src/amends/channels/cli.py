"""`amends messages`: what waits, was held, failed or is of unknown fate; and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

import orjson
import typer

from amends.cli.language import gettext as _
from amends.cli.language import ngettext
from amends.cli.start import start
from amends.kit.dates import parse_day
from amends.kit.errors import BadInput, Refused

app = typer.Typer(
    no_args_is_help=True, help="List messages that need a decision, and decide on them."
)

_AT_ONCE = 500
IDS = Annotated[list[str] | None, typer.Argument(help="Ids, as `amends messages list` shows them.")]
EVERY = Annotated[bool, typer.Option("--all", help="All messages in that state, instead of ids.")]
CHANNEL = Annotated[str, typer.Option(help="Only this channel: mail, sms, app, …")]
BY = Annotated[str, typer.Option(help="Name under which an administrator signs in.")]
JSON = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


class UnableToChooseMessages(BadInput):
    """No message is named, or the state is none."""

    code = "messages_not_chosen"


class UnableToDecideOnMessages(Refused):
    """Only an administrator decides what becomes of a message."""

    code = "unable_to_decide_on_messages"


@app.callback()
def _messages() -> None:
    """List messages that need a decision, and decide on them. Words and people are never shown."""


@app.command("list")
def list_messages(
    state: Annotated[
        str,
        typer.Option(
            help="held, queued, leased, sent, unknown, failed, cancelled; or, of those received, "
            "new, dispatched, ignored, refused."
        ),
    ],
    channel: CHANNEL = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, the newest first.")] = 100,
    before: Annotated[str, typer.Option(help="Go on before this id.")] = "",
    json: JSON = False,
) -> None:
    """List messages of one state, the newest first."""
    start()
    from dataclasses import asdict

    from amends.channels.queries import message_states, messages_in

    if state not in message_states():
        raise UnableToChooseMessages(
            _("There is no state “%(state)s”.") % {"state": state},
            next_step=_("Choose one of %(known)s.") % {"known": ", ".join(message_states())},
        )
    found = messages_in(state, channel=channel, before=before, limit=limit)
    if json:
        typer.echo(orjson.dumps({"messages": [asdict(one) for one in found]}).decode())
        return
    for one in found:
        tries = ngettext(", %(count)s try", ", %(count)s tries", one.attempts) % {
            "count": one.attempts
        }
        tries = tries if one.attempts else ""
        typer.echo(
            f"{one.id}  {one.at:%Y-%m-%d %H:%M}  {one.channel}  {one.reference or '-'}{tries}"
            f"{'  ' + one.why if one.why else ''}"
        )
    typer.echo(_("%(count)s listed.") % {"count": f"{len(found):,}"})


@app.command()
def release(
    by: BY, ids: IDS = None, every: EVERY = False, channel: CHANNEL = "", json: JSON = False
) -> None:
    """Send messages that were held while their channel was not switched on."""
    from amends.channels.actions.release import release as released

    def act(some: list[str], why: str, now: datetime) -> int:
        return released(some, now=now)

    _decide("held", act, by=by, ids=ids, every=every, channel=channel, json=json)


@app.command()
def cancel(
    by: BY,
    ids: IDS = None,
    held: Annotated[bool, typer.Option("--all-held", help="All held ones, not ids.")] = False,
    channel: CHANNEL = "",
    json: JSON = False,
) -> None:
    """Cancel messages that have not left: held ones, and by their ids those that wait."""
    from amends.channels.actions.cancel import cancel as cancelled

    def act(some: list[str], why: str, now: datetime) -> int:
        return sum(cancelled(one, because=f"cancelled {why}", now=now) for one in some)

    _decide("held", act, by=by, ids=ids, every=held, channel=channel, json=json)


@app.command("count-as-sent")
def count_as_sent(
    by: BY, ids: IDS = None, every: EVERY = False, channel: CHANNEL = "", json: JSON = False
) -> None:
    """Messages that may have been sent: they were."""
    _settle(True, by=by, ids=ids, every=every, channel=channel, json=json)


@app.command("send-again")
def send_again(
    by: BY, ids: IDS = None, every: EVERY = False, channel: CHANNEL = "", json: JSON = False
) -> None:
    """Messages that may have been sent: they were not, or twice does no harm."""
    _settle(False, by=by, ids=ids, every=every, channel=channel, json=json)


@app.command("take-up")
def take_up(
    by: BY, ids: IDS = None, every: EVERY = False, channel: CHANNEL = "", json: JSON = False
) -> None:
    """Let messages received and refused (by id: ignored ones too) wait for their app again."""
    from amends.channels.actions.mark_inbound import take_up_again

    def act(some: list[str], why: str, now: datetime) -> int:
        return sum(take_up_again(one, because=f"taken up again {why}") for one in some)

    _decide("refused", act, by=by, ids=ids, every=every, channel=channel, json=json)


@app.command("fetch-again")
def fetch_again(
    by: BY,
    since: Annotated[str, typer.Option(help="Day, e.g. 2026-11-01.")],
    do: Annotated[bool, typer.Option("--do", help="Take them in; else they are counted.")] = False,
    json: JSON = False,
) -> None:
    """Find mails in the mailbox that are not on record, and with --do take them in.

    For mails an earlier version passed over, and after a restore: what was put away since. None is
    taken in twice. Each becomes what it would have become on its day, and its clock runs from then.
    """
    start()
    from django.utils import timezone

    from amends.channels.mail.refetch import fetch_again as fetched
    from amends.channels.mail.settings import mail_settings
    from amends.cli.progress import bar

    _refuse_others(by)
    with bar(_("Looking through"), quiet=json) as progress:
        found = fetched(
            mail_settings(), since=_day(since), do=do, clock=timezone.now, progress=progress
        )
    document = {
        "seen": found.seen,
        "missing": len(found.missing),
        "stored": found.stored,
        "failed": found.failed,
    }
    if json:
        typer.echo(orjson.dumps(document).decode())
        return
    for came in found.missing:
        at = f"{came:%Y-%m-%d %H:%M %Z}" if came else ""
        typer.echo(_("came %(at)s") % {"at": at} if at else _("came on an unknown day"))
    typer.echo(
        ngettext(
            "%(seen)s mail looked through, %(missing)s not on record, %(stored)s taken in, "
            "%(failed)s not readable.",
            "%(seen)s mails looked through, %(missing)s not on record, %(stored)s taken in, "
            "%(failed)s not readable.",
            found.seen,
        )
        % {name: f"{count:,}" for name, count in document.items()}
    )
    if found.missing and not do:
        typer.echo(
            _(
                "Nothing was changed. See that nobody took these down by hand, then run it with "
                "--do."
            )
        )


def _day(text: str) -> date:
    try:
        return parse_day(text)
    except ValueError:
        raise UnableToChooseMessages(
            _("%(text)s is no day.") % {"text": text[:40]},
            meaning=_("Nothing was changed."),
            next_step=_("Write it like 2026-11-01."),
        ) from None


def _refuse_others(by: str) -> None:
    from amends.access.queries import actor_called, may

    if not may(actor_called(by).roles, "admin"):
        raise UnableToDecideOnMessages(
            _("Only an administrator decides what becomes of a message."),
            meaning=_("Nothing was changed."),
            next_step=_("Ask an administrator."),
        )


def _settle(was_sent: bool, **given: Any) -> None:
    from amends.channels.actions.resolve import UnableToResolve, resolve

    def act(some: list[str], why: str, now: datetime) -> int:
        count = 0
        for one in some:
            try:
                resolve(one, was_sent=was_sent, because=f"settled {why}", now=now)
            except UnableToResolve:
                continue
            count += 1
        return count

    _decide("unknown", act, **given)


def _decide(
    state: str,
    act: Callable[[list[str], str, datetime], int],
    *,
    by: str,
    ids: list[str] | None,
    every: bool,
    channel: str,
    json: bool,
) -> None:
    """Carry out on the messages named, or on all that stand in the state, and tell how many."""
    start()
    from django.utils import timezone

    if bool(ids) == every:
        raise UnableToChooseMessages(
            _("Name messages by their ids, or all of them."),
            meaning=_("Nothing was changed."),
            next_step=_("`amends messages list --state %(state)s` lists the ids.")
            % {"state": state},
        )
    _refuse_others(by)
    now, changed = timezone.now(), 0
    for some in _chosen(state, ids, channel):
        changed += act(some, f"by {by}", now)
    if json:
        typer.echo(orjson.dumps({"changed": changed}).decode())
    else:
        typer.echo(
            ngettext("%(count)s message changed.", "%(count)s messages changed.", changed)
            % {"count": f"{changed:,}"}
        )


def _chosen(state: str, ids: list[str] | None, channel: str) -> list[list[str]]:
    from amends.channels.queries import messages_in

    if ids:
        return [ids]
    found: list[list[str]] = []
    before = ""
    while rows := messages_in(state, channel=channel, before=before, limit=_AT_ONCE):
        found.append([one.id for one in rows])
        before = rows[-1].id
    return found
