"""A small desk: Alice, Bob and Charlie at work, two partners, one subscriber with a complaint."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from amends.people.access.models import User
from amends.people.partners.actions.contract import sign_contract
from amends.people.partners.actions.register import register_partners
from amends.people.partners.queries import PartnerView
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.kit.actors import Actor, system

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
SYSTEM = system("intake")


@dataclass(frozen=True)
class Desk:
    alice: Actor
    bob: Actor
    charlie: Actor
    senior: Actor
    privacy: Actor
    admin: Actor
    agent_a: Actor
    agent_b: Actor
    subscriber: str
    other: str


def _at_work(name: str, *roles: str, partner: str = "", brand: str = "") -> Actor:
    user = User.objects.create(username=name, roles=list(roles), partner=partner, brand=brand)
    return Actor("user", user.ref, tuple(roles), partner, brand)


@pytest.fixture
def desk(db: None) -> Desk:
    register_partners(
        [PartnerView(f"par-{one}", "agent", one, one) for one in "ab"],
    )
    for one in "ab":
        sign_contract(
            f"par-{one}",
            roles=("sales",),
            valid_from=NOW - timedelta(days=30),
            valid_to=NOW + timedelta(days=30),
        )
    return Desk(
        alice=_at_work("alice", "handler"),
        bob=_at_work("bob", "handler"),
        charlie=_at_work("charlie", "handler"),
        senior=_at_work("senior", "senior_handler"),
        privacy=_at_work("privacy", "privacy_officer"),
        admin=_at_work("admin", "administrator"),
        agent_a=_at_work("agent-a", "agent", partner="par-a"),
        agent_b=_at_work("agent-b", "agent", partner="par-b"),
        subscriber=register(
            NewSubscriber(
                name="王小明",
                phone="13812348000",
                id_card="11010519491231002X",
                address="北京市朝阳区建国路88号",
                email="wang@example.cn",
                area="bj",
                brand="plum",
            ),
            now=NOW,
        ),
        other=register(NewSubscriber(name="李雷", phone="13900000000", brand="pear"), now=NOW),
    )
