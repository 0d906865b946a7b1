"""Notices due, sent, delivered and failed, tied by their key."""

from __future__ import annotations

from typing import Any

import numpy as np

from amends_demo.rules.stage import Rows, Stage
from amends_demo.rules.tables import DAY_MS

DUTY_VERSION = "2012-07-01"
_FAILED_SHARE = 0.006
_LATE_RECEIPT_SHARE = 0.02


def give_notice(
    stage: Stage,
    rng: np.random.Generator,
    *,
    duty: str,
    service: Rows,
    due_ms: Rows,
    sent: Rows | None = None,
    reliable: bool = False,
    **due_payload: Any,
) -> None:
    """Write the duty of each service row, and what became of it.

    sent      which rows were sent (all, when left out)
    reliable  no failed delivery and no late receipt, for people whose matter depends on it
    """
    count = len(service)
    if count == 0:
        return
    refs, people = stage.service_refs(service), stage.subscribers_of(service)
    keys = stage.refs(duty.replace(".", "-").replace("_", "-"), count)
    common: dict[str, Any] = {"duty": duty}
    stage.book.add(
        "NoticeDue",
        subscriber=people,
        subject=refs,
        at_ms=due_ms,
        source="auditor",
        key=keys,
        duty_version=DUTY_VERSION,
        due_at_ms=due_ms,
        **common,
        **due_payload,
    )
    went = np.ones(count, dtype=bool) if sent is None else sent
    sent_ms = due_ms - rng.integers(5_000, 240_000, size=count)
    _state(stage, "NoticeSent", went, sent_ms, people, refs, keys, common)
    failed = went & (rng.random(count) < _FAILED_SHARE) & (not reliable)
    late = (rng.random(count) < _LATE_RECEIPT_SHARE) & (not reliable)
    lag_ms = np.where(
        late, rng.integers(DAY_MS, 3 * DAY_MS, size=count), rng.integers(800, 4_500, size=count)
    )
    _state(stage, "NoticeDelivered", went & ~failed, sent_ms + lag_ms, people, refs, keys, common)
    _state(
        stage,
        "NoticeFailed",
        failed,
        sent_ms + 60_000,
        people,
        refs,
        keys,
        common | {"cause": "no_answer_from_phone"},
    )


def _state(
    stage: Stage,
    kind: str,
    mask: Rows,
    at_ms: Rows,
    people: Rows,
    refs: list[str],
    keys: list[str],
    payload: dict[str, Any],
) -> None:
    rows = np.flatnonzero(mask)
    stage.book.add(
        kind,
        subscriber=people[rows],
        subject=[refs[row] for row in rows],
        at_ms=at_ms[rows],
        source="notices",
        key=[keys[row] for row in rows],
        channel="sms",
        **payload,
    )
