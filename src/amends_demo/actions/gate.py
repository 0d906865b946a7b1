"""Send what partners order and what is advertised through the real gates, as it happens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta
from typing import Any

import polars as pl
from django.db import transaction
from django.utils import timezone

from amends.causes.confirmations.actions.execute import UnableToExecute, execute
from amends.causes.confirmations.actions.place import NewOrder, UnableToSell, place
from amends.causes.launches.actions.assess import assess
from amends.causes.launches.demonstration import losing_case
from amends.causes.privacy.rules.alerts import access_alerts
from amends.causes.publicity.actions.write import withdraw, write_copy
from amends.causes.publicity.queries import open_blocks
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.batches import slices
from amends.platform.kit.periods import from_ms, to_ms
from amends_demo.rules.catalogue import offer
from amends_demo.rules.gates import (
    launch_orders,
    unasked_orders,
    without,
    without_claims,
    without_looks,
)
from amends_demo.rules.simulate import World

_AT_ONCE = 50


def close_gate(world: World, pseudonyms: Sequence[str]) -> tuple[World, int]:
    """The world that is left, and how many orders were not carried out.

    Each order nobody was asked about is placed, the user is asked, and the partner wants it carried
    out without waiting. Whatever the database lets through stays in the world as it was.
    """
    orders, refused = unasked_orders(world), []
    for part in slices(orders, _AT_ONCE):
        with transaction.atomic():
            refused += [
                row["subject"] for row in part if not _executed(row, pseudonyms[row["subscriber"]])
            ]
    refused += _not_launched(world, pseudonyms)
    return without(world, refused), len(refused)


def stop_leaks(world: World) -> World:
    """The world in which an account is closed on the day after its looks were first alerted.

    The alerts are those of `privacy`, over the looks of the world as columns. What is looked at
    after that day by such an agent is not looked at, and the calls that would follow do not come.
    """
    looks = pl.DataFrame(pl.from_arrow(world.facts["DataAccessed"])).select(
        at=pl.from_epoch("happened_at_ms", time_unit="ms"),
        user="user",
        role="role",
        team=pl.col("partner").fill_null(""),
        subscriber=pl.col("subscriber").cast(pl.String),
        case=pl.col("case").fill_null(""),
        purpose="purpose",
    )
    first: dict[str, int] = {}
    for alert in access_alerts(looks):
        # The officer decides within a day, and no alert of a person with a case is a suspension.
        ends = to_ms((alert.at + timedelta(days=1)).replace(tzinfo=UTC))
        if alert.signal == "no_case":
            first.setdefault(alert.user, ends)
    return without_looks(world, first)


def _not_launched(world: World, pseudonyms: Sequence[str]) -> list[str]:
    """Services of the pack nobody had calculated: assessed first, it is not approved, not sold."""
    pack, now = offer(world.scenario.pack), from_ms(world.scenario.start_ms)
    case = losing_case(f"{pack.zh} / {pack.en}", pack.ref, pack.price_minor / 100)
    assess(case, actor=system("launches"), now=now, seed=world.seed)
    refused = []
    for row in launch_orders(world):
        new = NewOrder(
            key=f"demo:{row['order']}",
            order="open",
            offer=pack.ref,
            channel=row["channel"],
            subscriber=pseudonyms[row["subscriber"]],
            campaign=row["campaign"],
        )
        try:
            place(new, actor=system("crm"), now=from_ms(row["happened_at_ms"]))
        except UnableToSell:
            refused.append(row["subject"])
    return refused


def stop_adverts(world: World) -> tuple[World, int]:
    """The world without the adverts that publicity blocks, and how many these are.

    Each advert is written as a draft on the day it would appear; what is blocked never appears,
    and nobody orders on it.
    """
    writer, blocked = Actor("system", "demo", ("manager",)), []
    for row in world.facts["ClaimPublished"].to_pylist():
        at = from_ms(row["happened_at_ms"])
        ref = write_copy(
            row["text"], offer=row["offer"], channel=row["channel"], actor=writer, now=at
        )
        if open_blocks(ref, timezone.localdate(at)):
            blocked.append(row["claim"])
        else:
            withdraw(ref, actor=writer, now=at)
    return without_claims(world, blocked), len(blocked)


def _executed(row: dict[str, Any], pseudonym: str) -> bool:
    now, agent = from_ms(row["happened_at_ms"]), row["partner"]
    order = place(
        NewOrder(
            key=f"demo:{row['order']}",
            order="open",
            subscriber=pseudonym,
            offer=row["offer"],
            initiator="partner",
            channel=row["channel"],
            agent=agent,
            campaign=row["campaign"] or "",
        ),
        actor=system("crm"),
        now=now,
    )
    try:
        execute(order.id, by=agent, now=now)
    except UnableToExecute:
        return False
    return True
