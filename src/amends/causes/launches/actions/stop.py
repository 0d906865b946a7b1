"""Stop a live launch: no new orders from now on; who has it keeps it on its terms."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from amends.causes.launches.models import Launch
from amends.causes.launches.queries.authority import (
    SOURCE,
    cause_of,
    demand,
    demand_reason,
    demand_state,
    locked,
)
from amends.channels.actions.post import Outgoing, post_many
from amends.people.access.queries import roles_that_may
from amends.people.access.queries.colleagues import colleagues
from amends.platform.kit.actors import Actor
from amends.platform.kit.formats import is_chinese
from amends.record.catalogue.actions.freeze import freeze
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append


def stop(ref: str, *, reason: str, actor: Actor, now: datetime) -> Launch:
    """Freeze new orders of a launch for a reason."""
    demand(actor, "launches.approve", now)
    reason = demand_reason(reason)
    with transaction.atomic():
        launch = locked(ref, actor)
        demand_state(launch, Launch.State.LIVE)
        freeze(
            "launch",
            launch.offer,
            cause=cause_of(launch),
            reason=reason[:200],
            by=actor.ref,
            now=now,
        )
        launch.state, launch.stopped_at = Launch.State.STOPPED, now
        launch.stopped_by, launch.stop_reason = actor.ref, reason
        launch.save(update_fields=["state", "stopped_at", "stopped_by", "stop_reason"])
        payload = {"launch": launch.id, "offer": launch.offer, "reason": reason[:200]}
        append(
            [
                Fact(
                    kind="LaunchStopped",
                    subscriber="",
                    subject=launch.offer,
                    happened_at=now,
                    source=SOURCE,
                    payload=payload,
                )
            ],
            now=now,
        )
        _tell(launch, now)
    return launch


def _tell(launch: Launch, now: datetime) -> None:
    """One mail to each colleague who may approve launches, the owner among them."""
    letters = []
    for person in colleagues(roles_that_may("launches.approve", at=now), brand=launch.brand):
        if not person.email:
            continue
        chinese = is_chinese(person.language or "zh")
        with translation.override("zh-hans" if chinese else "en"):
            subject = _("Launch stopped: %(name)s") % {"name": launch.name}
            body = _(
                "New orders of %(name)s are refused from now on: %(reason)s. Who has the offer "
                "keeps it on its terms. What was measured stands on the page of the launch."
            ) % {"name": launch.name, "reason": launch.stop_reason}
        letters.append(
            Outgoing(
                key=f"launch:{launch.id}:stopped:{person.ref}",
                channel="mail",
                recipient=person.email,
                subject=subject,
                body=body,
                language="zh" if chinese else "en",
                reference=launch.id,
            )
        )
    post_many(letters, now=now)
