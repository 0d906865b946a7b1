"""A word from the telephone on record gives a consent or takes it back."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from amends.causes.privacy.actions.record_consent import give_consent, withdraw_consent
from amends.causes.privacy.rules.consent import GIVEN, purposes, read_message
from amends.channels.actions.post import Outgoing, post_many
from amends.channels.queries.capabilities import proves_number
from amends.people.subscribers.queries import identify
from amends.platform.kit.formats import is_chinese

if TYPE_CHECKING:
    from amends.channels.queries.received import Waiting

CAMPAIGN = "consent:"
"""What the reference of a campaign's message begins with; its purpose follows."""


def consent_by_message(message: Waiting, now: datetime) -> str:
    """What the words did, such as `consent:marketing`; "" where they speak of no consent."""
    if not proves_number(message.channel):
        return ""
    purposes_by_id = purposes(timezone.localdate(now))
    campaign = message.reference.removeprefix(CAMPAIGN) if message.sender_known else ""
    kind, purpose = read_message(
        message.text,
        purposes_by_id.values(),
        campaign=campaign if campaign in purposes_by_id else "",
    )
    person = identify(phone=message.sender) if kind else None
    if person is None:
        return ""
    record = give_consent if kind == GIVEN else withdraw_consent
    record(person.pseudonym, purpose, by=person.pseudonym, channel=message.channel, now=now)
    chinese = is_chinese(person.language)
    with override("zh-hans" if chinese else "en"):
        template = (
            _("Agreed: %(purpose)s. To take it back, reply %(word)s.")
            if kind == GIVEN
            else _("Taken back, in force now: %(purpose)s. To agree again, reply %(word)s.")
        )
        verb = ("退订" if chinese else "STOP") if kind == GIVEN else "同意" if chinese else "START"
        named = purposes_by_id[purpose].words[0 if chinese else -1]
        body = template % {
            "purpose": purposes_by_id[purpose].zh if chinese else purposes_by_id[purpose].en,
            "word": f"{verb} {named}",
        }
    answer = Outgoing(
        key=f"consent-said:{message.id}",
        channel=message.channel,
        recipient=message.sender,
        body=body,
        language="zh" if chinese else "en",
        reference=f"consent-said:{purpose}",
        subscriber=person.pseudonym,
    )
    post_many([answer], now=now)
    return f"{CAMPAIGN}{purpose}"
