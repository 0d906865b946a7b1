"""Send a test message to oneself: does mail reach a person?"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from amends.channels.actions.post import post
from amends.channels.models import OutboxMessage
from amends.channels.senders import sends
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.platform.kit.formats import is_chinese
from amends.platform.kit.ids import time_ordered_id


class UnableToSendTestMessage(Refused):
    """Mail is not switched on, or the person has no email address."""

    code = "test_message_not_sent"


def send_test_message(*, email: str, actor: Actor, now: datetime) -> OutboxMessage:
    """Post a mail to the actor's own address; it is sent within seconds."""
    if not email:
        raise UnableToSendTestMessage(
            _("Your account has no email address."),
            meaning=_("Nothing was sent."),
            next_step=_("Enter one under Settings, Staff accounts."),
        )
    if not sends("mail"):
        raise UnableToSendTestMessage(
            _("Email is not switched on."),
            meaning=_("Nothing was sent."),
            next_step=_("Set the mail server first; this page shows how."),
        )
    with transaction.atomic():
        return post(
            now=now,
            key=f"{test_key(actor)}{time_ordered_id()}",
            channel="mail",
            recipient=email,
            subject=gettext("Test message of Amends"),
            body=gettext("You requested this message. Amends can send email to you."),
            language="zh" if is_chinese(get_language() or "") else "en",
        )


def test_key(actor: Actor) -> str:
    """The beginning of the keys of a person's test messages."""
    return f"test-message:{actor.ref}:"


def newest_test_message(actor: Actor) -> OutboxMessage | None:
    """The last test message of a person."""
    rows = OutboxMessage.objects.filter(key__startswith=test_key(actor))
    return rows.order_by("-posted_at", "-id").first()
