"""A keyword by text message: the business, and the answer to the number it came from."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import override

from amends.channels.actions.post import post
from amends.channels.queries.capabilities import proves_number
from amends.entrances.selfservice.actions.answer_text import answer_text
from amends.entrances.selfservice.queries import IdentifiedUser
from amends.entrances.selfservice.rules.keywords import read_keyword
from amends.people.subscribers.queries import identify
from amends.platform.kit.formats import is_chinese

if TYPE_CHECKING:
    from amends.channels.queries.received import Waiting


def answer_message(message: Waiting, now: datetime) -> str:
    """Result of the message, such as `selfservice:usage`; "" for one without a keyword.

    Stops are those of `confirmations`, which numbers the services; codes are answered before.
    """
    keyword = read_keyword(message.text) if proves_number(message.channel) else None
    if keyword is None or keyword.business == "stop":
        return ""
    person = identify(phone=message.sender)
    if person is None:
        return ""
    chinese = is_chinese(person.language)
    user = IdentifiedUser(person.pseudonym, message.channel)
    with override("zh-hans" if chinese else "en"):
        reply = answer_text(user, message.text, key=message.id, now=now)
    post(
        key=f"selfservice:{message.id}",
        channel=message.channel,
        recipient=message.sender,
        body=reply,
        language="zh" if chinese else "en",
        reference=f"selfservice:{keyword.business}",
        now=now,
    )
    return f"selfservice:{keyword.business}"
