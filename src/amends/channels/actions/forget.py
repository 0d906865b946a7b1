"""Forget what somebody wrote to us and what we wrote to them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Q

from amends.channels.actions.cancel import cancel
from amends.channels.models import (
    Attachment,
    InboundMessage,
    OutboxMessage,
    SmsSegment,
    SocialAnswer,
    SocialPost,
    SocialPostVersion,
)
from amends.channels.queries.contacts import of_addresses
from amends.platform.kit.periods import Period
from amends.platform.registry import Erasure
from amends.platform.vault import stored_files


def erase(erasure: Erasure) -> int:
    """Empty the messages from and to a person, and those about their complaints; how many."""
    return forget(
        addresses=erasure.addresses,
        references=erasure.complaints,
        became=erasure.causes,
        now=erasure.now,
    )


def forget(
    *,
    addresses: Iterable[tuple[str, Period]] = (),
    message_ids: Iterable[str] = (),
    references: Iterable[str] = (),
    became: Iterable[str] = (),
    now: datetime,
) -> int:
    """Empty the sealed fields, indexes and files of messages; how many messages were emptied.

    addresses    mailboxes and telephone numbers, each with a time while it was that person's: all
                 messages from and to them of that time
    message_ids  further messages received, e.g. those of a complaint whose retention has ended
    references   what messages were posted for, e.g. complaints
    became       what messages received became part of, e.g. "complaint:<id>"

    That a message was there, when, and what became of it, stays: other records refer to it. Whether
    it may be forgotten (legal hold, retention, an open complaint) is for the caller to know.
    Messages of these that have not left are cancelled.
    """
    address_list = list(addresses)
    received = InboundMessage.objects.filter(
        of_addresses(address_list, index="sender_index", moment="received_at")
        | Q(pk__in=list(message_ids))
        | Q(became__in=list(became))
    )
    posted = OutboxMessage.objects.filter(
        of_addresses(address_list, index="recipient_index", moment="posted_at")
        | Q(reference__in=list(references))
        | Q(social_answer__post__message__in=received)
    )
    parts = of_addresses(address_list, index="sender_index", moment="received_at")
    with transaction.atomic():
        for waiting in list(posted.values_list("pk", flat=True)):
            cancel(waiting, because="the recipient is forgotten", now=now)
        files = Attachment.objects.filter(message__in=list(received.values_list("pk", flat=True)))
        paths = [path for path in files.values_list("path", flat=True) if path]
        files.update(name_sealed=b"", key_sealed=b"", path="", refused="forgotten")
        # Parts of text messages; a message that never became whole goes with them.
        SmsSegment.objects.filter(parts | Q(became__in=received)).delete()
        social = SocialPost.objects.filter(message__in=list(received.values_list("pk", flat=True)))
        SocialPostVersion.objects.filter(post__in=social).update(text_sealed=b"", sha256="")
        SocialAnswer.objects.filter(post__in=social).update(text_sealed=b"", invitation="")
        social.update(text="", author="", thread="")
        emptied = received.update(
            sender_sealed=b"",
            sender_index="",
            name_sealed=b"",
            text_sealed=b"",
            origin_sealed=b"",
            subject="",
            thread="",
        )
        emptied += posted.update(
            recipient_sealed=b"", recipient_index="", subject_sealed=b"", body_sealed=b""
        )
        # The bytes go once the keys are surely gone; without its key a file says nothing anyway.
        transaction.on_commit(partial(stored_files.remove_all, paths))
    return emptied
