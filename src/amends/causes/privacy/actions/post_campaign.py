"""Post the messages of a campaign: only to those who agreed, asked again before each is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from amends.causes.privacy.actions.authority import check
from amends.causes.privacy.actions.consent_by_message import CAMPAIGN
from amends.causes.privacy.queries.consents import consenting
from amends.causes.privacy.rules.consent import purposes
from amends.channels.actions.post import Outgoing, post_many
from amends.channels.queries.capabilities import reached_by
from amends.people.access.actions.reach import reach_many
from amends.people.subscribers.queries import subscribers
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.errors import BadInput
from amends.platform.kit.formats import is_chinese

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class CampaignPosted:
    """How many were named, had agreed, and got a message; the others have no number on record."""

    named: int
    agreed: int
    posted: int


def post_campaign(
    campaign: str,
    purpose: str,
    people: Sequence[str],
    texts: tuple[str, str],
    *,
    actor: Actor,
    now: datetime,
) -> CampaignPosted:
    """Post a text to those among `people` who agreed to its purpose; twice sends once.

    campaign  a short name, the key of its messages; texts  in Chinese and in English
    """
    check(actor, "privacy.campaign")
    purpose_view = purposes(timezone.localdate(now)).get(purpose)
    if purpose_view is None or not campaign or not all(text.strip() for text in texts):
        raise BadInput(
            _("A campaign needs a name, a purpose and a text in both languages."),
            meaning=_("Nothing was sent."),
            next_step=_("See docs/privacy.md for the purposes."),
            code="unable_to_post_campaign",
        )
    named = list(dict.fromkeys(people))
    agreed, posted = 0, 0
    for start in range(0, len(named), _AT_ONCE):
        consenting_people = consenting(named[start : start + _AT_ONCE], purpose)
        agreed += len(consenting_people)
        contacts = reach_many(
            system("privacy"),
            dict.fromkeys(sorted(consenting_people), CAMPAIGN + purpose),
            reason=_("a message you agreed to"),
            now=now,
        )
        subscribers_by_pseudonym = subscribers(contacts)
        messages = [
            _message(
                campaign,
                purpose,
                pseudonym,
                contact.phone,
                texts,
                subscribers_by_pseudonym[pseudonym].language,
            )
            for pseudonym, contact in contacts.items()
            if contact.phone
        ]
        with transaction.atomic():
            posted += len(post_many(messages, now=now))
    return CampaignPosted(len(named), agreed, posted)


def _message(
    campaign: str, purpose: str, person: str, phone: str, texts: tuple[str, str], language: str
) -> Outgoing:
    chinese = is_chinese(language)
    refusal = "拒收请回复R" if chinese else "Reply STOP to refuse."
    return Outgoing(
        key=f"campaign:{campaign}:{person}",
        channel=reached_by("phone"),
        recipient=phone,
        body=f"{texts[0 if chinese else 1].strip()} {refusal}",
        language="zh" if chinese else "en",
        reference=CAMPAIGN + purpose,
        subscriber=person,
        purpose=purpose,
    )
