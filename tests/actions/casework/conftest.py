"""Two handlers, a lead and one complaint of the small operator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from tests.actions.complaints.conftest import World, world
from tests.pages.conftest import colleague, complain

from amends.cases.complaints.models import Complaint
from amends.people.access.queries import actor_with_ref
from amends.platform.kit.actors import Actor

__all__ = ["world"]


@dataclass(frozen=True, slots=True)
class Staff:
    """People who work on complaints, and one who may not see any."""

    li: Actor
    wang: Actor
    lead: Actor
    officer: Actor


def actor(user: Any) -> Actor:
    """A person as the actions know one."""
    return actor_with_ref(user.ref)


@pytest.fixture
def staff(db: None) -> Staff:
    return Staff(
        actor(colleague("li_na", "handler")),
        actor(colleague("wang.wei", "handler")),
        actor(colleague("chen.jing", "senior_handler")),
        actor(colleague("zhao.min", "privacy_officer")),
    )


@pytest.fixture
def complaint(world: World) -> Complaint:
    return Complaint.objects.get(id=complain())
