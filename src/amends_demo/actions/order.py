"""The last days' orders go through the gate of confirmations: yes, no, or no answer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from amends.causes.confirmations.actions.answer import answer_by_message
from amends.causes.confirmations.actions.execute import lapse_due
from amends.causes.confirmations.actions.place import NewOrder, place
from amends.channels.queries import messages_with
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.periods import from_ms, to_ms
from amends_demo.actions.play import DeskProgress
from amends_demo.rules.catalogue import PARTNERS
from amends_demo.rules.simulate import World

_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
_WRONG = "000000"
_LATER = timedelta(minutes=3)
_PART = 29


@dataclass(frozen=True, slots=True)
class _Wish:
    """Somebody's order and what they answer, three minutes after each question.

    hours    before the end of the world
    answers  "yes" with the code that was sent, "wrong" with another, "no"; none is silence
    """

    hours: float
    order: str
    offer: str
    channel: str
    initiator: str
    answers: tuple[str, ...] = ()


# The last ones still wait for their user when the console opens.
_WISHES = (
    _Wish(
        hours=70,
        order="open",
        offer="music-tide",
        channel="partner",
        initiator="partner",
        answers=("yes", "yes"),
    ),
    _Wish(
        hours=61,
        order="open",
        offer="game-box",
        channel="phone",
        initiator="partner",
        answers=("no",),
    ),
    _Wish(hours=52, order="open", offer="school-note", channel="phone", initiator="partner"),
    _Wish(
        hours=47,
        order="open",
        offer="video-pod",
        channel="app",
        initiator="subscriber",
        answers=("yes", "yes"),
    ),
    _Wish(
        hours=44,
        order="change",
        offer="plan-home-59",
        channel="counter",
        initiator="subscriber",
        answers=("yes",),
    ),
    _Wish(
        hours=40,
        order="open",
        offer="video-pod",
        channel="phone",
        initiator="partner",
        answers=("yes",),
    ),
    _Wish(
        hours=28, order="stop", offer="", channel="app", initiator="subscriber", answers=("yes",)
    ),
    _Wish(
        hours=26,
        order="open",
        offer="ring-star",
        channel="sms",
        initiator="subscriber",
        answers=("wrong", "yes", "yes"),
    ),
    _Wish(
        hours=5,
        order="open",
        offer="game-box",
        channel="phone",
        initiator="partner",
        answers=("no",),
    ),
    _Wish(
        hours=3,
        order="open",
        offer="music-tide",
        channel="partner",
        initiator="partner",
        answers=("yes",),
    ),
    _Wish(hours=1, order="open", offer="school-note", channel="phone", initiator="partner"),
    _Wish(hours=0.1, order="change", offer="plan-home-59", channel="app", initiator="subscriber"),
)


@dataclass(frozen=True, slots=True)
class Ordered:
    """Orders by the state they are in when the console opens."""

    executed: int
    refused: int
    lapsed: int
    waiting: int

    def as_dict(self) -> dict[str, Any]:
        """The part of the demonstration's document that is about orders."""
        return {"orders": asdict(self)}


def take_orders(desk: DeskProgress, actors: Mapping[str, Actor]) -> Ordered:
    """Place the orders of the last days and answer them.

    They come from people who complained of nothing, so that what was decided stays as it was. A
    fee somebody owes for months is the one stop that asks for nobody's word.
    """
    world, end = desk.loaded.world, from_ms(desk.loaded.world.scenario.end_ms)
    running = _running(world)
    agent = next(
        partner.ref
        for partner in PARTNERS
        if partner.kind == "agent" and partner.ref != world.scenario.campaign_agent
    )
    lapse_due(now=end)  # what was ordered before and never answered, as through the gates
    ended: Counter[str] = Counter()
    for number, wish in enumerate(_WISHES):
        wanted = "value_added" if wish.order == "stop" else "mobile_plan"
        row = next(
            (
                running_service
                for running_service in running[wanted]
                if running_service["offer"] != wish.offer
            ),
            None,
        )
        if row is None:
            continue
        running[wanted].remove(row)
        ended[_order(wish, row, desk.loaded.pseudonyms, world, agent, end, number)] += 1
    for row in running["broadband"][:1]:
        ended[_owed(row, desk.loaded.pseudonyms, actors["senior_handler"], end)] += 1
    lapsed = lapse_due(now=end)
    return Ordered(
        executed=ended["executed"],
        refused=ended["refused"],
        lapsed=lapsed,
        waiting=ended["waiting"] - lapsed,
    )


def _running(world: World) -> dict[str, list[dict[str, Any]]]:
    """Some running services of each kind, drawn by chance, of people who complained of nothing."""
    services_by_kind: dict[str, list[dict[str, Any]]] = {
        "mobile_plan": [],
        "broadband": [],
        "value_added": [],
    }
    excluded_subscribers = set(world.contacts["subscriber"].to_pylist())
    for row in np.random.default_rng([world.seed, _PART]).permutation(world.services.num_rows):
        service = world.services.slice(int(row), 1).to_pylist()[0]
        if (
            service["kind"] in services_by_kind
            and service["subscriber"] not in excluded_subscribers
        ):
            excluded_subscribers.add(service["subscriber"])
            services_by_kind[service["kind"]].append(service)
        if all(len(rows) >= len(_WISHES) for rows in services_by_kind.values()):
            break
    return services_by_kind


def _order(
    wish: _Wish,
    row: Mapping[str, Any],
    pseudonyms: Sequence[str],
    world: World,
    agent: str,
    end: datetime,
    number: int,
) -> str:
    person, now = pseudonyms[row["subscriber"]], end - timedelta(hours=wish.hours)
    own = wish.initiator == "subscriber"
    order = place(
        NewOrder(
            key=f"demo:wish:{number}",
            order=wish.order,
            subscriber=person,
            offer=wish.offer,
            service="" if wish.order == "open" else row["ref"],
            channel=wish.channel,
            initiator=wish.initiator,
            agent="" if own else agent,
        ),
        actor=Actor("subscriber", person) if own else system("crm"),
        now=now,
    )
    phone = world.subscribers["phone"][row["subscriber"]].as_py()
    for reply in wish.answers:
        now += _LATER
        code = _WRONG if reply == "wrong" else _asked(order.id)
        text = {"no": "N"}.get(reply, f"Y{code}")
        answer_by_message(
            channel="sms", sender=phone, text=text, message=f"demo:{order.id}:{to_ms(now)}", now=now
        )
    order.refresh_from_db()
    return str(order.state)


def _asked(order: str) -> str:
    """The code of the newest question about an order, as its reader finds it."""
    codes = [
        code[0]
        for message in messages_with([], references=[f"order:{order}"])
        if (code := _CODE.search(str(message["words"])))
    ]
    return codes[-1]


def _owed(row: Mapping[str, Any], pseudonyms: Sequence[str], actor: Actor, end: datetime) -> str:
    """A line whose bill is open for ten weeks is stopped under the law's exception."""
    now = end - timedelta(hours=30)
    order = place(
        NewOrder(
            key="demo:arrears",
            order="stop",
            subscriber=pseudonyms[row["subscriber"]],
            service=row["ref"],
            initiator="operator",
            channel="counter",
            exception="cn.arrears",
            exception_reference="BILL-2026-0917",
            unpaid_since=(now - timedelta(days=70)).date(),
        ),
        actor=actor,
        now=now,
    )
    return str(order.state)
