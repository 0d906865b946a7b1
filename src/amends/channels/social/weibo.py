"""Weibo, after the documentation of its open platform (open.weibo.com, pages named in the tests).

Mentions and comments are read with `since_id`, newest first; the marker moves only once a list was
read to its end. Private messages arrive by callback. Ids of posts here begin with what they are:
`status/ID`, `comment/STATUS/ID`, `message/SENDER/TIME/HASH` (messages have no id at Weibo).
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha1, sha256
from typing import Any

from amends.channels.social.calls import PlatformResponse, call, problem_of
from amends.channels.social.connector import (
    Fetched,
    FoundPost,
    OutgoingReply,
    PlatformProblem,
    PostChange,
    ReplyLimits,
    ReplySent,
)
from amends.channels.social.models import CallbackNonce, CallbackRefusal
from amends.channels.social.refused_callback import RefusedCallback
from amends.channels.social.settings import PlatformAccount
from amends.platform.database.rows import insert_new
from amends.platform.kit.json_in import UnableToReadJson, read_json

POLL_EVERY = timedelta(minutes=4)
TOLERANCE = timedelta(minutes=5)
PAGE_SIZE = 200
MOST_PAGES = 60
_MOST_CHECKED = 40
_LATE_BY = timedelta(hours=1)
"""How long after it was written a private message is delivered at the latest."""
_TIME = "%a %b %d %H:%M:%S %z %Y"
_WITHIN = timedelta(hours=48)
_RATE_LIMITED = {10022, 10023, 10024, 20016}
_RETRY = {10001, 10002, 10009, 10010, 10011, 21301, 21314, 21315, 21316, 21317, 21327, 21332}
Reason = CallbackRefusal.Reason


def signature(secret: bytes, timestamp: str, nonce: str) -> str:
    """SHA-1 over the sorted app secret, time and nonce: what callbacks are signed with.

    >>> signature(b"xyz123xyz", "1397022061823", "57155157")
    '90e4c22c90a58f26526c2dd5b6c56c8822edeaa1'
    """
    parts = sorted([secret.decode(), timestamp, nonce])
    return sha1("".join(parts).encode(), usedforsecurity=False).hexdigest()


def verify(account: PlatformAccount, query: Mapping[str, str], *, now: datetime) -> None:
    """Raise `RefusedCallback` for a callback that Weibo did not sign, or signed too long ago."""
    at, nonce = query.get("timestamp", ""), query.get("nonce", "")
    expected = signature(account.secret, at, nonce)
    if not account.secret or not hmac.compare_digest(
        query.get("signature", "").encode(), expected.encode()
    ):
        raise RefusedCallback(Reason.FORGED)
    if abs(now.timestamp() - _signed_at_s(query)) > TOLERANCE.total_seconds():
        raise RefusedCallback(Reason.OLD)


def _signed_at_s(query: Mapping[str, str]) -> float:
    """When a callback was signed, in seconds; Weibo writes milliseconds."""
    at = query.get("timestamp", "")
    return int(at) / (1000 if len(at) > 10 else 1) if at.isdecimal() and len(at) < 20 else 0


def refuse_replay(
    account: PlatformAccount, query: Mapping[str, str], body: bytes, *, now: datetime
) -> None:
    """Raise `RefusedCallback` for a signature that another body was accepted with.

    Weibo signs time and nonce, not the body, so each nonce counts for the first body that arrives
    with it. The same body again passes: Weibo repeats a callback it believes lost. A nonce is
    deleted once its time is too old to be accepted.
    """
    signed = "\n".join((account.name, query.get("timestamp", ""), query.get("nonce", "")))
    key, digest = sha256(signed.encode()).hexdigest(), sha256(body).hexdigest()
    CallbackNonce.objects.filter(received_at__lt=now - 3 * TOLERANCE).delete()
    if insert_new(CallbackNonce(nonce=key, body_sha256=digest, received_at=now)):
        return
    if CallbackNonce.objects.get(nonce=key).body_sha256 != digest:
        raise RefusedCallback(Reason.REPLAYED)


def read_push(account: PlatformAccount, query: Mapping[str, str], body: bytes) -> list[FoundPost]:
    """The private message of a callback; [] for events such as a new follower.

    Its time must fit the signed one: a signature of today accepts no message of another day.
    """
    try:
        pushed = read_json(body)
        if str(pushed["receiver_id"]) != account.account_id:
            raise RefusedCallback(Reason.FORGED)
        if pushed["type"] in ("event", "mention"):
            return []
        sender, text = str(pushed["sender_id"]), str(pushed.get("text", ""))
        posted_at = datetime.strptime(pushed["created_at"], _TIME).astimezone(UTC)
        before = datetime.fromtimestamp(_signed_at_s(query), tz=UTC) - posted_at
        if not -TOLERANCE <= before <= _LATE_BY:
            raise RefusedCallback(Reason.OLD)
    except (UnableToReadJson, KeyError, TypeError, ValueError, AttributeError) as error:
        raise RefusedCallback(Reason.UNREADABLE) from error
    digest = sha256(f"{pushed['type']}\n{text}\n{pushed.get('data', '')}".encode()).hexdigest()[:16]
    return [
        FoundPost(
            id=f"message/{sender}/{int(posted_at.timestamp())}/{digest}",
            author_id=sender,
            author_name="",
            text=text,
            posted_at=posted_at,
            kind="private",
        )
    ]


class WeiboConnector:
    """One Weibo account."""

    poll_every: timedelta | None = POLL_EVERY

    def __init__(self, account: PlatformAccount) -> None:
        self._account = account
        self._lists = account.business_url or account.url
        self._suffix = "/biz" if account.business_url else ""

    def limits(self, *, public: bool) -> ReplyLimits | None:
        """140 Chinese characters in public; below 300 in private, within 48 hours."""
        if public:
            return ReplyLimits(most_characters=140, wide=True) if self._account.ip else None
        if not self._account.messages_url:
            return None
        return ReplyLimits(most_characters=299, within=_WITHIN)

    def fetch(self, marker: dict[str, Any], *, now: datetime) -> Fetched:
        """Mentions of us and comments to us since the marker."""
        posts: list[FoundPost] = []
        moved = dict(marker)
        for name, path, read in (
            ("mentions", "statuses/mentions", _status),
            ("comments", "comments/to_me", _comment),
        ):
            fetched_posts, newest, problem = self._list(
                path, name, str(marker.get(name, "0")), read
            )
            posts += fetched_posts
            if problem:
                return Fetched(posts=posts, marker=moved, problem=problem)
            moved[name] = newest
        return Fetched(posts=posts, marker=moved)

    def _list(
        self, path: str, key: str, since: str, read: Callable[[Mapping[str, Any]], FoundPost]
    ) -> tuple[list[FoundPost], str, PlatformProblem | None]:
        """A list since an id, and the newest id; the old marker where its end was not reached."""
        fetched_posts: list[FoundPost] = []
        newest = int(since)
        url = f"{self._lists}/2/{path}{self._suffix}.json"
        member = "statuses" if key == "mentions" else "comments"
        for page in range(1, MOST_PAGES + 1):
            answer = self._get(url, since_id=since, count=str(PAGE_SIZE), page=str(page))
            if problem := _problem(answer):
                return fetched_posts, since, problem
            rows = (answer.document or {}).get(member) or []
            for row in rows:
                try:
                    fetched_posts.append(read(row))
                    newest = max(newest, int(row["id"]))
                except (KeyError, TypeError, ValueError):
                    continue
            if len(rows) < PAGE_SIZE:
                return fetched_posts, str(newest), None
        return fetched_posts, since, PlatformProblem("retry", "more pages than are read at once")

    def look_again(self, ids: Sequence[str], *, now: datetime) -> Fetched:
        """Posts that a batch does not bring back were deleted."""
        changes: list[PostChange] = []
        comments = {
            post_id.split("/")[2]: post_id for post_id in ids if post_id.startswith("comment/")
        }
        statuses = {
            post_id.split("/")[1]: post_id for post_id in ids if post_id.startswith("status/")
        }
        for wanted, url, parameter, member in (
            (comments, f"{self._account.url}/2/comments/show_batch.json", "cids", "comments"),
            (
                statuses if self._account.business_url else {},
                f"{self._lists}/2/statuses/show_batch/biz.json",
                "ids",
                "statuses",
            ),
        ):
            if not wanted:
                continue
            asked_ids = list(wanted)[:_MOST_CHECKED]
            answer = self._get(url, **{parameter: ",".join(asked_ids)})
            if problem := _problem(answer):
                return Fetched(changes=changes, problem=problem)
            # A list of comments is the document itself, or one of its members.
            document = answer.document
            rows = document if isinstance(document, list) else (document or {}).get(member) or []
            changes += _changes(rows, {asked_id: wanted[asked_id] for asked_id in asked_ids})
        return Fetched(changes=changes)

    def reply(self, reply: OutgoingReply, *, begin: Callable[[], bool]) -> ReplySent | None:
        """A comment below the post, an answer to a comment, or a private message."""
        url, fields = self._request_of(reply)
        fields["access_token"] = self._account.token
        answer = call("POST", url, fields=fields, begin=begin)
        if answer is None:
            return None
        if answer.lost:
            return ReplySent(problem=PlatformProblem("retry", answer.lost), lost=True)
        if problem := _problem(answer):
            return ReplySent(problem=problem)
        document = answer.document if isinstance(answer.document, dict) else {}
        return ReplySent(str(document.get("idstr") or document.get("id") or ""))

    def _request_of(self, reply: OutgoingReply) -> tuple[str, dict[str, str]]:
        if not reply.public:
            data = json.dumps({"text": reply.text}, ensure_ascii=False)
            fields = {"receiver_id": reply.to_author, "type": "text", "data": data}
            return f"{self._account.messages_url}/2/messages/reply.json", fields
        kind, status, *remainder = reply.to_post.split("/")
        fields = {"id": status, "comment": reply.text, "rip": self._account.ip}
        if kind == "comment":
            fields["cid"] = remainder[0]
            return f"{self._lists}/2/comments/reply{self._suffix}.json", fields
        return f"{self._account.url}/2/comments/create.json", fields

    def find_sent(self, reply: OutgoingReply) -> str:
        """Our own comment with the same text below the post; private messages cannot be listed."""
        if not reply.public:
            return ""
        status = reply.to_post.split("/")[1]
        answer = self._get(f"{self._account.url}/2/comments/show.json", id=status, count="200")
        if _problem(answer):
            return ""
        for row in (answer.document or {}).get("comments") or []:
            own = str(row.get("user", {}).get("id", "")) == self._account.account_id
            if own and reply.text in str(row.get("text", "")):
                return str(row.get("idstr") or row.get("id"))
        return ""

    def _get(self, url: str, **fields: str) -> PlatformResponse:
        answer = call("GET", url, fields={"access_token": self._account.token, **fields})
        assert answer is not None
        return answer


def _changes(rows: Iterable[Mapping[str, Any]], ids_asked: Mapping[str, str]) -> list[PostChange]:
    texts_by_id: dict[str, str] = {}
    for row in rows:
        if not row.get("deleted") or row.get("deleted") == "0":
            texts_by_id[str(row.get("idstr") or row.get("id"))] = str(row.get("text", ""))
    return [
        PostChange(id=ours, text=texts_by_id[theirs])
        if theirs in texts_by_id
        else PostChange(id=ours, deleted=True)
        for theirs, ours in ids_asked.items()
    ]


def _status(row: Mapping[str, Any]) -> FoundPost:
    """A mention; a repost belongs to the thread of what it repeats."""
    root = row.get("retweeted_status") or row
    return _found(row, f"status/{_id(row)}", f"status/{_id(root)}", "mention")


def _comment(row: Mapping[str, Any]) -> FoundPost:
    status = _id(row["status"])
    return _found(row, f"comment/{status}/{_id(row)}", f"status/{status}", "comment")


def _found(row: Mapping[str, Any], ref: str, root: str, kind: str) -> FoundPost:
    user = row["user"]
    return FoundPost(
        id=ref,
        author_id=_id(user),
        author_name=str(user.get("screen_name", ""))[:200],
        text=str(row["text"]),
        posted_at=datetime.strptime(row["created_at"], _TIME).astimezone(UTC),
        kind=kind,  # type: ignore[arg-type]
        thread_id=root,
    )


def _id(row: Mapping[str, Any]) -> str:
    return str(row.get("idstr") or row["id"])


def _problem(answer: PlatformResponse) -> PlatformProblem | None:
    """The refusal in an answer; `error_code` may be a number or a text."""
    document = answer.document if isinstance(answer.document, dict) else {}
    code = str(document.get("error_code", ""))
    if answer.is_ok and not code:
        return None
    if not code.isdecimal():
        return problem_of(answer)
    problem_text = f"{code} {document.get('error', '')}"[:160]
    if int(code) in _RATE_LIMITED:
        return PlatformProblem("rate_limited", problem_text, timedelta(hours=1))
    return PlatformProblem("retry" if int(code) in _RETRY else "permanent", problem_text)


def connector(account: PlatformAccount) -> WeiboConnector:
    """The connector of an account."""
    return WeiboConnector(account)
