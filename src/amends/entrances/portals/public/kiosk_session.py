"""The kiosk's device and the person at it: a session of 30 seconds without a touch.

The device is an API client with the scope `kiosk:use`, with its signed id in a cookie. The
user is in the session, which ends on the server whatever the browser does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from amends.entrances.portals.actions.clients import Client, client_by_id, client_of_token
from amends.entrances.portals.public.pages import personal
from amends.entrances.selfservice.queries import IdentifiedUser, identified_by
from amends.platform.kit.periods import from_ms, to_ms

SCOPE = "kiosk:use"
CHANNEL = "kiosk"
PATH = "/kiosk/"
IDLE_S = 30
WARNING_S = 20
"""The last 20 of the 30 seconds are counted down: typed text is not lost unwarned."""
COOKIE = f"{settings.COOKIE_PREFIX}amends_kiosk"
_SALT = "amends.entrances.portals.kiosk"
_YEARS_S = 2 * 365 * 24 * 3600
_SEEN, _PRESENCE, _ASKED, _MASKED, _RECEIPT = (
    "kiosk_seen",
    "kiosk_presence",
    "kiosk_asked",
    "kiosk_masked",
    "kiosk_receipt",
)
View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class AtKiosk:
    """A request at a kiosk; `user` None before the code is answered."""

    device: Client
    user: IdentifiedUser | None
    now: datetime


def device_of(request: HttpRequest) -> Client | None:
    """The kiosk this browser runs on, None for any other browser or a revoked device."""
    try:
        ref = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_YEARS_S)
    except signing.BadSignature:
        return None
    client = client_by_id(int(ref))
    return client if client is not None and SCOPE in client.scopes else None


def register_device(response: HttpResponse, token: str) -> bool:
    """Make this browser the kiosk of an API client; False for a token without the scope."""
    client = client_of_token(token.strip())
    if client is None or SCOPE not in client.scopes:
        return False
    response.set_cookie(
        COOKIE,
        signing.dumps(client.id, salt=_SALT),
        max_age=_YEARS_S,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return True


def at_kiosk(*, identified: bool = False) -> Callable[[View], View]:
    """A page of the kiosk; `identified`: only for a user who has answered the code.

    A session untouched for `IDLE_S` is emptied before the page is made, and the page of the next
    person is the first one.
    """

    def guard(view: View) -> View:
        @personal
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            device, now = device_of(request), timezone.now()
            if device is None:
                return redirect("public:kiosk_device")
            if _is_idle(request, now):
                end(request)
                return redirect("public:kiosk")
            request.session[_SEEN] = to_ms(now)
            presence = str(request.session.get(_PRESENCE, ""))
            user = identified_by(presence, channel=CHANNEL, now=now, brand=device.brand)
            if identified and user is None:
                return redirect("public:kiosk_number")
            response = view(request, AtKiosk(device, user, now), *args, **kwargs)
            response.headers["Cache-Control"] = "no-store, private, max-age=0"
            response.headers["Referrer-Policy"] = "same-origin"
            return response

        return guarded

    return guard


def _is_idle(request: HttpRequest, now: datetime) -> bool:
    seen = request.session.get(_SEEN)
    return seen is not None and from_ms(int(seen)) <= now - timedelta(seconds=IDLE_S)


def end(request: HttpRequest) -> None:
    """Empty the session: nothing of this person is left, neither here nor in the browser."""
    request.session.flush()


def ask(request: HttpRequest, presence: str, *, masked: str) -> None:
    """Remember which question was sent, and the masked number for receipts."""
    request.session[_ASKED], request.session[_MASKED] = presence, masked


def masked_number(request: HttpRequest) -> str:
    """The number that was typed, masked, as receipts show it."""
    return str(request.session.get(_MASKED, ""))


def asked(request: HttpRequest) -> str:
    """The question that was sent, "" for none."""
    return str(request.session.get(_ASKED, ""))


def show(request: HttpRequest) -> None:
    """The code was answered: the session gets a new name."""
    presence = asked(request)
    request.session.cycle_key()
    request.session.pop(_ASKED, None)
    request.session[_PRESENCE] = presence


def put_receipt(request: HttpRequest, **receipt: str | int) -> None:
    """Remember the receipt until the session ends."""
    request.session[_RECEIPT] = receipt


def receipt_of(request: HttpRequest) -> dict[str, Any]:
    """The fields of the receipt, empty for none."""
    return dict(request.session.get(_RECEIPT, {}))
