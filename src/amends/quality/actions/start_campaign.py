"""Start a campaign of tests, and confirm or stop its reminders."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from amends.channels.actions.post import Outgoing
from amends.channels.actions.send_code import send_code
from amends.channels.queries.capabilities import reached_by
from amends.kit.ids import tracking_code
from amends.quality.models import Campaign
from amends.vault.sealing import open_sealed, seal

_SALT = "amends.quality.reminders"


def start_campaign(
    rule: str, plan: Mapping[str, float], *, language: str, recipient: str, now: datetime
) -> Campaign:
    """A campaign under a rule for a contract.

    recipient  mailbox or number for reminders, "" for none; its owner is asked first, and is sent
               no more than the codes a day allows (`UnableToSendCode`)
    """
    row = Campaign(
        code=tracking_code(), started_at=now, rule=rule, plan=dict(plan), language=language
    )
    if recipient:
        row.channel = reached_by("email" if "@" in recipient else "phone")
        row.recipient = seal(Campaign._meta.db_table, "recipient", row.code, recipient)
    with transaction.atomic():
        row.save()
        if recipient:
            text = _("Confirm that we may remind you of your speed tests: %(url)s") % {
                "url": reminders_address(row)
            }
            send_code(Outgoing(**letter(row, "confirm", text)), now=now)
    return row


def letter(row: Campaign, name: str, text: str) -> dict[str, str]:
    """The fields of a message to the campaign's user, once each name."""
    return {
        "key": f"speed-campaign:{row.code}:{name}",
        "channel": row.channel,
        "recipient": open_sealed(
            Campaign._meta.db_table, "recipient", row.code, bytes(row.recipient)
        ),
        "subject": _("Your speed tests"),
        "body": text,
        "language": "zh" if row.language.startswith("zh") else "en",
        "reference": row.code,
        "when_unknown": "resend",
    }


def campaign_address(row: Campaign) -> str:
    """Where the campaign is followed."""
    return settings.BASE_URL + reverse("speed:campaign", args=[row.code])


def reminders_address(row: Campaign) -> str:
    """Where its owner confirms or stops reminders; only messages to the address bear it."""
    key = signing.Signer(salt=_SALT).signature(row.code)
    return settings.BASE_URL + reverse("speed:reminders", args=[row.code, key])


def is_reminders_key(row: Campaign, key: str) -> bool:
    """Whether the key was sent to the address of reminders."""
    try:
        return bool(signing.Signer(salt=_SALT).unsign(f"{row.code}:{key}"))
    except signing.BadSignature:
        return False


def set_reminders(row: Campaign, *, wanted: bool, now: datetime) -> None:
    """Confirm reminders; or stop them and forget the address."""
    row.confirmed_at = now if wanted else None
    if not wanted:
        row.channel, row.recipient = "", b""
    row.save(update_fields=["confirmed_at", "channel", "recipient"])
