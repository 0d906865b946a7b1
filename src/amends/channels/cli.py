"""`amends messages`: what waits, was held, failed or is of unknown fate; and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from amends.platform.cli.command import command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import ngettext
from amends.platform.cli.progress import bar
from amends.platform.cli.render import TableColumn, View
from amends.platform.kit.dates import parse_day
from amends.platform.kit.errors import BadInput, Refused

if TYPE_CHECKING:
    from amends.channels.queries import MessageList
    from amends.platform.kit.actors import Actor

app = typer.Typer(
    no_args_is_help=True, help="List messages that need a decision, and decide on them."
)

_AT_ONCE = 500
IDS = Annotated[list[str] | None, typer.Argument(help="Ids, as `amends messages list` shows them.")]
EVERY = Annotated[bool, typer.Option("--all", help="All messages in that state, instead of ids.")]
CHANNEL = Annotated[str, typer.Option(help="Only this channel: mail, sms, app, …")]


@dataclass(frozen=True, slots=True)
class ChangedMessages:
    """How many messages were changed."""

    changed: int


@dataclass(frozen=True, slots=True)
class FetchedAgain:
    """Mails that were looked through, those not on record, and what became of these.

    received  when each that is not on record reached the server; None where that is not known
    """

    seen: int
    missing: int
    stored: int
    failed: int
    received: list[datetime | None]


@app.callback()
def _messages() -> None:
    """List messages that need a decision, and decide on them. Words and people are never shown."""


def _list_view(message_list: MessageList) -> View:
    return View(
        columns=(
            TableColumn(_("No."), "id", whole=True),
            TableColumn(
                _("When"), lambda listed_message: f"{listed_message.at:%Y-%m-%d %H:%M}", whole=True
            ),
            TableColumn(_("Channel"), "channel"),
            TableColumn(_("Reference"), "reference", whole=True),
            TableColumn(
                _("Tries"), lambda listed_message: listed_message.attempts or None, right=True
            ),
            TableColumn(_("Reason"), "why"),
        ),
        rows=message_list.messages,
        notes=[_("%(count)s listed.") % {"count": f"{len(message_list.messages):,}"}],
    )


@app.command("list")
@command(view=_list_view)
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
) -> MessageList:
    """List messages of one state, the newest first."""
    from amends.channels.queries import MessageList, message_states, messages_in

    if state not in message_states():
        raise BadInput(
            _("There is no state “%(state)s”.") % {"state": state},
            next_step=_("Choose one of %(known)s.") % {"known": ", ".join(message_states())},
            code="messages_not_chosen",
        )
    return MessageList(messages_in(state, channel=channel, before=before, limit=limit))


def _changed_view(changed_messages: ChangedMessages) -> View:
    message = ngettext(
        "%(count)s message changed.", "%(count)s messages changed.", changed_messages.changed
    )
    return View(notes=[message % {"count": f"{changed_messages.changed:,}"}])


@app.command()
@command(view=_changed_view)
def release(
    actor: Actor, ids: IDS = None, every: EVERY = False, channel: CHANNEL = ""
) -> ChangedMessages:
    """Send messages that were held while their channel was not switched on."""
    from amends.channels.actions.release import release as released

    def act(message_ids: list[str], why: str, now: datetime) -> int:
        return released(message_ids, now=now)

    return _decide("held", act, actor, ids=ids, every=every, channel=channel)


@app.command()
@command(view=_changed_view)
def cancel(
    actor: Actor,
    ids: IDS = None,
    held: Annotated[bool, typer.Option("--all-held", help="All held ones, not ids.")] = False,
    channel: CHANNEL = "",
) -> ChangedMessages:
    """Cancel messages that have not left: held ones, and by their ids those that wait."""
    from amends.channels.actions.cancel import cancel as cancelled

    def act(message_ids: list[str], why: str, now: datetime) -> int:
        return sum(
            cancelled(message_id, because=f"cancelled {why}", now=now) for message_id in message_ids
        )

    return _decide("held", act, actor, ids=ids, every=held, channel=channel)


@app.command("count-as-sent")
@command(view=_changed_view)
def count_as_sent(
    actor: Actor, ids: IDS = None, every: EVERY = False, channel: CHANNEL = ""
) -> ChangedMessages:
    """Messages that may have been sent: they were."""
    return _settle(True, actor, ids=ids, every=every, channel=channel)


@app.command("send-again")
@command(view=_changed_view)
def send_again(
    actor: Actor, ids: IDS = None, every: EVERY = False, channel: CHANNEL = ""
) -> ChangedMessages:
    """Messages that may have been sent: they were not, or twice does no harm."""
    return _settle(False, actor, ids=ids, every=every, channel=channel)


@app.command("take-up")
@command(view=_changed_view)
def take_up(
    actor: Actor, ids: IDS = None, every: EVERY = False, channel: CHANNEL = ""
) -> ChangedMessages:
    """Let messages received and refused (by id: ignored ones too) wait for their app again."""
    from amends.channels.actions.mark_inbound import take_up_again

    def act(message_ids: list[str], why: str, now: datetime) -> int:
        return sum(
            take_up_again(message_id, because=f"taken up again {why}") for message_id in message_ids
        )

    return _decide("refused", act, actor, ids=ids, every=every, channel=channel)


def _fetched_view(fetched: FetchedAgain) -> View:
    lines = []
    for received in fetched.received:
        at = f"{received:%Y-%m-%d %H:%M %Z}" if received else ""
        lines.append(_("came %(at)s") % {"at": at} if at else _("came on an unknown day"))
    counts = ngettext(
        "%(seen)s mail looked through, %(missing)s not on record, %(stored)s taken in, "
        "%(failed)s not readable.",
        "%(seen)s mails looked through, %(missing)s not on record, %(stored)s taken in, "
        "%(failed)s not readable.",
        fetched.seen,
    )
    lines.append(
        counts
        % {
            "seen": f"{fetched.seen:,}",
            "missing": f"{fetched.missing:,}",
            "stored": f"{fetched.stored:,}",
            "failed": f"{fetched.failed:,}",
        }
    )
    check = _(
        "Nothing was changed. See that nobody took these down by hand, then run it with --do."
    )
    return View(
        notes=lines,
        next_step="" if fetched.stored or fetched.failed or not fetched.missing else check,
    )


@app.command("fetch-again")
@command(view=_fetched_view)
def fetch_again(
    actor: Actor,
    since: Annotated[str, typer.Option(help="Day, e.g. 2026-11-01.")],
    do: Annotated[bool, typer.Option("--do", help="Take them in; else they are counted.")] = False,
) -> FetchedAgain:
    """Find mails in the mailbox that are not on record, and with --do take them in.

    For mails an earlier version passed over, and after a restore: what was put away since. None is
    taken in twice. Each becomes what it would have become on its day, and its clock runs from then.
    """
    from django.utils import timezone

    from amends.channels.mail import refetch
    from amends.channels.mail.settings import mail_settings

    _require_administrator(actor)
    with bar(_("Looking through")) as progress:
        fetched = refetch.fetch_again(
            mail_settings(), since=_day(since), do=do, clock=timezone.now, progress=progress
        )
    return FetchedAgain(
        seen=fetched.seen,
        missing=len(fetched.missing),
        stored=fetched.stored,
        failed=fetched.failed,
        received=fetched.missing,
    )


def _day(text: str) -> date:
    try:
        return parse_day(text)
    except ValueError:
        raise BadInput(
            _("%(text)s is no day.") % {"text": text[:40]},
            meaning=_("Nothing was changed."),
            next_step=_("Write it like 2026-11-01."),
            code="messages_not_chosen",
        ) from None


def _require_administrator(actor: Actor) -> None:
    from amends.people.access.queries import may

    if not may(actor.roles, "admin"):
        raise Refused(
            _("Only an administrator decides what becomes of a message."),
            meaning=_("Nothing was changed."),
            next_step=_("Ask an administrator."),
            code="unable_to_decide_on_messages",
        )


def _settle(
    was_sent: bool, actor: Actor, *, ids: list[str] | None, every: bool, channel: str
) -> ChangedMessages:
    from amends.channels.actions.resolve import UnableToResolve, resolve

    def act(message_ids: list[str], why: str, now: datetime) -> int:
        count = 0
        for message_id in message_ids:
            try:
                resolve(message_id, was_sent=was_sent, because=f"settled {why}", now=now)
            except UnableToResolve:
                continue
            count += 1
        return count

    return _decide("unknown", act, actor, ids=ids, every=every, channel=channel)


def _decide(
    state: str,
    act: Callable[[list[str], str, datetime], int],
    actor: Actor,
    *,
    ids: list[str] | None,
    every: bool,
    channel: str,
) -> ChangedMessages:
    """Carry out an action on the messages named, or on all in a state."""
    from django.utils import timezone

    from amends.people.access.queries.colleagues import people

    if bool(ids) == every:
        raise BadInput(
            _("Name messages by their ids, or all of them."),
            meaning=_("Nothing was changed."),
            next_step=_("`amends messages list --state %(state)s` lists the ids.")
            % {"state": state},
            code="messages_not_chosen",
        )
    _require_administrator(actor)
    now, why = timezone.now(), f"by {people([actor.ref])[actor.ref]}"
    return ChangedMessages(
        sum(act(message_ids, why, now) for message_ids in _chosen(state, ids, channel))
    )


def _chosen(state: str, ids: list[str] | None, channel: str) -> list[list[str]]:
    from amends.channels.queries import messages_in

    if ids:
        return [ids]
    id_batches: list[list[str]] = []
    before = ""
    while rows := messages_in(state, channel=channel, before=before, limit=_AT_ONCE):
        id_batches.append([row.id for row in rows])
        before = rows[-1].id
    return id_batches
