"""Assess a launch and keep it: until it is approved and live, its offer is not sold."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from amends.causes.launches.models import Launch, LaunchAssessment, StopLoss
from amends.causes.launches.queries.authority import SOURCE, cause_of, demand, demand_state
from amends.causes.launches.queries.gates import gates_of
from amends.causes.launches.rules import assess as rules
from amends.causes.launches.rules.case import Case
from amends.people.subscribers.queries import is_offer
from amends.people.subscribers.queries.counts import services_by
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.platform.kit.ids import random_id
from amends.platform.kit.time_limits import time_limit
from amends.platform.kit.translatable import Translatable
from amends.record.catalogue.actions.freeze import freeze
from amends.record.catalogue.queries import offer
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append

State = Launch.State
DRAWS = 10_000
SEED = 1
WITHIN_S = 60
"""How long one calculation may take."""


class UnableToAssess(BadInput):
    """The case names no offer, or one that was stopped."""

    code = "launch_not_assessed"


def request_assessment(case: Case, *, actor: Actor, now: datetime) -> LaunchAssessment:
    """Have a case calculated by the job, and answer at once; refused where it could not be kept."""
    demand(actor, "launches.propose", now)
    head = case["case"][0]
    _demand_sellable(head["offer"], actor, now)
    return LaunchAssessment.objects.create(
        id=random_id("lna", length=12),
        brand=actor.brand,
        title=head["launch"],
        case=case,
        by=actor.ref,
        asked_at=now,
    )


def assess(
    case: Case, *, actor: Actor, now: datetime, draws: int = DRAWS, seed: int = SEED
) -> Launch:
    """Assess a case; one about the same offer that is not live yet is assessed anew.

    A new assessment needs new approvals. Raises BadInput where it takes too long.
    """
    demand(actor, "launches.propose", now)
    head = case["case"][0]
    existing_launch = _demand_sellable(head["offer"], actor, now)
    brand = existing_launch.brand if existing_launch else actor.brand
    limits, gates = rules.limits_on(timezone.localdate(now)), gates_of(head["offer"], brand)
    with time_limit(WITHIN_S):
        document = rules.assess(case, limits=limits, gates=gates, draws=draws, seed=seed)
    with transaction.atomic():
        launch = Launch.objects.select_for_update().filter(offer=head["offer"]).first()
        if launch is not None and launch.brand != brand:
            raise UnableToAssess(_("Somebody else launched the offer at the same moment."))
        launch = launch or Launch(id=random_id("lnc", length=12), offer=head["offer"], brand=brand)
        demand_state(launch, State.ASSESSED, State.APPROVED)
        launch.name, launch.case, launch.owner = head["launch"], case, actor.ref
        launch.document, launch.verdict = _in_json(document), document["verdict"]
        launch.inputs_sha256 = document["inputs_sha256"]
        launch.state, launch.assessed_at, launch.approved_at = State.ASSESSED, now, None
        launch.save()
        launch.approvals.all().delete()
        launch.limits.all().delete()
        StopLoss.objects.bulk_create(
            StopLoss(launch=launch, trigger=row["trigger"], limit=row["limit"])
            for row in case["stop_loss"]
        )
        reason = gettext("The launch is not approved yet.")
        freeze("launch", launch.offer, cause=cause_of(launch), reason=reason, by=actor.ref, now=now)
        payload = {"launch": launch.id, "offer": launch.offer, "verdict": launch.verdict}
        append(
            [
                Fact(
                    kind="LaunchAssessed",
                    subscriber="",
                    subject=launch.offer,
                    happened_at=now,
                    source=SOURCE,
                    payload=payload,
                )
            ],
            now=now,
        )
    return launch


def _demand_sellable(ref: str, actor: Actor, now: datetime) -> Launch | None:
    """The launch the offer has already; refused for an offer of another brand, or a stopped one."""
    if not ref:
        raise UnableToAssess(
            _("The case names no offer."),
            meaning=_("Nothing was stored, and nothing is lost."),
            next_step=_("Write its reference in sheet case, column offer."),
        )
    existing_launch = Launch.objects.filter(offer=ref).first()
    if actor.brand and not _is_of_brand(ref, existing_launch, actor.brand, now):
        raise UnableToAssess(
            _("The offer %(offer)s is not of your brand."),
            meaning=_("Nothing was stored, and nothing is lost."),
            next_step=_("Name an offer of your brand, or ask somebody of the whole operator."),
            values={"offer": ref},
        )
    if (existing_launch is not None and existing_launch.state == State.STOPPED) or (
        is_offer(ref) and offer(ref, now) is None
    ):
        raise UnableToAssess(
            _("The offer %(offer)s was stopped."),
            meaning=_("Nothing was stored, and nothing is lost."),
            next_step=_("Launch its successor as an offer of its own."),
            values={"offer": ref},
        )
    return existing_launch


def _is_of_brand(ref: str, launch: Launch | None, brand: str, now: datetime) -> bool:
    """Whether an offer is of no other brand: neither its launch, nor anybody who has it."""
    users = services_by("offer", at=now).get(ref, 0)
    own = services_by("offer", at=now, brand=brand).get(ref, 0) if users else 0
    return users == own and (launch is None or launch.brand == brand)


def _in_json(value: Any) -> Any:
    """The document with sentences as [words, values], so that a page can translate them."""
    if isinstance(value, Translatable):
        return {"words": value.words, "values": _in_json(value.values)}
    if isinstance(value, dict):
        return {name: _in_json(member) for name, member in value.items()}
    return [_in_json(member) for member in value] if isinstance(value, list) else value
