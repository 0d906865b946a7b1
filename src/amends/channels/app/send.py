"""Webhooks to the push gateway: one signed POST each, and what its answer means."""

from __future__ import annotations

import hmac
import http.client
import json
import ssl
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, Self

from amends.channels.app.settings import Gateway, gateway
from amends.channels.rules.outcomes import DeliveryOutcome
from amends.channels.senders import UnableToReachProvider
from amends.platform.kit.errors import gettext_noop as _

if TYPE_CHECKING:
    from amends.channels.actions.claim import Claimed

_TIMEOUT_S = 20
_MOST_BYTES = 4096
_NOBODY = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
# Not let in, or too busy: a fault of the settings or of the moment, not of the message.
_LATER = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.CONFLICT,
    HTTPStatus.TOO_MANY_REQUESTS,
}


class AppSender:
    """The gateway as a provider; see `switches.Sender`.

    A message carries its id at every try, so that a gateway shows it once. Its answers: 2xx taken;
    404 or 410 nobody has the app under that number, so another channel is next; 401, 403, 408, 409,
    429 and 5xx again later; other 4xx refused for good. A lost answer leaves it `unknown`.
    """

    def __init__(self, settings: Gateway, *, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing is kept open."""

    def send(self, message: Claimed, *, begin: Callable[[], bool]) -> DeliveryOutcome | None:
        """Hand one message over."""
        body = json.dumps(
            {
                "id": message.id,
                "to": message.recipient,
                "title": message.subject,
                "body": message.body,
                "language": message.language,
            },
            ensure_ascii=False,
        ).encode()
        line = self._connected()
        try:
            if not begin():
                return None
            try:
                line.request("POST", self._settings.path, body, self._headers(message.id, body))
                answer = line.getresponse()
                response_text = answer.read(_MOST_BYTES).decode("utf-8", "replace")
            except (OSError, http.client.HTTPException) as error:
                return DeliveryOutcome(
                    "unknown", said=f"the answer was lost: {type(error).__name__}"
                )
        finally:
            line.close()
        return _outcome(answer.status, response_text)

    def _connected(self) -> http.client.HTTPConnection:
        where = self._settings
        line = (
            http.client.HTTPSConnection(
                where.host, where.port, timeout=_TIMEOUT_S, context=ssl.create_default_context()
            )
            if where.tls
            else http.client.HTTPConnection(where.host, where.port, timeout=_TIMEOUT_S)
        )
        try:
            line.connect()
        except OSError as error:
            raise UnableToReachProvider(
                _("The push gateway does not answer (%(why)s)."),
                meaning=_("Messages to the app wait."),
                next_step=_("Look at AMENDS_APP_URL and at the gateway."),
                values={"why": type(error).__name__},
            ) from error
        return line

    def _headers(self, message: str, body: bytes) -> dict[str, str]:
        at = str(int(self._clock().timestamp()))
        return {
            "Content-Type": "application/json; charset=utf-8",
            "Webhook-Id": message,
            "Webhook-Timestamp": at,
            "Webhook-Signature": signature(self._settings.secret, message, at, body),
        }


def signature(secret: bytes, message: str, at: str, body: bytes) -> str:
    """`v1,` and the signature, as Standard Webhooks writes it: HMAC-SHA256 of id, time and body."""
    signed = b".".join((message.encode(), at.encode(), body))
    return f"v1,{b64encode(hmac.digest(secret, signed, 'sha256')).decode()}"


def _outcome(status: int, response_text: str) -> DeliveryOutcome:
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return DeliveryOutcome("sent")
    if status in _NOBODY:
        return DeliveryOutcome(
            "not_sent", permanent=True, said="nobody has the app under that number"
        )
    is_temporary = (
        status in _LATER or not HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    )
    return DeliveryOutcome(
        "not_sent", permanent=not is_temporary, said=f"{status} {response_text}".strip()
    )


def open_sender(clock: Callable[[], datetime]) -> AppSender:
    """The sender in force; only asked for where the channel is switched on."""
    push_gateway = gateway()
    if push_gateway is None:
        raise UnableToReachProvider(
            _("No push gateway is named."), next_step=_("Set AMENDS_APP_URL.")
        )
    return AppSender(push_gateway, clock=clock)
