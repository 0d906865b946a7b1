"""Notices of known problems by e-mail: subscribe, confirm, send once, unsubscribe."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext, override
from django.utils.translation import gettext_noop as _

from amends.channels.actions.post import Outgoing, post, post_many
from amends.kit.errors import BadInput
from amends.kit.ids import random_id
from amends.knowledge.models import ProblemSubscription
from amends.vault.indexes import blind_index
from amends.vault.sealing import open_many, seal

TABLE = "knowledge_subscription"
CONFIRM_WITHIN = timedelta(days=2)
"""A subscription that is not confirmed by then is deleted."""


class UnableToSubscribe(BadInput):
    """The code is wrong, or the subscription is not there any more."""

    code = "unable_to_subscribe"


def subscribe(email: str, language: str, *, now: datetime) -> ProblemSubscription:
    """Send a code to an address; nothing else is sent to it before the code is entered."""
    address = email.strip().lower()
    entry = blind_index("knowledge.subscription", address)
    with transaction.atomic():
        row = ProblemSubscription.objects.filter(address_index=entry, area="").first()
        if row is None:
            ref = random_id("sub", length=20)
            row = ProblemSubscription.objects.create(
                ref=ref,
                address=seal(TABLE, "address", ref, address),
                address_index=entry,
                channel="mail",
                language=language,
                asked_at=now,
            )
        with override("zh-hans" if language == "zh" else "en"):
            subject = gettext("Your code for notices of known problems")
            body = gettext("Your code: %(code)s\n\nIf you did not ask for it, do nothing.")
        post(
            now=now,
            key=f"knowledge:subscribe:{row.ref}:{now:%Y%m%d%H}",
            channel="mail",
            recipient=address,
            language=language,
            subject=subject,
            body=body % {"code": _code_of(row.ref)},
            reference=row.ref,
        )
    return row


def confirm(ref: str, code: str, *, now: datetime) -> None:
    """Confirm the address with its code."""
    row = _found(ref)
    if code.strip() != _code_of(ref):
        raise UnableToSubscribe(
            _("This is not the code."),
            meaning=_("Nothing was changed."),
            next_step=_("Copy the code from the newest e-mail."),
        )
    if row.confirmed_at is None:
        row.confirmed_at = now
        row.save(update_fields=["confirmed_at"])


def unsubscribe(ref: str) -> None:
    """Delete the subscription with its address."""
    _found(ref).delete()


def is_confirmed(ref: str) -> bool:
    """Whether the address of a subscription is confirmed; raises for one that is not there."""
    return _found(ref).confirmed_at is not None


def notify(key: str, texts: dict[str, tuple[str, str]], *, now: datetime) -> int:
    """Send a statement to every confirmed address, once for each key; how many addresses.

    texts  language → subject and body
    """
    rows = list(ProblemSubscription.objects.exclude(confirmed_at=None).order_by("ref"))
    addresses = open_many(
        TABLE, "address", [one.ref for one in rows], [one.address for one in rows]
    )
    messages = []
    for row, address in zip(rows, addresses, strict=True):
        subject, body = texts[row.language]
        with override("zh-hans" if row.language == "zh" else "en"):
            end = gettext("To receive no more of these: %(address)s")
        link = f"{settings.BASE_URL}/help/notices/{row.ref}/"
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
    """Delete subscriptions that were not confirmed in time; how many."""
    old = ProblemSubscription.objects.filter(confirmed_at=None, asked_at__lte=now - CONFIRM_WITHIN)
    return old.delete()[0]


def _code_of(ref: str) -> str:
    return f"{int(blind_index('knowledge.code', ref)[:8], 16) % 1_000_000:06d}"


def _found(ref: str) -> ProblemSubscription:
    row = ProblemSubscription.objects.filter(ref=ref).first()
    if row is None:
        raise UnableToSubscribe(
            _("This subscription has ended."),
            meaning=_("Nothing is sent to the address."),
            next_step=_("Subscribe again if you want notices."),
        )
    return row
