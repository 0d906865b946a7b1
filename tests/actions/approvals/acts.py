"""What the declared decisions of these tests do: they write to lists."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.platform.registry import DecisionAct

performed: list[DecisionAct] = []
undone: list[DecisionAct] = []


def block(act: DecisionAct) -> str:
    if act.payload.get("fails"):
        raise Refused("The number is an emergency number.")
    performed.append(act)
    return "block-1"


def unblock(act: DecisionAct) -> None:
    undone.append(act)


def within_limit(act: DecisionAct, actor: Actor) -> bool:
    return act.payload["amount_minor"] <= 1000 or "manager" in actor.roles


def twenty_reports(payload: Mapping[str, Any], evidence: Mapping[str, Any], on: date) -> str:
    return "block@2026-01-01" if evidence["reports"] >= 20 else ""


def preview(act: DecisionAct) -> list[tuple[str, str]]:
    return [("Days", str(act.payload["days"]))]
