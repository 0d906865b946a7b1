"""Chapter of the demonstration: a power-on reminder is blocked, the leaking agent is alerted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from amends.access.actors import Actor
from amends.privacy.actions.review_service import review_service
from amends.privacy.actions.watch_looks import watch_looks


def _flow(name: str, about: str, reveals: str, *consent: str, **more: Any) -> dict[str, Any]:
    usual = {"to": "requester", "default": "off", "opt_out": True, "necessary": True}
    return {
        "id": name, "about": about, "reveals": reveals, "consent_of": list(consent),
        "retention_days": 1, **usual, **more,
    }  # fmt: skip


SERVICES: dict[str, dict[str, Any]] = {
    "power-on-reminder": {
        "service": "开机提醒 (power-on reminder)",
        "purpose": "被叫开机时通知订购人。Tells the requester when another phone is switched on.",
        "flows": [_flow("switched-on", "called", "presence", "requester")],
    },
    "power-on-reminder-2": {
        "service": "双方同意的开机提醒 (power-on reminder by consent)",
        "purpose": "被叫本人同意后才通知。Tells it only once its user has agreed.",
        "flows": [_flow("switched-on", "called", "presence", "requester", "called")],
    },
    "usage-advice": {
        "service": "套餐建议 (usage advice)",
        "purpose": "根据用量建议套餐。Suggests a tariff that fits the usage.",
        "flows": [
            _flow(
                "profile",
                "requester",
                "usage",
                "requester",
                to="operator",
                default="on",
                opt_out=False,
                necessary=False,
                retention_days=None,
            )
        ],
    },
}


def chapter(*, seed: int, now: datetime, staff: Mapping[str, Actor]) -> None:
    """Three services are reviewed, and the looks of the last weeks are watched."""
    for service, description in SERVICES.items():
        review_service(service, description, actor=staff["privacy_officer"], now=now)
    watch_looks(now=now)
