"""This quarter's self-examination, half done: owners named, processes checked, a finding mended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import cycle
from typing import Any

from django.utils import timezone

from amends.cases.examinations.actions.examine import assign_owner, check_process, correct
from amends.cases.examinations.queries import process_statuses, processes
from amends.platform.kit.actors import Actor
from amends.platform.kit.periods import from_ms
from amends_demo.actions.play import DeskProgress

_OWNERS = ("handler", "senior", "manager")
# So many are not looked at yet, and show red.
_LEFT = 2
_NOTE = "抽查二十份订单和通话记录，并核对本季度的提醒记录。"
_MENDED = "计费系统升级后漏接了通知任务，已补接并加了每日核对。"


@dataclass(frozen=True, slots=True)
class Examined:
    """How many processes were checked and not, and how many findings were made and corrected."""

    checked: int
    left: int
    findings: int
    corrected: int

    def as_dict(self) -> dict[str, Any]:
        """The part of the demonstration's document that is about self-examination."""
        return {"examination": asdict(self)}


def examine(desk: DeskProgress, actors: Mapping[str, Actor]) -> Examined:
    """Hold most processes against this quarter's coverage, and correct the first finding."""
    now = from_ms(desk.loaded.world.scenario.end_ms)
    manager, senior = actors["manager"], actors["senior_handler"]
    today = timezone.localdate(now)
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    register = processes(today)
    for process, owner in zip(register, cycle(_OWNERS), strict=False):
        assign_owner(process.id, owner, from_date=quarter, actor=manager, now=now)
    checked = register[:-_LEFT]
    for process in checked:
        check_process(process.id, note=_NOTE, actor=manager, now=now - timedelta(hours=6))
    all_findings = [
        finding for process_status in process_statuses(today) for finding in process_status.findings
    ]
    for first_finding in all_findings[:1]:
        correct(
            first_finding.id,
            what=_MENDED,
            recheck_on=None,
            actor=senior,
            now=now - timedelta(hours=3),
        )
    return Examined(
        checked=len(checked),
        left=_LEFT,
        findings=len(all_findings),
        corrected=len(all_findings[:1]),
    )
