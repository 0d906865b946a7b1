"""`amends social`: read accounts, list posts, answer them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from amends.platform.cli.command import command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import ngettext
from amends.platform.cli.render import TableColumn, View
from amends.platform.kit.errors import Refused

if TYPE_CHECKING:
    from amends.channels.jobs.fetch_social import AccountsRead
    from amends.channels.queries.social import AccountList, PostList
    from amends.platform.kit.actors import Actor

app = typer.Typer(no_args_is_help=True, help="Posts on social media: read, list, answer.")


@dataclass(frozen=True, slots=True)
class PostAnswered:
    """An answer: its id, and whether it waits for a second person."""

    answer: str
    state: str


@app.callback()
def _social() -> None:
    """Posts on social media: read, list, answer."""


def _read_view(accounts_read: AccountsRead) -> View:
    return View(
        columns=(
            TableColumn(_("Account"), "account", whole=True),
            TableColumn(_("New"), "stored", "{:,}", right=True),
            TableColumn(_("Known"), "known", "{:,}", right=True),
            TableColumn(_("Edited"), "edited", "{:,}", right=True),
            TableColumn(_("Deleted"), "deleted", "{:,}", right=True),
            TableColumn(_("Problem"), "problem"),
        ),
        rows=accounts_read.accounts,
        notes=[]
        if accounts_read.accounts
        else [_("No account is read: AMENDS_SOCIAL_FILE lists none.")],
    )


@app.command()
@command(view=_read_view)
def fetch(
    account: Annotated[str, typer.Option(help="Only this account.")] = "",
) -> AccountsRead:
    """Read the accounts now: new posts, edits and deletions."""
    from django.utils import timezone

    from amends.channels.jobs.fetch_social import AccountsRead, fetch_social

    return AccountsRead(fetch_social(now=timezone.now(), only=account, at_once=True))


def _accounts_view(account_list: AccountList) -> View:
    return View(
        columns=(
            TableColumn(_("Account"), "name", whole=True),
            TableColumn(_("Platform"), "platform"),
            TableColumn(_("Brand"), "brand"),
            TableColumn(
                _("Read"),
                lambda account_row: (
                    f"{account_row.read_at:%Y-%m-%d %H:%M}" if account_row.read_at else None
                ),
            ),
            TableColumn(_("Callbacks refused in 7 days"), "refused", "{:,}", right=True),
            TableColumn(_("Problem"), "error"),
        ),
        rows=account_list.accounts,
        notes=[] if account_list.accounts else [_("AMENDS_SOCIAL_FILE lists no account.")],
    )


@app.command()
@command(view=_accounts_view)
def accounts() -> AccountList:
    """List the accounts, how far each is read, and callbacks that were refused."""
    from django.utils import timezone

    from amends.channels.queries.social import AccountList, account_statuses

    return AccountList(account_statuses(now=timezone.now()))


def _list_view(post_list: PostList) -> View:
    return View(
        columns=(
            TableColumn(_("No."), "id", whole=True),
            TableColumn(
                _("When"), lambda listed_post: f"{listed_post.posted_at:%Y-%m-%d %H:%M}", whole=True
            ),
            TableColumn(_("Account"), "account"),
            TableColumn(_("Kind"), lambda listed_post: str(listed_post.kind.label)),
            TableColumn(_("State"), lambda listed_post: str(listed_post.state.label)),
            TableColumn(_("Text"), "text"),
        ),
        rows=post_list.posts,
        notes=[
            ngettext("%(count)s post listed.", "%(count)s posts listed.", len(post_list.posts))
            % {"count": f"{len(post_list.posts):,}"}
        ],
    )


@app.command("list")
@command(view=_list_view)
def list_posts(
    actor: Actor,
    state: Annotated[
        str, typer.Option(help="open, proposed, answered, complaint, closed; empty for all.")
    ] = "open",
    account: Annotated[str, typer.Option(help="Only this account.")] = "",
    text: Annotated[str, typer.Option(help="Only posts with this text.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    after: Annotated[str, typer.Option(help="The cursor of the page before.")] = "",
) -> PostList:
    """List posts, personal data masked."""
    from amends.channels.queries.social import PostFilter, posts

    _require(actor, "social.read")
    wanted = PostFilter(state=state, account=account, text=text, brand=actor.brand)
    return posts(wanted, after=after, size=limit)


def _answered_view(answered: PostAnswered) -> View:
    waits = answered.state == "proposed"
    message = _("The answer waits for a second person.") if waits else _("The answer is posted.")
    return View(notes=[message])


@app.command()
@command(view=_answered_view)
def answer(
    actor: Actor,
    post: Annotated[str, typer.Argument(help="Id of the post, as `amends social list` shows it.")],
    text: Annotated[str, typer.Option(help="The text of the answer.")],
    private: Annotated[bool, typer.Option("--private", help="As a private message.")] = False,
    invite: Annotated[
        bool, typer.Option("--invite", help="Add the link to the private form.")
    ] = False,
) -> PostAnswered:
    """Answer a post. A public answer waits for a second person where the account says so."""
    from django.utils import timezone

    from amends.channels.actions.answer_post import answer_post

    _require(actor, "social.answer")
    social_answer = answer_post(
        post, text=text, public=not private, invite=invite, actor=actor, now=timezone.now()
    )
    return PostAnswered(social_answer.pk, social_answer.state)


@app.command()
@command(view=_answered_view)
def approve(
    actor: Actor,
    answer: Annotated[str, typer.Argument(help="Id of the answer.")],
) -> PostAnswered:
    """Agree to a public answer that a colleague wrote, and post it."""
    from django.utils import timezone

    from amends.channels.actions.answer_post import approve_answer

    _require(actor, "social.approve")
    approved = approve_answer(answer, actor=actor, now=timezone.now())
    return PostAnswered(approved.pk, approved.state)


def _require(actor: Actor, permission: str) -> None:
    from amends.people.access.queries import may

    if not may(actor.roles, permission):
        raise Refused(
            _("You may not read or answer posts on social media."),
            meaning=_("Nothing was changed."),
            next_step=_("Ask an administrator."),
            code="social_not_allowed",
        )
