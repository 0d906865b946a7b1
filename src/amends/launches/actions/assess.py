"""Assess a launch and keep it: until it is approved and live, its offer is not sold."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from amends.access.actors import Actor
from amends.catalogue.actions.freeze import freeze
from amends.catalogue.queries import offer
from amends.facts.fact import Fact
from amends.kit.errors import BadInput
from amends.kit.ids import random_id
from amends.kit.translatable import Translatable
from amends.launches.authority import SOURCE, cause_of, demand, demand_state
from amends.launches.gates import gates_of
from amends.launches.models import Launch, StopLoss
from amends.launches.rules import assess as rules
from amends.launches.rules.case import Case
from amends.ledger.actions.append import append
from amends.subscribers.queries import is_offer

State = Launch.State
DRAWS = 10_000
SEED = 1


class UnableToAssess(BadInput):
    """The case names no offer, or one that was stopped."""

    code = "launch_not_assessed"


def assess(
    case: Case, *, actor: Actor, now: datetime, draws: int = DRAWS, seed: int = SEED
) -> Launch:
    """Assess a case; one about the same offer that is not live yet is assessed anew.

    A new assessment needs new approvals.
    """
    demand(actor, "launches.propose", now)
    head = case["case"][0]
    _demand_sellable(head["offer"], now)
    document = rules.assess(
        case, limits=rules.limits_on(timezone.localdate(now)), gates=gates_of(head["offer"]),
        draws=draws, seed=seed,
    )  # fmt: skip
    with transaction.atomic():
        launch = Launch.objects.select_for_update().filter(offer=head["offer"]).first()
        launch = launch or Launch(id=random_id("lnc", length=12), offer=head["offer"])
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
        freeze("launch", launch.offer, cause=cause_of(launch),
               reason=_("The launch is not approved yet."), by=actor.ref, now=now)  # fmt: skip
        payload = {"launch": launch.id, "offer": launch.offer, "verdict": launch.verdict}
        append([Fact("LaunchAssessed", "", launch.offer, now, SOURCE, payload)], now=now)
    return launch


def _demand_sellable(ref: str, now: datetime) -> None:
    if not ref:
        raise UnableToAssess(
            _("The case names no offer."),
            meaning=_("Nothing was stored, and nothing is lost."),
            next_step=_("Write its reference in sheet case, column offer."),
        )
    stopped = Launch.objects.filter(offer=ref, state=State.STOPPED).exists()
    if stopped or (is_offer(ref) and offer(ref, now) is None):
        raise UnableToAssess(
            _("The offer %(offer)s was stopped.") % {"offer": ref},
            meaning=_("Nothing was stored, and nothing is lost."),
            next_step=_("Launch its successor as an offer of its own."),
        )


def _in_json(value: Any) -> Any:
    """The document with sentences as [words, values], so that a page can translate them."""
    if isinstance(value, Translatable):
        return {"words": value.words, "values": _in_json(value.values)}
    if isinstance(value, dict):
        return {name: _in_json(one) for name, one in value.items()}
    return [_in_json(one) for one in value] if isinstance(value, list) else value
