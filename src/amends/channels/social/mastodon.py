"""Mastodon and servers that speak its interface, by Mastodon.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from amends.channels.actions.receive import ReceivedFile
from amends.channels.social.calls import download
from amends.channels.social.connector import (
    Fetched,
    FoundPost,
    OutgoingReply,
    PlatformProblem,
    PostChange,
    ReplyLimits,
    ReplySent,
)
from amends.channels.social.rules import plain_text
from amends.channels.social.settings import PlatformAccount

if TYPE_CHECKING:
    from mastodon import Mastodon

POLL_EVERY = timedelta(seconds=30)
PAGE_SIZE = 40
MOST_PAGES = 300
_MOST_FILES = 4
_TIMEOUT_S = 20


class MastodonConnector:
    """One account on one server."""

    poll_every: timedelta | None = POLL_EVERY

    def __init__(self, account: PlatformAccount) -> None:
        self._account = account

    def limits(self, *, public: bool) -> ReplyLimits | None:
        """500 characters, of which the name of the person answered takes some."""
        return ReplyLimits(most_characters=450)

    def fetch(self, marker: dict[str, Any], *, now: datetime) -> Fetched:
        """Mentions since the newest notification that was read, oldest page first."""
        from mastodon import MastodonError

        client, posts = self._client(), []
        # `since_id` would skip everything between its page and the marker.
        newest = str(marker.get("notification", ""))
        try:
            for _page in range(MOST_PAGES):
                notifications = client.notifications(
                    min_id=newest or None, types=["mention"], limit=PAGE_SIZE
                )
                fresh = [
                    notification for notification in notifications if str(notification.id) != newest
                ]
                posts += [
                    self._found(notification.status)
                    for notification in reversed(fresh)
                    if notification.type == "mention" and notification.get("status")
                ]
                if not fresh:
                    break
                newest = max((str(notification.id) for notification in fresh), key=_order)
                if not marker and len(notifications) < PAGE_SIZE:
                    break
        except MastodonError as error:
            return Fetched(posts=posts, marker={"notification": newest}, problem=_problem(error))
        return Fetched(posts=posts, marker={"notification": newest})

    def look_again(self, ids: Sequence[str], *, now: datetime) -> Fetched:
        """Each post again: edited, or deleted."""
        from mastodon import MastodonError, MastodonNotFoundError

        client, changes = self._client(), []
        for ref in ids:
            try:
                status = client.status(ref)
            except MastodonNotFoundError:
                changes.append(PostChange(id=ref, deleted=True))
            except MastodonError as error:
                return Fetched(changes=changes, problem=_problem(error))
            else:
                if status.get("edited_at"):
                    changes.append(PostChange(id=ref, text=_text(status), at=status.edited_at))
        return Fetched(changes=changes)

    def reply(self, reply: OutgoingReply, *, begin: Callable[[], bool]) -> ReplySent | None:
        """A reply in public, or to its author alone; the key makes a repeat harmless."""
        from mastodon import MastodonError, MastodonNetworkError

        client = self._client()
        try:
            status = client.status(reply.to_post)
        except MastodonError as error:
            return ReplySent(problem=_problem(error))
        if not begin():
            return None
        try:
            sent = client.status_reply(
                status,
                reply.text,
                visibility="public" if reply.public else "direct",
                idempotency_key=reply.key,
                untag=True,
            )
        except MastodonNetworkError as error:
            return ReplySent(problem=_problem(error), lost=True)
        except MastodonError as error:
            return ReplySent(problem=_problem(error))
        return ReplySent(str(sent.id))

    def find_sent(self, reply: OutgoingReply) -> str:
        """Our own reply with the same text below the post."""
        from mastodon import MastodonError

        try:
            below = self._client().status_context(reply.to_post).descendants
        except MastodonError:
            return ""
        for status in below:
            own = str(status.account.id) == self._account.account_id
            if own and plain_text(reply.text) in _text(status):
                return str(status.id)
        return ""

    def _client(self) -> Mastodon:
        from mastodon import Mastodon
        from requests import Session

        # A redirect could lead to an address that the operator did not configure.
        session = Session()
        session.max_redirects = 0
        return Mastodon(
            session=session,
            access_token=self._account.token,
            api_base_url=self._account.url,
            version_check_mode="none",
            ratelimit_method="throw",
            request_timeout=_TIMEOUT_S,
        )

    def _found(self, status: Any) -> FoundPost:
        """Anything but a public post is private: servers disagree on the other visibilities."""
        public = status.visibility == "public"
        replies_to = status.get("in_reply_to_id")
        kind = "private" if not public else "comment" if replies_to else "mention"
        return FoundPost(
            id=str(status.id),
            author_id=str(status.account.id),
            author_name=str(status.account.display_name or status.account.acct)[:200],
            text=_text(status),
            posted_at=status.created_at,
            kind=kind,  # type: ignore[arg-type]
            thread_id=str(replies_to or ""),
            edited_at=status.get("edited_at"),
            files=self._files(status),
        )

    def _files(self, status: Any) -> list[ReceivedFile]:
        """Images that are on the account's own server; no other address is called."""
        files = []
        for media in (status.get("media_attachments") or [])[:_MOST_FILES]:
            content = download(str(media.get("url") or ""), within=self._account.url)
            if content is not None:
                files.append(ReceivedFile("", content))
        return files


def _text(status: Any) -> str:
    parts = [status.get("spoiler_text") or "", status.get("content") or ""]
    return plain_text("<br>".join(part for part in parts if part))


def _order(ref: str) -> tuple[int, str]:
    """Ids are numbers on most servers, texts of one length on others."""
    return len(ref), ref


def _problem(error: Exception) -> PlatformProblem:
    from mastodon import (
        MastodonNetworkError,
        MastodonRatelimitError,
        MastodonServerError,
        MastodonUnauthorizedError,
    )

    problem_text = f"{type(error).__name__} {error}"[:160]
    if isinstance(error, MastodonRatelimitError):
        return PlatformProblem("rate_limited", problem_text, timedelta(minutes=5))
    passing = (MastodonNetworkError, MastodonServerError, MastodonUnauthorizedError)
    return PlatformProblem("retry" if isinstance(error, passing) else "permanent", problem_text)


def connector(account: PlatformAccount) -> MastodonConnector:
    """The connector of an account."""
    return MastodonConnector(account)
