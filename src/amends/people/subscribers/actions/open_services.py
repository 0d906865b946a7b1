"""Record the services that subscribers have, what they change to, and their end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from amends.people.subscribers.models import Service
from amends.platform.database.rows import create
from amends.platform.kit.errors import BadInput
from amends.platform.kit.ids import random_id


class UnableToOpenService(BadInput):
    """The subscriber is unknown, or the reference is taken."""

    code = "service_not_opened"


class UnableToStopService(BadInput):
    """There is no running service of this reference."""

    code = "service_not_stopped"


@dataclass(frozen=True, slots=True)
class NewService:
    """A service to record; `ref` "" for a random one (`svc-…`)."""

    subscriber: str
    kind: str
    started_at: datetime
    offer: str = ""
    offer_version: str = ""
    provider: str = ""
    area: str = ""
    stopped_at: datetime | None = None
    ref: str = ""


def open_services(services: Sequence[NewService]) -> list[str]:
    """Record services, all or none, and return their references in the order given."""
    rows = [
        Service(
            ref=new.ref or random_id("svc"),
            subscriber_id=new.subscriber,
            kind=new.kind,
            offer=new.offer,
            offer_version=new.offer_version,
            provider=new.provider,
            area=new.area,
            started_at=new.started_at,
            stopped_at=new.stopped_at,
        )
        for new in services
    ]
    try:
        with transaction.atomic():
            create(rows)
    except IntegrityError as error:
        raise UnableToOpenService(
            _("A service names an unknown subscriber, or its reference is taken."),
            meaning=_("None of these services was recorded."),
        ) from error
    return [row.ref for row in rows]


def stop_service(ref: str, *, at: datetime) -> None:
    """Record that a running service ended at a moment."""
    if not Service.objects.filter(ref=ref, stopped_at__isnull=True).update(stopped_at=at):
        raise UnableToStopService(_("There is no running service %(ref)s.") % {"ref": ref})


def change_service(ref: str, *, before: str, offer: str, offer_version: str) -> None:
    """Record that a service which runs under the offer `before` goes on under another."""
    running = Service.objects.filter(ref=ref, stopped_at__isnull=True, offer=before)
    if not running.update(offer=offer, offer_version=offer_version):
        raise BadInput(
            _("There is no running service %(ref)s.") % {"ref": ref},
            next_step=_("Look up the services of the subscriber."),
            code="service_not_changed",
        )
