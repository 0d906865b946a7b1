"""Read every account that is due, and read posts again that may have been edited or deleted."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from amends.channels.actions.take_posts import StoredPosts, take_in
from amends.channels.queries.contacts import opened_columns
from amends.channels.senders import UnableToReachProvider
from amends.channels.social.connector import Fetched, PlatformProblem
from amends.channels.social.connectors import connector_of
from amends.channels.social.models import SocialPosition, SocialPost
from amends.channels.social.settings import PlatformAccount, social_settings
from amends.platform.kit.outage_log import OutageLog

log = logging.getLogger("amends.social")
_outages = OutageLog(log)
FOLLOWED_FOR = timedelta(days=7)
CHECKED_AT_ONCE = 40
_WAIT = {"retry": timedelta(minutes=5), "rate_limited": timedelta(minutes=15)}
_WAIT_PERMANENT = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRead:
    """Result of reading an account; `problem` is "" where it was read to the end."""

    account: str
    stored: int
    known: int
    edited: int
    deleted: int
    problem: str


@dataclass(frozen=True, slots=True)
class AccountsRead:
    """Result of reading all accounts."""

    accounts: list[AccountRead]


def fetch_social(*, now: datetime, only: str = "", at_once: bool = False) -> list[AccountRead]:
    """Read the accounts that are due; an account that fails stops no other.

    Nothing is called in the sandbox (`send = false`): reading needs the platform as well.

    at_once  also accounts that are not due yet
    """
    settings = social_settings()
    if not settings.send:
        return []
    return [
        _read_account(account, now)
        for account in settings.accounts.values()
        if only in ("", account.name) and _is_due(account, now, at_once=at_once)
    ]


def _is_due(account: PlatformAccount, now: datetime, *, at_once: bool) -> bool:
    if connector_of(account).poll_every is None:
        return False
    position = SocialPosition.objects.filter(pk=account.name).first()
    return at_once or position is None or position.next_at is None or position.next_at <= now


def _read_account(account: PlatformAccount, now: datetime) -> AccountRead:
    connector = connector_of(account)
    position, _ = SocialPosition.objects.get_or_create(account=account.name)
    try:
        new = connector.fetch(position.marker, now=now)
        changed_posts = _look_again(account, now) if new.problem is None else Fetched()
    except UnableToReachProvider as error:
        new, changed_posts = (
            Fetched(marker=position.marker, problem=PlatformProblem("retry", error.what)),
            Fetched(),
        )
    stored_posts = take_in(account, new.posts, [*new.changes, *changed_posts.changes], now=now)
    problem = new.problem or changed_posts.problem
    # The marker is stored after the posts: killed in between, they are read again and known.
    position.marker = new.marker
    position.read_at = now if problem is None else position.read_at
    position.next_at = now + _pause(problem, connector.poll_every)
    position.error = problem.said[:200] if problem else ""
    position.save()
    if problem:
        _outages.failed(f"account {account.name}", problem.said)
    else:
        _outages.works(f"account {account.name}")
    return _account_read(account, stored_posts, problem)


def _pause(problem: PlatformProblem | None, every: timedelta | None) -> timedelta:
    if problem is None:
        return every or _WAIT_PERMANENT
    return problem.retry_after or _WAIT.get(problem.kind, _WAIT_PERMANENT)


def _look_again(account: PlatformAccount, now: datetime) -> Fetched:
    """Read again the recent posts that were not read for the longest time."""
    rows = list(
        SocialPost.objects.filter(
            account=account.name, deleted_at=None, posted_at__gt=now - FOLLOWED_FOR
        )
        .select_related("message")
        .order_by("checked_at")[:CHECKED_AT_ONCE]
    )
    if not rows:
        return Fetched()
    ids = opened_columns([row.message for row in rows], "origin_sealed")
    fetched = connector_of(account).look_again([post_id for post_id in ids if post_id], now=now)
    if fetched.problem is None:
        SocialPost.objects.filter(pk__in=[row.pk for row in rows]).update(checked_at=now)
    return fetched


def _account_read(
    account: PlatformAccount, stored_posts: StoredPosts, problem: PlatformProblem | None
) -> AccountRead:
    return AccountRead(
        account=account.name,
        stored=stored_posts.stored,
        known=stored_posts.known,
        edited=stored_posts.edited,
        deleted=stored_posts.deleted,
        problem=problem.said if problem else "",
    )
