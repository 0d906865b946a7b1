"""Main lines and broadband lines: bought, charged, switched, stopped; the advert's buyers."""

from __future__ import annotations

from typing import Any

import numpy as np

from amends_demo.rules.billing import (
    RISEN_OFFER,
    RISEN_PRICE_MINOR,
    Charges,
    charge_monthly,
    charge_once,
    refund,
    trouble_by,
    write_charges,
)
from amends_demo.rules.catalogue import CURRENCY, OFFERS, offer, offers_of
from amends_demo.rules.coverage import CONFIRMATIONS_KEPT_DAYS
from amends_demo.rules.inhabitants import draw_offers
from amends_demo.rules.notices import give_notice
from amends_demo.rules.orders import place_orders
from amends_demo.rules.stage import Rows, Stage, Trouble
from amends_demo.rules.tables import DAY_MS, HOUR_MS

_FOREVER = 2**52
SWITCHED_FROM, SWITCHED_TO = "plan-light-29", "plan-free-99"
INSTALL_FEE_MINOR = 10_000
_REFUNDED_DOUBLE = 0.25


def open_main_lines(stage: Stage, rng: np.random.Generator) -> None:
    """Give everybody a main line bought before the world begins, and charge it month by month."""
    scenario, size = stage.scenario, stage.size
    plans = offers_of("mobile_plan")
    offers = [plans[row].ref for row in draw_offers(rng, kind="mobile_plan", size=size)]
    for row in stage.roles["price_rise_told"]:
        offers[row] = RISEN_OFFER
    for row in stage.roles["plan_switched"]:
        offers[row] = SWITCHED_FROM
    activated = scenario.start_ms - rng.integers(60 * DAY_MS, 1_800 * DAY_MS, size=size)
    rows = stage.services.add(
        subscriber=np.arange(size), offer=offers, kind="mobile_plan", activated_ms=activated
    )
    stage.main_line = rows
    _state_old_activation(stage, rng, rows, offers, activated)
    ends = np.full(size, _FOREVER)
    switched = stage.roles["plan_switched"]
    ends[switched] = _switch_plans(stage, rng, switched)
    charges = charge_monthly(
        stage,
        service=rows,
        offer=offers,
        anchor_ms=activated,
        from_ms=activated,
        to_ms=ends,
        charge_kind="monthly_fee",
    )
    _charge_twice(stage, rng, charges)
    _raise_price(stage, rng, offers)


def _state_old_activation(
    stage: Stage, rng: np.random.Generator, rows: Rows, offers: list[str], at_ms: Rows
) -> None:
    """State what began before the world does; orders as far back as confirmations are kept."""
    kept_ms = (CONFIRMATIONS_KEPT_DAYS - 20) * DAY_MS
    is_kept = at_ms >= stage.scenario.start_ms - kept_ms
    place_orders(
        stage,
        rng,
        service=rows[is_kept],
        offer=[offers[row] for row in np.flatnonzero(is_kept)],
        ordered_ms=at_ms[is_kept] - rng.integers(HOUR_MS, 5 * DAY_MS, size=int(is_kept.sum())),
        activated_ms=at_ms[is_kept],
        notified=False,
    )
    old = np.flatnonzero(~is_kept)
    stage.book.add(
        "ServiceActivated",
        subscriber=stage.subscribers_of(rows[old]),
        subject=stage.service_refs(rows[old]),
        at_ms=at_ms[old],
        source="crm",
        offer=[offers[row] for row in old],
        offer_version="1",
        initiator="subscriber",
    )


