"""What a client says of a complaint, as a submission to the desk, or refused with its reason."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.queries import state_of
from amends.entrances.portals.actions.clients import Client
from amends.entrances.portals.api.shapes import NewComplaint
from amends.platform.kit.errors import BadInput, Refused

_EARLIEST_YEAR = 1990
_CLOCKS_DIFFER_BY = timedelta(minutes=5)


class UnableToTakeTime(BadInput):
    """`received_at` has no time zone, or lies in the future."""

    code = "bad_received_at"


class UnableToTrustIdentity(Refused):
    """The client may not say that it knows the person."""

    code = "identity_not_trusted"


def submission(client: Client, item: NewComplaint, key: str) -> Submission:
    """The complaint as the desk takes it, under `key`, unlike any other; or why it is refused."""
    now = timezone.now()
    received_at = item.received_at or now
    if timezone.is_naive(received_at):
        raise UnableToTakeTime(
            "received_at has no time zone.",
            meaning="Nothing was stored.",
            next_step="Add one, such as +08:00.",
        )
    if received_at.year < _EARLIEST_YEAR:
        raise UnableToTakeTime(
            f"received_at lies before {_EARLIEST_YEAR}.",
            meaning="Nothing was stored.",
            next_step="State when the complaint reached you.",
        )
    if received_at > now + _CLOCKS_DIFFER_BY:
        raise UnableToTakeTime(
            "received_at lies in the future.",
            meaning="Nothing was stored.",
            next_step="Give the time it was received, or leave it out.",
        )
    if item.signed_in and not client.trusted_identity:
        raise UnableToTrustIdentity(
            "This client may not state who a person is.",
            meaning="Nothing was stored.",
            next_step="Leave signed_in out; the person will be asked to show who they are.",
        )
    return Submission(
        channel=item.channel or client.channel,
        key=key,
        text=item.text,
        received_at=received_at,
        name=item.name,
        phone=item.phone,
        email=item.email,
        subscriber=item.subscriber,
        service=item.service,
        thread=quoted_code(client, item.thread),
        language=item.language,
        province=item.province,
        brand=client.brand,
        wanted=item.wanted,
        urgent=item.urgent,
        on_behalf=item.on_behalf,
        identity="operator_login" if item.signed_in else "",
        by=client.name,
    )


def quoted_code(client: Client, code: str) -> str:
    """The code quoted; a client of one brand cannot write into a complaint of another."""
    if not code or not client.brand:
        return code
    return code if state_of(code, brand=client.brand) else ""
