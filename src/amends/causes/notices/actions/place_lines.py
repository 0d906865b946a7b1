"""Give every line the duties of its place: the province of its subscriber, what the line is for."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from django.db import transaction

from amends.causes.notices.actions.engine_memory import UsageEngine, claim, committed, write_lines
from amends.causes.notices.actions.enrol import plan_row
from amends.engines.duties.duty import EXEMPT
from amends.engines.duties.overlays import overlays
from amends.engines.metering.engine.change import altered
from amends.engines.metering.engine.compile import with_plans
from amends.people.subscribers.queries import services_in, services_of_kinds

Group = tuple[str, str]
"""The overlay that holds, and the kind of user a duty may leave out; "" for none."""
_PLAIN: Group = ("", "")
_USERS: dict[str, Any] = {"service": pl.String, "user": pl.String}


def place_lines(engine: UsageEngine, *, jurisdiction: str) -> int:
    """Move lines to the plan of their place, in one transaction; how many had another.

    Asked whenever the engine is loaded, so that who moves house comes under other duties by the
    next day. A step that was notified stays notified.
    """
    groups, wanted = _groups_to_place(engine, jurisdiction)
    plans, before = list(engine.rules.plans), len(engine.rules.plans)
    present_plans = engine.memory.lines.terms["plan"].astype(np.int64)
    of_plan = {(plan.place, plan.user) for plan in plans}
    if len(groups) == 1 and of_plan <= {("", "")}:
        return 0
    pairs, of = np.unique(present_plans * len(groups) + wanted, return_inverse=True)
    numbers = []
    for pair in pairs.tolist():
        number, group = divmod(pair, len(groups))
        location, user = groups[group]
        plan = altered(plans, number, place=location, user=user)
        if plan not in plans:
            plans.append(plan)
        numbers.append(plans.index(plan))
    new = np.array(numbers, np.int64)[of]
    moved = new != present_plans
    if not moved.any():
        return 0
    engine.rules = with_plans(engine.rules, plans)
    engine.memory.lines.terms["plan"][:] = new
    with transaction.atomic():
        claim(engine)
        for number, plan in enumerate(plans[before:], start=before):
            plan_row(number, plan).save(force_insert=True)
        write_lines(engine, moved)
    committed(engine)
    return int(moved.sum())


def _groups_to_place(engine: UsageEngine, jurisdiction: str) -> tuple[list[Group], Any]:
    """The groups there are, the plain one first, and the number of each line's."""
    packs = overlays(jurisdiction)
    users = services_of_kinds(EXEMPT)
    lines = pl.DataFrame({"service": pl.from_arrow(engine.services)})
    of_users = pl.DataFrame(list(users.items()), schema=_USERS, orient="row")
    placed = lines.join(services_in(packs), on="service", how="left", maintain_order="left").join(
        of_users, on="service", how="left", maintain_order="left"
    )
    placements = placed.select(
        pl.col("province").replace_strict(dict(packs), default="", return_dtype=pl.String),
        pl.col("user").fill_null(""),
    )
    other_groups = sorted(set(placements.unique().rows()) - {_PLAIN})
    groups: list[Group] = [_PLAIN, *other_groups]
    numbers = pl.DataFrame(
        [(*group, number) for number, group in enumerate(groups)],
        schema={"province": pl.String, "user": pl.String, "number": pl.Int64},
        orient="row",
    )
    wanted = placements.join(numbers, on=["province", "user"], how="left", maintain_order="left")
    return groups, wanted["number"].to_numpy()
