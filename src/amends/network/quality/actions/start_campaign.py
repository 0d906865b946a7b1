"""Start a campaign of tests, and confirm or stop its reminders."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from amends.channels.actions.post import Outgoing
from amends.channels.actions.send_code import UnableToSendCode, send_code
from amends.channels.queries.capabilities import reached_by
from amends.network.quality.models import Campaign
from amends.people.operator.queries import public_address
from amends.platform.kit.ids import tracking_code
from amends.platform.vault.sealing import open_sealed, seal

_SALT = "amends.network.quality.reminders"
_OWN_SALT = "amends.network.quality.own-series"


def start_campaign(
    rule: str,
    plan: Mapping[str, float],
    *,
    language: str,
    recipient: str,
    source: str = "",
    now: datetime,
) -> Campaign:
    """A campaign under a rule for a contract.

    recipient  mailbox or number for reminders, "" for none. Its owner is asked first, by the job
               `questions about reminders` and no more often than codes are sent to one address:
               neither the answer nor its time says how often that was
    source     blind index of the network address it is begun from
    """
    row = Campaign(
        code=tracking_code(),
        started_at=now,
        rule=rule,
        plan=dict(plan),
        language=language,
        source=source,
    )
    if recipient:
        row.channel = reached_by("email" if "@" in recipient else "phone")
        row.recipient = seal(Campaign._meta.db_table, "recipient", row.code, recipient)
        row.ask_reminders = True
    row.save()
    return row


def ask_about_reminders(*, now: datetime, limit: int = 200) -> int:
    """Ask the owners of new addresses whether they want reminders; how many were asked.

    An address that was sent as many codes as a day allows is not asked, and is forgotten.
    """
    asked_count = 0
    for code in Campaign.objects.filter(ask_reminders=True).values_list("code", flat=True)[:limit]:
        with transaction.atomic():
            rows = Campaign.objects.select_for_update(skip_locked=True)
            row = rows.filter(code=code, ask_reminders=True).first()
            if row is None:
                continue
            asked_count += _ask(row, now)
            row.ask_reminders = False
            row.save(update_fields=["ask_reminders"])
    return asked_count


def _ask(row: Campaign, now: datetime) -> bool:
    with translation.override(row.language):
        text = _("Confirm that we may remind you of your speed tests: %(url)s") % {
            "url": reminders_address(row)
        }
        message = Outgoing(**letter(row, "confirm", text))
    try:
        with transaction.atomic():
            send_code(message, source=row.source, on_record=False, now=now)
    except UnableToSendCode:
        set_reminders(row, wanted=False, now=now)
        return False
    return True


def own_address(row: Campaign) -> str:
    """Where another browser of the same person takes the series over."""
    key = signing.Signer(salt=_OWN_SALT).signature(row.code)
    return public_address() + reverse("speed:own_campaign", args=[row.code, key])


def is_own_key(row: Campaign, key: str) -> bool:
    """Whether the key came from the series' own page."""
    return _is_signature(row.code, key, salt=_OWN_SALT)


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
    return public_address() + reverse("speed:campaign", args=[row.code])


def reminders_address(row: Campaign) -> str:
    """Where its owner confirms or stops reminders; only messages to the address bear it."""
    key = signing.Signer(salt=_SALT).signature(row.code)
    return public_address() + reverse("speed:reminders", args=[row.code, key])


def is_reminders_key(row: Campaign, key: str) -> bool:
    """Whether the key was sent to the address of reminders."""
    return _is_signature(row.code, key, salt=_SALT)


def _is_signature(code: str, key: str, *, salt: str) -> bool:
    try:
        return bool(signing.Signer(salt=salt).unsign(f"{code}:{key}"))
    except signing.BadSignature:
        return False


def set_reminders(row: Campaign, *, wanted: bool, now: datetime) -> None:
    """Confirm reminders; or stop them and forget the address."""
    row.confirmed_at = now if wanted else None
    if not wanted:
        row.channel, row.recipient = "", b""
    row.save(update_fields=["confirmed_at", "channel", "recipient"])
