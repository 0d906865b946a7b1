"""Notices of known problems by email: subscribe, confirm, send once, unsubscribe."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext, override
from django.utils.translation import gettext_noop as _

from amends.channels.actions.post import Outgoing, post_many
from amends.channels.actions.send_on_request import UnableToSendOnRequest, send_on_request
from amends.people.operator.queries import public_address
from amends.platform.kit.errors import BadInput
from amends.platform.kit.ids import random_id
from amends.platform.vault.indexes import blind_index
from amends.platform.vault.sealing import open_many, seal
from amends.work.knowledge.models import ProblemSubscription, SubscriptionRequest

TABLE = "knowledge_subscription"
CONFIRM_WITHIN = timedelta(days=2)
"""A subscription that is not confirmed by then is deleted."""
_MAILS_AN_HOUR = 3
_MOST_ATTEMPTS = 5


class UnableToSubscribe(BadInput):
    """The code is wrong, or the subscription is not there any more."""

    code = "unable_to_subscribe"


def subscribe(email: str, language: str, *, source: str = "", now: datetime) -> SubscriptionRequest:
    """Send a code to an address; nothing else is sent to it before the code is entered.

    Each request has a reference and a code of its own, whether the address is subscribed or not,
    so the page tells nobody which. An address gets at most three such mails an hour.

    source  blind index of the network address it is asked from
    """
    address = email.strip().lower()
    entry = blind_index("knowledge.subscription", address)
    with transaction.atomic():
        ref = random_id("sub", length=20)
        row, _created = ProblemSubscription.objects.get_or_create(
            address_index=entry,
            area="",
            defaults={
                "ref": ref,
                "address": seal(TABLE, "address", ref, address),
                "channel": "mail",
                "language": language,
                "asked_at": now,
            },
        )
        sent = row.requests.filter(asked_at__gt=now - timedelta(hours=1)).count()
        request = SubscriptionRequest.objects.create(
            ref=random_id("ask", length=20), subscription=row, asked_at=now
        )
        if sent < _MAILS_AN_HOUR:
            _post_code(request, address, language, source, now)
    return request


def _post_code(
    request: SubscriptionRequest, address: str, language: str, source: str, now: datetime
) -> None:
    with override("zh-hans" if language == "zh" else "en"):
        subject = gettext("Your code for notices of known problems")
        body = gettext(
            "Your code: %(code)s\n\nIf you did not ask for it, do nothing.\n"
            "To receive none of these notices: %(address)s"
        )
    letter = Outgoing(
        key=f"knowledge:subscribe:{request.ref}",
        channel="mail",
        recipient=address,
        language=language,
        subject=subject,
        body=body % {"code": _code_of(request.ref), "address": _end_link(request.subscription_id)},
        reference=request.ref,
    )
    # Over a limit the page is the same, so that it reveals nothing about the address.
    with suppress(UnableToSendOnRequest):
        send_on_request(letter, source=source, now=now)


def confirm(ref: str, code: str, *, now: datetime) -> None:
    """Confirm the address of a request with its code; after five wrong ones it is over."""
    request = _found(ref)
    is_right = request.attempts < _MOST_ATTEMPTS and code.strip() == _code_of(ref)
    if not is_right:
        SubscriptionRequest.objects.filter(pk=ref).update(attempts=F("attempts") + 1)
        raise UnableToSubscribe(
            _("This is not the code, or it was wrong too often."),
            meaning=_("Nothing was changed."),
            next_step=_("Copy the code from the newest email, or enter your address again."),
        )
    with transaction.atomic():
        SubscriptionRequest.objects.filter(pk=ref, confirmed_at=None).update(confirmed_at=now)
        rows = ProblemSubscription.objects.filter(pk=request.subscription_id, confirmed_at=None)
        rows.update(confirmed_at=now)


def is_confirmed(ref: str) -> bool:
    """Whether the code of this request was entered; raises for one that is not on record."""
    return _found(ref).confirmed_at is not None


def check_end_link(ref: str, token: str) -> None:
    """Raise `UnableToSubscribe` for a link that was not mailed, or whose subscription has ended."""
    is_subscribed = ProblemSubscription.objects.filter(ref=ref).exists()
    if not is_subscribed or not constant_time_compare(token, _end_token(ref)):
        raise _ended()


def unsubscribe(ref: str, token: str) -> None:
    """Delete the subscription with its address, by the link that is mailed to the address alone."""
    check_end_link(ref, token)
    ProblemSubscription.objects.filter(ref=ref).delete()


def notify(key: str, texts: dict[str, tuple[str, str]], *, now: datetime) -> int:
    """Send a statement to every confirmed address, once for each key; how many addresses.

    texts  language → subject and body
    """
    rows = list(ProblemSubscription.objects.exclude(confirmed_at=None).order_by("ref"))
    addresses = open_many(
        TABLE, "address", [row.ref for row in rows], [row.address for row in rows]
    )
    messages = []
    for row, address in zip(rows, addresses, strict=True):
        subject, body = texts[row.language]
        with override("zh-hans" if row.language == "zh" else "en"):
            end = gettext("To receive no more of these: %(address)s")
        link = _end_link(row.ref)
        messages.append(
            Outgoing(
                key=f"knowledge:problem:{key}:{row.ref}",
                channel="mail",
                recipient=address,
                language=row.language,
                subject=subject,
                body=f"{body}\n\n{end % {'address': link}}",
                reference=row.ref,
            )
        )
    with transaction.atomic():
        post_many(messages, now=now)
    return len(messages)


def forget_unconfirmed(*, now: datetime) -> int:
    """Delete subscriptions that were not confirmed in time, and old requests; how many of both."""
    before = now - CONFIRM_WITHIN
    requests = SubscriptionRequest.objects.filter(asked_at__lte=before).delete()[0]
    old = ProblemSubscription.objects.filter(confirmed_at=None, asked_at__lte=before)
    # Asked for again since then: that request still has its time.
    return requests + old.filter(requests=None).delete()[0]


def _code_of(ref: str) -> str:
    return f"{int(blind_index('knowledge.code', ref)[:8], 16) % 1_000_000:06d}"


def _end_token(ref: str) -> str:
    return blind_index("knowledge.end", ref)[:40]


def _end_link(ref: str) -> str:
    return f"{public_address()}/help/notices/end/{ref}/{_end_token(ref)}/"


def _found(ref: str) -> SubscriptionRequest:
    request = SubscriptionRequest.objects.filter(ref=ref).first()
    if request is None:
        raise UnableToSubscribe(
            _("This page is not valid any more."),
            meaning=_("Nothing was changed."),
            next_step=_(
                "Enter your address again. The email has a code, and a link that ends the notices."
            ),
        )
    return request


def _ended() -> UnableToSubscribe:
    return UnableToSubscribe(
        _("This subscription has ended, or the link is not complete."),
        meaning=_("Nothing was changed."),
        next_step=_("Use the link of the newest email."),
    )
