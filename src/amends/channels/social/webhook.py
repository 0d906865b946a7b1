"""Any platform through a gateway of the operator: signed JSON both ways (Standard Webhooks).

In: `POST /hooks/social/NAME/` with `{"events": [{"type": "post.created", "post": {…}}]}`; types are
`post.created`, `post.edited` and `post.deleted`. Out: one POST per answer to the account's `url`.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from amends.channels.actions.receive import ReceivedFile
from amends.channels.social.calls import call, problem_of
from amends.channels.social.connector import (
    Fetched,
    FoundPost,
    OutgoingReply,
    PlatformProblem,
    PostChange,
    ReplyLimits,
    ReplySent,
)
from amends.channels.social.models import CallbackRefusal, PostKind
from amends.channels.social.refused_callback import RefusedCallback
from amends.channels.social.settings import PlatformAccount
from amends.platform.kit.dates import within
from amends.platform.kit.json_in import UnableToReadJson, read_json
from amends.platform.kit.received_files import MAX_FILE_BYTES, MAX_FILES

TOLERANCE = timedelta(minutes=5)
MOST_EVENTS = 200
Reason = CallbackRefusal.Reason


def key_of(secret: bytes) -> bytes:
    """The signing key: `whsec_` and base64, or the text itself."""
    if secret.startswith(b"whsec_"):
        try:
            return b64decode(secret.removeprefix(b"whsec_"), validate=True)
        except (Base64Error, ValueError):
            return secret
    return secret


def signature(secret: bytes, message_id: str, at: str, body: bytes) -> str:
    """`v1,` and base64 of HMAC-SHA256 over id, time and body, as Standard Webhooks writes it.

    >>> secret = b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    >>> body = b'{"test": 2432232314}'
    >>> signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    signed = b".".join((message_id.encode(), at.encode(), body))
    return f"v1,{b64encode(hmac.digest(key_of(secret), signed, 'sha256')).decode()}"


def verify(secret: bytes, headers: Mapping[str, str], body: bytes, *, now: datetime) -> str:
    """The id of a signed callback; raises `RefusedCallback` for a forged or old one."""
    message_id, at = headers.get("Webhook-Id", ""), headers.get("Webhook-Timestamp", "")
    signatures = headers.get("Webhook-Signature", "").split()
    expected = signature(secret, message_id, at, body)
    if not message_id or not any(
        hmac.compare_digest(signature_text.encode(), expected.encode())
        for signature_text in signatures
    ):
        raise RefusedCallback(Reason.FORGED)
    if not at.isdecimal() or abs(now.timestamp() - int(at)) > TOLERANCE.total_seconds():
        raise RefusedCallback(Reason.OLD)
    return message_id


def read_events(body: bytes, *, now: datetime) -> tuple[list[FoundPost], list[PostChange]]:
    """The posts and changes of a callback; raises `RefusedCallback` for anything else."""
    try:
        document = read_json(body)
        events = document.get("events", [document])
        if not isinstance(events, list) or len(events) > MOST_EVENTS:
            raise RefusedCallback(Reason.UNREADABLE)
        posts = [_post(event["post"]) for event in events if event["type"] == "post.created"]
        changes = [_change(event, now) for event in events if event["type"] != "post.created"]
    except (UnableToReadJson, KeyError, TypeError, ValueError, AttributeError) as error:
        raise RefusedCallback(Reason.UNREADABLE) from error
    return posts, changes


def _post(post_fields: Mapping[str, Any]) -> FoundPost:
    kind = str(post_fields.get("kind", "mention"))
    if kind not in PostKind.values:
        raise ValueError(kind)
    author = post_fields["author"]
    return FoundPost(
        id=_reference(post_fields["id"]),
        author_id=_reference(author["id"]),
        author_name=str(author.get("name", ""))[:200],
        text=str(post_fields.get("text", "")),
        posted_at=_time(post_fields["posted_at"]),
        kind=kind,  # type: ignore[arg-type]
        thread_id=_reference(post_fields["thread_id"]) if post_fields.get("thread_id") else "",
        files=[_file(file) for file in list(post_fields.get("files", ()))[: MAX_FILES + 1]],
    )


def _change(event: Mapping[str, Any], now: datetime) -> PostChange:
    kind, post = event["type"], event["post"]
    if kind not in ("post.edited", "post.deleted"):
        raise ValueError(kind)
    return PostChange(
        id=_reference(post["id"]),
        deleted=kind == "post.deleted",
        text=str(post.get("text", "")),
        at=_time(post["at"]) if post.get("at") else now,
    )


def _reference(value: Any) -> str:
    """An id of a platform: a text, or a whole number."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not 0 < len(text) <= 100:
        raise ValueError("id")
    return text


def _time(value: Any) -> datetime:
    moment = datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        raise ValueError("posted_at has no time zone")
    return within(moment)


def _file(file_fields: Mapping[str, Any]) -> ReceivedFile:
    """A file in base64; one over the limit is cut behind it, so that it is refused as too large."""
    text = str(file_fields["content"])
    content = b64decode(text[: (MAX_FILE_BYTES // 3 + 2) * 4], validate=True)
    return ReceivedFile(str(file_fields.get("name", ""))[:200], content)


class WebhookConnector:
    """The gateway of the operator; it calls us, and is called with answers."""

    poll_every = None

    def __init__(self, account: PlatformAccount) -> None:
        self._account = account

    def limits(self, *, public: bool) -> ReplyLimits | None:
        """The gateway cuts or splits for its platform; 2,000 characters are enough for anybody."""
        return ReplyLimits(most_characters=2_000) if self._account.url else None

    def fetch(self, marker: dict[str, Any], *, now: datetime) -> Fetched:
        """Nothing: posts come by callback."""
        return Fetched(marker=marker)

    def look_again(self, ids: Sequence[str], *, now: datetime) -> Fetched:
        """Nothing: changes come by callback."""
        return Fetched()

    def reply(self, reply: OutgoingReply, *, begin: Callable[[], bool]) -> ReplySent | None:
        """One signed POST; the key is the same at every try."""
        body = json.dumps(
            {
                "type": "reply",
                "id": reply.key,
                "post": reply.to_post,
                "thread": reply.to_thread,
                "to": reply.to_author,
                "public": reply.public,
                "text": reply.text,
            },
            ensure_ascii=False,
        ).encode()
        at = str(int(datetime.now().astimezone().timestamp()))
        answer = call(
            "POST",
            self._account.url,
            body=body,
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "Webhook-Id": reply.key,
                "Webhook-Timestamp": at,
                "Webhook-Signature": signature(self._account.secret, reply.key, at, body),
            },
            begin=begin,
        )
        if answer is None:
            return None
        if answer.lost:
            return ReplySent(problem=PlatformProblem("retry", answer.lost), lost=True)
        if not answer.is_ok:
            return ReplySent(problem=problem_of(answer))
        document = answer.document if isinstance(answer.document, dict) else {}
        return ReplySent(str(document.get("id", ""))[:200])

    def find_sent(self, reply: OutgoingReply) -> str:
        """A gateway cannot be asked; it knows the key, so a person may send again safely."""
        return ""


def connector(account: PlatformAccount) -> WebhookConnector:
    """The connector of an account."""
    return WebhookConnector(account)
