"""WeChat Official Account: encrypted callbacks in, customer service messages out.

Only the secure mode is accepted: the body of a plain message is not covered by its signature.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from django.core.cache import cache

from amends.channels.social.calls import PlatformResponse, call, problem_of
from amends.channels.social.connector import (
    Fetched,
    FoundPost,
    OutgoingReply,
    PlatformProblem,
    ReplyLimits,
    ReplySent,
)
from amends.channels.social.models import CallbackRefusal
from amends.channels.social.refused_callback import RefusedCallback
from amends.channels.social.settings import PlatformAccount

TOLERANCE = timedelta(minutes=5)
MOST_BYTES = 1_000_000
_BLOCK = 32
_IV = 16
_HEAD = 20
_MOST_TEXT = 600
_BUSY, _QUOTA = -1, 45009
_TOKEN_CODES = {40001, 40014, 42001}
Reason = CallbackRefusal.Reason


def signature(*parts: str) -> str:
    """SHA-1 over the sorted parts, as WeChat signs its callbacks."""
    return sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def decrypted(account: PlatformAccount, encrypted: str) -> bytes:
    """The message in an `Encrypt` field; raises `RefusedCallback` for anything out of form.

    AES-256-CBC with the first half of the key as IV; 16 random bytes, the length of the message
    (4 bytes, big-endian), the message, the app id; PKCS#7 to blocks of 32 bytes.
    """
    try:
        data = b64decode(encrypted, validate=True)
    except (Base64Error, ValueError):
        raise RefusedCallback(Reason.FORGED) from None
    if not data or len(data) % _IV:
        raise RefusedCallback(Reason.FORGED)
    key = account.aes_key
    opener = Cipher(algorithms.AES(key), modes.CBC(key[:_IV])).decryptor()
    plain = opener.update(data) + opener.finalize()
    padding = plain[-1]
    if not 1 <= padding <= _BLOCK or plain[-padding:] != bytes([padding]) * padding:
        raise RefusedCallback(Reason.FORGED)
    body = plain[:-padding]
    length = int.from_bytes(body[_IV:_HEAD], "big")
    message, app_id = body[_HEAD : _HEAD + length], body[_HEAD + length :]
    if len(message) != length or app_id.decode("utf-8", "replace") != account.app_id:
        raise RefusedCallback(Reason.FORGED)
    return message


def echo(account: PlatformAccount, query: Mapping[str, str], *, now: datetime) -> str:
    """The text to answer the check of the address with."""
    echo_text = query.get("echostr", "")
    if "msg_signature" in query:
        _verify(account, query, echo_text, query["msg_signature"], now)
        return decrypted(account, echo_text).decode("utf-8", "replace")
    _verify(account, query, None, query.get("signature", ""), now)
    return echo_text if echo_text.isalnum() else ""


def read_callback(
    account: PlatformAccount, query: Mapping[str, str], body: bytes, *, now: datetime
) -> list[FoundPost]:
    """The private message of a callback; [] for events such as a new follower."""
    encrypted = _field(_parsed(body), "Encrypt")
    _verify(account, query, encrypted, query.get("msg_signature", ""), now)
    message = _parsed(decrypted(account, encrypted))
    if _field(message, "ToUserName") != account.account_id:
        raise RefusedCallback(Reason.FORGED)
    kind, sender = _field(message, "MsgType"), _field(message, "FromUserName")
    created = _field(message, "CreateTime")
    if kind == "event":
        return []
    if not created.isdecimal() or len(created) > 11 or not sender:
        raise RefusedCallback(Reason.UNREADABLE)
    ref = _field(message, "MsgId") or f"{sender}/{created}"
    return [
        FoundPost(
            id=ref,
            author_id=sender,
            author_name="",
            text=_field(message, "Content") or _field(message, "Recognition"),
            posted_at=datetime.fromtimestamp(int(created), tz=UTC),
            kind="private",
        )
    ]


def _verify(
    account: PlatformAccount,
    query: Mapping[str, str],
    encrypted: str | None,
    signature_text: str,
    now: datetime,
) -> None:
    at, nonce = query.get("timestamp", ""), query.get("nonce", "")
    parts = [account.token, at, nonce] + ([] if encrypted is None else [encrypted])
    if not hmac.compare_digest(signature_text.encode(), signature(*parts).encode()):
        raise RefusedCallback(Reason.FORGED)
    if not at.isdecimal() or len(at) > 12:
        raise RefusedCallback(Reason.OLD)
    if abs(now.timestamp() - int(at)) > TOLERANCE.total_seconds():
        raise RefusedCallback(Reason.OLD)


def _parsed(body: bytes) -> Any:
    if len(body) > MOST_BYTES:
        raise RefusedCallback(Reason.TOO_LARGE)
    try:
        return fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise RefusedCallback(Reason.UNREADABLE) from error


def _field(element: Any, name: str) -> str:
    return str(element.findtext(name) or "").strip()


class WeChatConnector:
    """One official account; it is never read, it calls us."""

    poll_every: timedelta | None = None

    def __init__(self, account: PlatformAccount) -> None:
        self._account = account

    def limits(self, *, public: bool) -> ReplyLimits | None:
        """Five customer service messages in 48 hours after a message; nothing in public."""
        if public or not self._account.url or not self._account.secret:
            return None
        return ReplyLimits(most_characters=_MOST_TEXT, within=timedelta(hours=48), most_answers=5)

    def fetch(self, marker: dict[str, Any], *, now: datetime) -> Fetched:
        """Nothing: messages arrive by callback."""
        return Fetched(marker=marker)

    def look_again(self, ids: Sequence[str], *, now: datetime) -> Fetched:
        """Nothing: a message to an account cannot be edited."""
        return Fetched()

    def reply(self, reply: OutgoingReply, *, begin: Callable[[], bool]) -> ReplySent | None:
        """One customer service message."""
        token = self._access_token()
        if isinstance(token, PlatformProblem):
            return ReplySent(problem=token)
        body = json.dumps(
            {"touser": reply.to_author, "msgtype": "text", "text": {"content": reply.text}},
            ensure_ascii=False,
        ).encode()
        answer = call(
            "POST",
            f"{self._account.url}/cgi-bin/message/custom/send?access_token={token}",
            body=body,
            headers={"Content-Type": "application/json; charset=utf-8"},
            begin=begin,
        )
        if answer is None:
            return None
        if answer.lost:
            return ReplySent(problem=PlatformProblem("retry", answer.lost), lost=True)
        problem = self._problem(answer)
        return ReplySent(problem=problem) if problem else ReplySent()

    def find_sent(self, reply: OutgoingReply) -> str:
        """Messages that were sent cannot be listed."""
        return ""

    def _access_token(self) -> str | PlatformProblem:
        """The token of the interface, remembered until five minutes before it ends."""
        if cached_token := cache.get(self._token_key):
            return str(cached_token)
        answer = call(
            "GET",
            f"{self._account.url}/cgi-bin/token",
            fields={
                "grant_type": "client_credential",
                "appid": self._account.app_id,
                "secret": self._account.secret.decode(),
            },
        )
        assert answer is not None
        if problem := self._problem(answer):
            return problem
        document = answer.document if isinstance(answer.document, dict) else {}
        token = str(document.get("access_token", ""))
        if not token.replace("-", "").replace("_", "").isalnum():
            return PlatformProblem("retry", "no access token was given")
        cache.set(self._token_key, token, max(int(document.get("expires_in", 7200)) - 300, 60))
        return token

    @property
    def _token_key(self) -> str:
        return f"social:wechat:{self._account.name}"

    def _problem(self, answer: PlatformResponse) -> PlatformProblem | None:
        if not answer.is_ok:
            return problem_of(answer)
        document = answer.document if isinstance(answer.document, dict) else {}
        code = document.get("errcode", 0)
        if code == 0:
            return None
        problem_text = f"{code} {document.get('errmsg', '')}"[:160]
        if code in _TOKEN_CODES:
            cache.delete(self._token_key)
            return PlatformProblem("retry", problem_text)
        if code == _QUOTA:
            return PlatformProblem("rate_limited", problem_text, timedelta(hours=6))
        return PlatformProblem("retry" if code == _BUSY else "permanent", problem_text)


def connector(account: PlatformAccount) -> WeChatConnector:
    """The connector of an account."""
    return WeChatConnector(account)
