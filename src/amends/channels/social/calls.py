"""Calls to a platform: bounded, no redirects, only to addresses the operator configured."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from amends.channels.senders import UnableToReachProvider
from amends.channels.social.connector import PlatformProblem
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.json_in import UnableToReadJson, read_json
from amends.platform.kit.received_files import MAX_FILE_BYTES

TIMEOUT_S = 20
_MOST_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class PlatformResponse:
    """The answer of a platform; `document` is None for anything but JSON.

    lost  the request was out, and no answer came
    """

    status: int
    document: Any = None
    headers: Mapping[str, str] | None = None
    lost: str = ""

    @property
    def is_ok(self) -> bool:
        """Whether the platform did what it was asked."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


def call(
    method: str,
    url: str,
    *,
    fields: Mapping[str, str] | None = None,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    begin: Callable[[], bool] = lambda: True,
) -> PlatformResponse | None:
    """One request; None where `begin` says the message is no longer ours to send.

    fields  of the query of a GET, or of the form of a POST

    Raises `UnableToReachProvider` where the platform cannot be reached: nothing was sent then.
    """
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = dict(headers or {})
    if fields and method == "GET":
        path += f"?{urlencode(fields)}"
    elif fields:
        body = urlencode(fields).encode()
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    line = _connected(parts.scheme, parts.hostname or "", parts.port)
    try:
        if not begin():
            return None
        try:
            line.request(method, path, body or None, sent)
            answer = line.getresponse()
            content = answer.read(_MOST_BYTES)
        except (OSError, http.client.HTTPException) as error:
            return PlatformResponse(0, lost=type(error).__name__)
    finally:
        line.close()
    try:
        document = read_json(content)
    except UnableToReadJson:
        document = None
    return PlatformResponse(answer.status, document, dict(answer.getheaders()))


def download(url: str, *, within: str) -> bytes | None:
    """A file of a platform, cut just above the limit of received files; None where it is elsewhere.

    within  the address the operator configured: a file of another host is not called
    """
    parts, allowed = urlsplit(url), urlsplit(within)
    if (parts.scheme, parts.netloc) != (allowed.scheme, allowed.netloc):
        return None
    try:
        line = _connected(parts.scheme, parts.hostname or "", parts.port)
    except UnableToReachProvider:
        return None
    try:
        line.request("GET", parts.path + (f"?{parts.query}" if parts.query else ""))
        answer = line.getresponse()
        content = answer.read(MAX_FILE_BYTES + 1)
    except (OSError, http.client.HTTPException):
        return None
    finally:
        line.close()
    return content if answer.status == HTTPStatus.OK else None


def _connected(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    line = (
        http.client.HTTPSConnection(
            host, port, timeout=TIMEOUT_S, context=ssl.create_default_context()
        )
        if scheme == "https"
        else http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
    )
    try:
        line.connect()
    except OSError as error:
        raise UnableToReachProvider(
            _("The social platform does not answer (%(why)s)."),
            meaning=_("Answers wait; nothing is lost."),
            next_step=_("Check the address in AMENDS_SOCIAL_FILE and the network."),
            values={"why": type(error).__name__},
        ) from error
    return line


def problem_of(answer: PlatformResponse) -> PlatformProblem:
    """A refusal by HTTP status: 429 is a rate limit, 5xx and 401 pass, other 4xx stay."""
    problem_text = f"{answer.status} {_excerpt(answer.document)}".strip()
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return PlatformProblem("rate_limited", problem_text, _retry_after(answer))
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status in (
        0,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.REQUEST_TIMEOUT,
    ):
        return PlatformProblem("retry", answer.lost or problem_text)
    return PlatformProblem("permanent", problem_text)


def _excerpt(document: Any) -> str:
    return "" if document is None else json.dumps(document, ensure_ascii=False)[:120]


def _retry_after(answer: PlatformResponse) -> timedelta | None:
    value = (answer.headers or {}).get("Retry-After", "")
    return (
        timedelta(seconds=min(int(value), 86_400)) if value.isdecimal() and len(value) < 9 else None
    )