def _switch_plans(stage: Stage, rng: np.random.Generator, people: Rows) -> Rows:
    """Move people to a dearer plan by the operator alone; return when, and charge the new plan."""
    scenario = stage.scenario
    third = (scenario.end_ms - scenario.start_ms) // 3
    at_ms = scenario.start_ms + rng.integers(third // 2, 2 * third, size=len(people))
    rows = stage.main_line[people]
    orders = stage.refs("ord", len(rows))
    stage.book.add(
        "ServiceChanged",
        subscriber=people,
        subject=stage.service_refs(rows),
        at_ms=at_ms,
        source="crm",
        from_offer=SWITCHED_FROM,
        to_offer=SWITCHED_TO,
        initiator="operator",
        order=orders,
    )
    anchors = np.array([stage.services.activated_ms[row] for row in rows])
    charges = charge_monthly(
        stage,
        service=rows,
        offer=[SWITCHED_TO] * len(rows),
        anchor_ms=anchors,
        from_ms=at_ms,
        to_ms=np.full(len(rows), _FOREVER),
        charge_kind="monthly_fee",
    )
    _trouble_from_first_charge(stage, "plan_switched", charges)
    return at_ms


def _trouble_from_first_charge(stage: Stage, role: str, charges: Charges) -> None:
    """Everybody charged notices it with his first charge."""
    seen: set[int] = set()
    for row in np.argsort(charges.at_ms, kind="stable"):
        service = int(charges.service[row])
        if service not in seen:
            seen.add(service)
            trouble_by(stage, role, charges, int(row))


def _charge_twice(stage: Stage, rng: np.random.Generator, charges: Charges) -> None:
    """Charge one month of the role's people again; a quarter have it back before they complain."""
    people = set(stage.roles["charged_twice"].tolist())
    by_service: dict[int, list[int]] = {}
    for row, service in enumerate(charges.service):
        if int(service) in people:
            by_service.setdefault(int(service), []).append(row)
    rows = np.array([int(rng.choice(each)) for each in by_service.values()], dtype=np.int64)
    second_charges = Charges(
        ref=stage.refs("chg", len(rows)),
        service=charges.service[rows],
        offer=[charges.offer[row] for row in rows],
        at_ms=charges.at_ms[rows] + rng.integers(HOUR_MS, 40 * HOUR_MS, size=len(rows)),
        amount_minor=charges.amount_minor[rows],
        start_ms=charges.start_ms[rows],
        end_ms=charges.end_ms[rows],
    )
    write_charges(stage, second_charges, "monthly_fee")
    _trouble_from_first_charge(stage, "charged_twice", second_charges)
    back = np.flatnonzero(rng.random(len(rows)) < _REFUNDED_DOUBLE)
    refund(
        stage, charges=second_charges, rows=back, at_ms=second_charges.at_ms[back] + HOUR_MS // 2
    )


def _raise_price(stage: Stage, rng: np.random.Generator, offers: list[str]) -> None:
    """Announce the rise of one plan's price thirty days ahead to everybody on it."""
    scenario = stage.scenario
    rows = stage.main_line[[each == RISEN_OFFER for each in offers]]
    role = stage.roles["price_rise_told"]
    notice_due_ms = scenario.rise_at_ms - 30 * DAY_MS
    notified = np.isin(rows, stage.main_line[role])
    for mask, reliable in ((notified, True), (~notified, False)):
        count = int(mask.sum())
        due_ms = notice_due_ms + rng.integers(0, 6 * HOUR_MS, size=count)
        give_notice(
            stage, rng, duty="cn.change_ahead", service=rows[mask], due_ms=due_ms, reliable=reliable
        )
    for person in role:
        row = int(stage.main_line[person])
        trigger = scenario.rise_at_ms + int(rng.integers(2 * DAY_MS, 32 * DAY_MS))
        stage.troubles.append(
            Trouble(
                role="price_rise_told",
                subscriber=int(person),
                trigger_ms=trigger,
                service=stage.services.ref[row],
                offer=RISEN_OFFER,
            )
        )


def open_broadband(stage: Stage, rng: np.random.Generator) -> None:
    """Broadband for those who have it: old lines, new ones, and the advert's buyers."""
    people = np.flatnonzero(stage.has_broadband)
    buyers = np.isin(people, stage.roles["claim_buyer"])
    late = np.isin(people, stage.roles["late_install"])
    new = ~buyers & ~late & (rng.random(len(people)) < 0.06)
    settled = np.zeros(len(people), dtype=bool)
    for role in ("exit_fee_wrong", "exit_fee_right", "line_degraded", "line_healthy"):
        settled |= np.isin(people, stage.roles[role])
    _old_lines(stage, rng, people[settled | ~(buyers | late | new)])
    _new_lines(stage, rng, people[new & ~settled])
    _advert_buyers(stage, rng, people[buyers])
    _late_installs(stage, rng, people[late])


def _old_lines(stage: Stage, rng: np.random.Generator, people: Rows) -> None:
    scenario, count = stage.scenario, len(people)
    activated = scenario.start_ms - rng.integers(30 * DAY_MS, 1_500 * DAY_MS, size=count)
    stops = np.full(count, _FOREVER)
    length = scenario.end_ms - scenario.start_ms
    for role, low, high in (("exit_fee_wrong", 400, 1_200), ("exit_fee_right", 95, 300)):
        mask = np.isin(people, stage.roles[role])
        stop = scenario.start_ms + rng.integers(length // 4, length * 9 // 10, size=int(mask.sum()))
        stops[mask] = stop
        activated[mask] = stop - rng.integers(low * DAY_MS, high * DAY_MS, size=int(mask.sum()))
    lines = offers_of("broadband")
    offers = [lines[row].ref for row in draw_offers(rng, kind="broadband", size=count)]
    rows = _add_lines(stage, people, offers, activated)
    _state_old_activation(stage, rng, rows, offers, activated)
    _charge_line(stage, rows, offers, activated, stops)
    _stop_with_exit_fee(stage, rng, rows, offers, stops)


def _add_lines(stage: Stage, people: Rows, offers: list[str], activated: Rows) -> Rows:
    rows = stage.services.add(
        subscriber=people, offer=offers, kind="broadband", activated_ms=activated
    )
    stage.broadband.update(zip(people.tolist(), rows.tolist(), strict=True))
    return rows


def _charge_line(
    stage: Stage, rows: Rows, offers: list[str], activated: Rows, stops: Rows
) -> Charges:
    return charge_monthly(
        stage,
        service=rows,
        offer=offers,
        anchor_ms=activated,
        from_ms=activated,
        to_ms=stops,
        charge_kind="monthly_fee",
    )


def _stop_with_exit_fee(
    stage: Stage, rng: np.random.Generator, rows: Rows, offers: list[str], stops: Rows
) -> None:
    """Stop at the user's word; the exit fee is charged to all, right or wrong."""
    picked = np.flatnonzero(stops < _FOREVER)
    people = stage.subscribers_of(rows[picked])
    stage.book.add(
        "ServiceStopped",
        subscriber=people,
        subject=stage.service_refs(rows[picked]),
        at_ms=stops[picked],
        source="crm",
        initiator="subscriber",
    )
    at_ms = stops[picked] + rng.integers(HOUR_MS, 3 * DAY_MS, size=len(picked))
    fees = np.array([offer(offers[row]).exit_fee_minor for row in picked], dtype=np.int64)
    charge_once(
        stage,
        service=rows[picked],
        offer=[offers[row] for row in picked],
        at_ms=at_ms,
        amount_minor=fees,
        charge_kind="exit_fee",
    )
    wrong = set(stage.roles["exit_fee_wrong"].tolist())
    for index, person in enumerate(people.tolist()):
        row = int(rows[picked[index]])
        stage.troubles.append(
            Trouble(
                role="exit_fee_wrong" if person in wrong else "exit_fee_right",
                subscriber=person,
                trigger_ms=int(at_ms[index]),
                service=stage.services.ref[row],
                offer=offers[picked[index]],
                amount_minor=int(fees[index]),
            )
        )


def _new_lines(stage: Stage, rng: np.random.Generator, people: Rows) -> None:
    """Lines ordered and confirmed in the window, on the honest claim of the web shop."""
    scenario, count = stage.scenario, len(people)
    length = scenario.end_ms - scenario.start_ms
    ordered = scenario.start_ms + rng.integers(0, length - 10 * DAY_MS, size=count)
    lines = offers_of("broadband")
    offers = [lines[row].ref for row in draw_offers(rng, kind="broadband", size=count)]
    activated = ordered + rng.integers(DAY_MS, 6 * DAY_MS, size=count)
    rows = _add_lines(stage, people, offers, activated)
    place_orders(stage, rng, service=rows, offer=offers, ordered_ms=ordered, activated_ms=activated)
    _charge_line(stage, rows, offers, activated, np.full(count, _FOREVER))


def _advert_buyers(stage: Stage, rng: np.random.Generator, people: Rows) -> None:
    """People who bought on the advert: ordered by claim, charged the offer's price."""
    scenario, count = stage.scenario, len(people)
    offers = [scenario.advert_offer] * count
    ordered = rng.integers(scenario.advert_from_ms, scenario.advert_to_ms, size=count)
    activated = ordered + rng.integers(DAY_MS, 5 * DAY_MS, size=count)
    rows = _add_lines(stage, people, offers, activated)
    place_orders(
        stage,
        rng,
        service=rows,
        offer=offers,
        ordered_ms=ordered,
        activated_ms=activated,
        channel="social",
        claim=scenario.advert,
        price=scenario.advert_price_minor,
    )
    charges = _charge_line(stage, rows, offers, activated, np.full(count, _FOREVER))
    _trouble_from_first_charge(stage, "claim_buyer", charges)


def _late_installs(stage: Stage, rng: np.random.Generator, people: Rows) -> None:
    """Orders whose line works only after weeks of missed appointments."""
    scenario, count = stage.scenario, len(people)
    length = scenario.end_ms - scenario.start_ms
    ordered = scenario.start_ms + rng.integers(0, length * 3 // 4, size=count)
    activated = ordered + rng.integers(22 * DAY_MS, 40 * DAY_MS, size=count)
    lines = offers_of("broadband")
    offers = [lines[row].ref for row in draw_offers(rng, kind="broadband", size=count)]
    rows = _add_lines(stage, people, offers, activated)
    place_orders(stage, rng, service=rows, offer=offers, ordered_ms=ordered, activated_ms=activated)
    charge_once(
        stage,
        service=rows,
        offer=offers,
        at_ms=ordered + HOUR_MS,
        amount_minor=np.full(count, INSTALL_FEE_MINOR),
        charge_kind="install_fee",
    )
    _charge_line(stage, rows, offers, activated, np.full(count, _FOREVER))
    for index, person in enumerate(people.tolist()):
        row = int(rows[index])
        trigger = int(ordered[index] + rng.integers(16 * DAY_MS, 20 * DAY_MS))
        stage.troubles.append(
            Trouble(
                role="late_install",
                subscriber=person,
                trigger_ms=trigger,
                service=stage.services.ref[row],
                offer=offers[index],
            )
        )


def publish_offers(stage: Stage) -> None:
    """State every offer's versions and every claim, with the channel that made it."""
    scenario = stage.scenario
    _publish_versions(stage)
    advert = offer(scenario.advert_offer)
    _claim(
        stage,
        scenario.advert,
        "social",
        scenario.advert_from_ms,
        scenario.advert_to_ms,
        advert.ref,
        scenario.advert_price_minor,
        scenario.advert_months,
        f"{advert.zh}宽带每月只要{scenario.advert_price_minor // 100}元，一年不变！",
    )
    for channel in ("web", "counter"):
        for line in offers_of("broadband"):
            _claim(
                stage,
                f"claim-{channel}-{line.ref}",
                channel,
                scenario.start_ms - 180 * DAY_MS,
                scenario.end_ms,
                line.ref,
                line.price_minor,
                12,
                f"{line.zh}：每月{line.price_minor // 100}元，合约期{line.contract_months}个月，"
                f"提前解约违约金{line.exit_fee_minor // 100}元。",
            )


def _publish_versions(stage: Stage) -> None:
    opened = stage.scenario.start_ms - 2_000 * DAY_MS
    for each in OFFERS:
        versions = [("1", each.price_minor, opened)]
        if each.ref == RISEN_OFFER:
            versions.append(("2", RISEN_PRICE_MINOR, stage.scenario.rise_at_ms))
        for version, price, at_ms in versions:
            fields: dict[str, Any] = {
                "provider": each.provider,
                "contract_months": each.contract_months,
                "exit_fee_minor": each.exit_fee_minor,
                "speed_down_kbps": each.speed_down_kbps,
                "speed_min_kbps": each.speed_min_kbps,
                "allowance_mb": each.allowance_mb,
                "out_of_plan_minor_per_mb": each.out_of_plan_minor_per_mb,
                "technology": each.technology,
            }
            stage.book.add(
                "OfferPublished",
                subscriber=-1,
                subject=each.ref,
                at_ms=np.array([at_ms]),
                source="publicity",
                offer=each.ref,
                offer_version=version,
                price_minor=price,
                currency=CURRENCY,
                name_zh=each.zh,
                name_en=each.en,
                kind=each.kind,
                **{name: [value] for name, value in fields.items() if value},
            )


def _claim(
    stage: Stage,
    claim: str,
    channel: str,
    from_ms: int,
    until_ms: int,
    offer_ref: str,
    price: int,
    months: int,
    text: str,
) -> None:
    stage.book.add(
        "ClaimPublished",
        subscriber=-1,
        subject=offer_ref,
        at_ms=np.array([from_ms]),
        source="publicity",
        claim=claim,
        channel=channel,
        text=text,
        offer=offer_ref,
        price_minor=price,
        currency=CURRENCY,
        until_ms=until_ms,
        months=months,
    )
