"""Endpoints: add, change the secret of, switch on and off; events: send again, try."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from amends.entrances.webhooks.actions.addresses import receiver_address
from amends.entrances.webhooks.actions.queue import queue_test
from amends.entrances.webhooks.actions.send import DeliveryFailed, checked_addresses, private_hosts
from amends.entrances.webhooks.models import (
    DeliveryState,
    EndpointState,
    Envelope,
    WebhookDelivery,
    WebhookEndpoint,
)
from amends.entrances.webhooks.refusals import (
    UnableToChangeEndpoints,
    UnableToFindEndpoint,
    unknown_endpoint,
    unusable,
)
from amends.entrances.webhooks.rules.event_types import NAMES
from amends.entrances.webhooks.rules.signatures import new_secret
from amends.people.access.queries import may
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.vault.sealing import open_sealed, seal
from amends.record.ledger.queries import newest_number

OVERLAP = timedelta(hours=24)
"""For so long after a rotation both secrets sign."""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_LONGEST_URL = 500
_TABLE = WebhookEndpoint._meta.db_table


@dataclass(frozen=True, slots=True)
class NewSecret:
    """The secret of an endpoint, which is shown this once."""

    endpoint: str
    secret: str


def add_endpoint(
    name: str,
    url: str,
    *,
    event_types: Sequence[str],
    envelope: str = Envelope.STANDARD,
    actor: Actor,
    now: datetime,
) -> NewSecret:
    """Add an endpoint: it gets the events that are recorded from now on."""
    _require_administrator(actor)
    if not _NAME.fullmatch(name):
        raise unusable(
            "name",
            _("The name of an endpoint has 1 to 40 lower-case letters, digits and hyphens."),
            _("Choose a name such as crm-north."),
        )
    if envelope not in Envelope.values:
        raise unusable(
            "envelope",
            _("There is no envelope “%(name)s”."),
            _("Choose from %(known)s."),
            name=envelope,
            known=", ".join(Envelope.values),
        )
    chosen = sorted(set(event_types))
    if unknown := sorted(set(chosen) - set(NAMES)):
        raise unusable(
            "event_types",
            _("There is no type of events “%(name)s”."),
            _("Choose from %(known)s."),
            name=unknown[0],
            known=", ".join(NAMES),
        )
    _check_url(url)
    secret, ref = new_secret(), WebhookEndpoint().id
    with transaction.atomic():
        if WebhookEndpoint.objects.filter(name=name).exists():
            raise unusable(
                "name",
                _("There is an endpoint “%(name)s” already."),
                _("Choose another name."),
                name=name,
            )
        WebhookEndpoint.objects.create(
            id=ref,
            name=name,
            url=url,
            event_types=chosen or list(NAMES),
            envelope=envelope,
            secret=seal(_TABLE, "secret", ref, secret),
            read_number=newest_number(),
            made_by=actor.ref,
            made_at=now,
        )
    return NewSecret(name, secret)


def _check_url(url: str) -> None:
    receiver = receiver_address(url)
    if receiver is None or len(url) > _LONGEST_URL:
        raise unusable(
            "url",
            _("The address is not of the form https://host/path."),
            _("Write it without user, password and fragment, in at most 500 ASCII characters."),
        )
    if not receiver.tls and not receiver.names & private_hosts():
        raise unusable(
            "url",
            _("The address must begin with https://."),
            _("For a trial by http, list the host in AMENDS_WEBHOOK_PRIVATE_HOSTS."),
        )
    try:
        checked_addresses(receiver)
    except DeliveryFailed as failed:
        if failed.code == "private_address":
            raise unusable(
                "url",
                _("The host has an address that is not on the open Internet."),
                _("List a host of your own network in AMENDS_WEBHOOK_PRIVATE_HOSTS."),
            ) from failed
        raise unusable(
            "url", _("The host name has no address."), _("Check how it is written.")
        ) from failed


def rotate_secret(name: str, *, actor: Actor, now: datetime) -> NewSecret:
    """Give an endpoint a new secret; for `OVERLAP` the previous one signs as well."""
    _require_administrator(actor)
    secret = new_secret()
    with transaction.atomic():
        endpoint = _locked(name)
        current = open_sealed(_TABLE, "secret", endpoint.id, endpoint.secret)
        endpoint.previous_secret = seal(_TABLE, "previous_secret", endpoint.id, current)
        endpoint.previous_until = now + OVERLAP
        endpoint.secret = seal(_TABLE, "secret", endpoint.id, secret)
        endpoint.save(update_fields=["secret", "previous_secret", "previous_until"])
    return NewSecret(name, secret)


def switch_endpoint(name: str, *, on: bool, actor: Actor) -> WebhookEndpoint:
    """Switch an endpoint on or off; events recorded meanwhile are delivered once it is on."""
    _require_administrator(actor)
    with transaction.atomic():
        endpoint = _locked(name)
        endpoint.state = EndpointState.ON if on else EndpointState.OFF
        endpoint.failures, endpoint.failing_since, endpoint.retry_at = 0, None, None
        endpoint.save(update_fields=["state", "failures", "failing_since", "retry_at"])
    return endpoint


def send_again(event: str, *, endpoint: str, actor: Actor, now: datetime) -> WebhookDelivery:
    """Deliver an event of an endpoint once more, under the same id."""
    _require_administrator(actor)
    with transaction.atomic():
        _locked(endpoint)
        delivery = WebhookDelivery.objects.filter(endpoint__name=endpoint, event=event).first()
        if delivery is None:
            raise UnableToFindEndpoint(
                _("There is no event %(event)s for this endpoint."),
                next_step=_("Deliveries are listed for 30 days."),
                values={"event": event},
            )
        delivery.state, delivery.attempts, delivery.retry_at = DeliveryState.WAITING, 0, None
        delivery.made_at, delivery.done_at = now, None
        delivery.save(update_fields=["state", "attempts", "retry_at", "made_at", "done_at"])
    return delivery


def send_test(name: str, *, actor: Actor, now: datetime) -> WebhookDelivery:
    """Queue a test event for an endpoint; whether it arrives is shown among the deliveries."""
    _require_administrator(actor)
    with transaction.atomic():
        return queue_test(_locked(name), now=now)


def _locked(name: str) -> WebhookEndpoint:
    endpoint = WebhookEndpoint.objects.select_for_update().filter(name=name).first()
    if endpoint is None:
        raise unknown_endpoint(name)
    return endpoint


def _require_administrator(actor: Actor) -> None:
    if actor.brand or not may(actor.roles, "admin"):
        raise UnableToChangeEndpoints(
            _("Only an administrator of all brands changes webhooks."),
            meaning=_("Nothing was changed."),
            next_step=_("Ask an administrator."),
        )
