"""Value-added services: bought properly, forgotten, forced on people by a campaign, not stopped."""

from __future__ import annotations

import numpy as np

from amends_demo.rules.billing import Charges, charge_monthly, refund, trouble_by
from amends_demo.rules.catalogue import offers_of
from amends_demo.rules.inhabitants import draw_offers
from amends_demo.rules.orders import place_orders
from amends_demo.rules.stage import Rows, Stage
from amends_demo.rules.tables import DAY_MS, HOUR_MS, MINUTE_MS

_FOREVER = 2**52
_STOPPED_EARLY = 0.2
_GOODWILL = 0.08
_HONEST_CAMPAIGN_SALES = 0.3


def sell_addons(stage: Stage, rng: np.random.Generator) -> None:
    """All value-added services of the world, with their charges and troubles."""
    _background(stage, rng)
    _campaign(stage, rng)
    _forgotten(stage, rng)
    scenario, roles = stage.scenario, stage.roles
    length = scenario.end_ms - scenario.start_ms
    sold = _moments(rng, len(roles["vas_refused"]), scenario.start_ms, length * 4 // 5)
    sold = _outside_gap(stage, sold)
    _sell(stage, rng, "vas_refused", roles["vas_refused"], sold, confirmation="refused")
    in_gap = _moments(
        rng,
        len(roles["vas_gap"]),
        scenario.gap_from_ms + 2 * HOUR_MS,
        scenario.gap_to_ms - scenario.gap_from_ms - 4 * HOUR_MS,
    )
    _sell(stage, rng, "vas_gap", roles["vas_gap"], in_gap)
    _stopped_in_vain(stage, rng)
    _withdrawn_pack(stage, rng)


def _moments(rng: np.random.Generator, count: int, from_ms: int, length_ms: int) -> Rows:
    return from_ms + rng.integers(0, max(length_ms, 1), size=count)


def _outside_gap(stage: Stage, moments: Rows) -> Rows:
    """Shift moments out of the confirmation feed's gap, with a day to spare on both sides."""
    scenario = stage.scenario
    low, high = scenario.gap_from_ms - DAY_MS, scenario.gap_to_ms + DAY_MS
    inside = (moments >= low) & (moments < high)
    return np.where(inside, moments + (high - low), moments)


def _background(stage: Stage, rng: np.random.Generator) -> None:
    """People who wanted the service, confirmed it and pay for it without a word."""
    scenario = stage.scenario
    is_assigned = np.zeros(stage.size, dtype=bool)
    for people in stage.roles.values():
        is_assigned[people] = True
    people = np.flatnonzero(~is_assigned & (rng.random(stage.size) < 0.2))
    length = scenario.end_ms - scenario.start_ms
    sold = _outside_gap(stage, _moments(rng, len(people), scenario.start_ms, length - DAY_MS))
    _sell(stage, rng, "", people, sold)


def _campaign(stage: Stage, rng: np.random.Generator) -> None:
    """The hidden cause: one agent activates one service for three weeks without asking anybody."""
    scenario, people = stage.scenario, stage.roles["vas_unconfirmed"]
    sold = rng.integers(scenario.campaign_from_ms, scenario.campaign_to_ms, size=len(people))
    charges = _sell(
        stage,
        rng,
        "vas_unconfirmed",
        people,
        sold,
        offer=scenario.campaign_offer,
        confirmation="none",
        campaign=scenario.campaign,
        partner=scenario.campaign_agent,
        stopping=_STOPPED_EARLY,
    )
    first = np.flatnonzero(charges.at_ms < scenario.campaign_to_ms + DAY_MS)
    back = first[rng.random(len(first)) < _GOODWILL]
    at_ms = charges.at_ms[back] + rng.integers(HOUR_MS, 12 * HOUR_MS, size=len(back))
    refund(stage, charges=charges, rows=back, at_ms=at_ms)


def _forgotten(stage: Stage, rng: np.random.Generator) -> None:
    """People who confirmed and forgot, or confirmed and now deny it; some through the campaign."""
    scenario = stage.scenario
    length = scenario.end_ms - scenario.start_ms
    for role in ("vas_forgot", "vas_dishonest"):
        people = stage.roles[role]
        honest = rng.random(len(people)) < _HONEST_CAMPAIGN_SALES
        sold = rng.integers(
            scenario.campaign_from_ms, scenario.campaign_to_ms, size=int(honest.sum())
        )
        _sell(
            stage,
            rng,
            role,
            people[honest],
            sold,
            offer=scenario.campaign_offer,
            campaign=scenario.campaign,
            partner=scenario.campaign_agent,
        )
        count = int((~honest).sum())
        sold = _outside_gap(stage, _moments(rng, count, scenario.start_ms, length * 3 // 4))
        _sell(stage, rng, role, people[~honest], sold)


def _stopped_in_vain(stage: Stage, rng: np.random.Generator) -> None:
    """People who stopped the service, as the record shows, and are charged on."""
    scenario, people = stage.scenario, stage.roles["stop_ignored"]
    length = scenario.end_ms - scenario.start_ms
    sold = _moments(
        rng, len(people), scenario.start_ms, scenario.gap_from_ms - scenario.start_ms - 2 * DAY_MS
    )
    charges = _sell(stage, rng, "", people, sold)
    stops = scenario.start_ms + length // 3 + rng.integers(0, length // 3, size=len(people))
    services = np.unique(charges.service)
    stage.book.add(
        "ServiceStopped",
        subscriber=stage.subscribers_of(services),
        subject=stage.service_refs(services),
        at_ms=stops,
        source="crm",
        initiator="subscriber",
    )
    for service, stop in zip(services.tolist(), stops.tolist(), strict=True):
        after = np.flatnonzero((charges.service == service) & (charges.start_ms > stop))
        if len(after):
            row = int(after[np.argmin(charges.at_ms[after])])
            trouble_by(stage, "stop_ignored", charges, row)


def _withdrawn_pack(stage: Stage, rng: np.random.Generator) -> None:
    """The hidden cause: a pack whose settlement costs more than it brings is sold, then withdrawn
    in haste; whoever has it is moved to a dearer one on one day, and nobody is asked."""
    scenario, people = stage.scenario, stage.roles["pack_withdrawn"]
    sold = rng.integers(scenario.pack_from_ms, scenario.pack_to_ms, size=len(people))
    charges = _sell(
        stage,
        rng,
        "",
        people,
        _outside_gap(stage, sold),
        offer=scenario.pack,
        campaign=scenario.pack_campaign,
        until_ms=scenario.pack_withdrawn_ms,
    )
    rows = np.unique(charges.service)
    at_ms = scenario.pack_withdrawn_ms + rng.integers(0, 6 * HOUR_MS, size=len(rows))
    stage.book.add(
        "ServiceChanged",
        subscriber=stage.subscribers_of(rows),
        subject=stage.service_refs(rows),
        at_ms=at_ms,
        source="crm",
        from_offer=scenario.pack,
        to_offer=scenario.pack_next,
        initiator="operator",
        order=stage.refs("ord", len(rows)),
    )
    dearer = charge_monthly(
        stage,
        service=rows,
        offer=[scenario.pack_next] * len(rows),
        anchor_ms=at_ms,
        from_ms=at_ms,
        to_ms=np.full(len(rows), _FOREVER),
        charge_kind="value_added",
    )
    for row in np.flatnonzero(dearer.start_ms == at_ms[np.searchsorted(rows, dearer.service)]):
        trouble_by(stage, "pack_withdrawn", dearer, int(row))


def _sell(
    stage: Stage,
    rng: np.random.Generator,
    role: str,
    people: Rows,
    sold_ms: Rows,
    *,
    offer: str = "",
    confirmation: str = "given",
    campaign: str = "",
    partner: str = "",
    stopping: float = 0.0,
    until_ms: int = _FOREVER,
) -> Charges:
    """Sell one add-on to each person and charge it; a named role notices its first charge."""
    extras = offers_of("value_added")
    drawn = [extras[row].ref for row in draw_offers(rng, kind="value_added", size=len(people))]
    offers = [offer] * len(people) if offer else drawn
    activated = sold_ms + rng.integers(6 * MINUTE_MS, 20 * MINUTE_MS, size=len(people))
    rows = stage.services.add(
        subscriber=people, offer=offers, kind="value_added", activated_ms=activated
    )
    place_orders(
        stage,
        rng,
        service=rows,
        offer=offers,
        ordered_ms=sold_ms,
        activated_ms=activated,
        initiator=f"partner:{partner}" if partner else "subscriber",
        confirmation=confirmation,
        channel="agent" if partner else "",
        campaign=campaign,
        partner=partner,
    )
    stops = np.full(len(people), until_ms)
    stopped = rng.random(len(people)) < stopping
    stops[stopped] = activated[stopped] + rng.integers(
        2 * DAY_MS, 40 * DAY_MS, size=int(stopped.sum())
    )
    stopped &= stops < stage.scenario.end_ms
    stage.book.add(
        "ServiceStopped",
        subscriber=people[stopped],
        subject=stage.service_refs(rows[stopped]),
        at_ms=stops[stopped],
        source="crm",
        initiator="subscriber",
    )
    charges = charge_monthly(
        stage,
        service=rows,
        offer=offers,
        anchor_ms=activated,
        from_ms=activated,
        to_ms=stops,
        charge_kind="value_added",
    )
    if role:
        for row in np.flatnonzero(
            charges.start_ms == activated[charges.service - rows[0]] if len(rows) else []
        ):
            trouble_by(stage, role, charges, int(row))
    return charges
