"""What a running clock's rule allows: how long it may be extended, and when it may stand still."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from amends.engines.decisions.clocks import term_of
from amends.platform.kit.packs import UnableToFindRules, load_version

PAUSES: Mapping[str, tuple[str, str]] = {
    "awaiting_user": ("等待用户补充", "waiting for the user to answer"),
    "awaiting_other": ("等待第三方答复", "waiting for somebody else to answer"),
    "with_authority": ("有关机关正在处理", "an authority has the matter"),
}
"""Why a clock may stand still, where its rule says so."""


@dataclass(frozen=True, slots=True)
class ClockAllowance:
    """What one rule allows its clock, in its own words; nothing where the rule says nothing."""

    rule_id: str = ""
    source: str = ""
    zh: str = ""
    en: str = ""
    extension_days: int = 0
    pauses: tuple[str, ...] = ()


@lru_cache(maxsize=512)
def allowance(version: str, step: str, counting: str) -> ClockAllowance:
    """What the rule of a clock allows; of several that read alike, the one that allows least; a
    rule that is not in this installation allows nothing.

    version   the rule file a clock was set by, `deadlines-eu@2026-11-27`
    counting  the term as the clock shows it, in English

    >>> allowance("deadlines-cn@2016-07-30", "resolve", "15 calendar days").extension_days
    0
    """
    name, _, day = version.partition("@")
    try:
        file = load_version("amends.engines.decisions", name, date.fromisoformat(day))
    except (UnableToFindRules, ValueError):
        return ClockAllowance()
    allowances = [
        ClockAllowance(
            rule_id=row["id"],
            source=row["source"],
            zh=row["zh"],
            en=row["en"],
            extension_days=row.get("extension_days", 0),
            pauses=tuple(row.get("pauses", ())),
        )
        for row in file.rules
        if row["step"] == step and term_of(row).en == counting
    ]
    return min(
        allowances,
        key=lambda clock_allowance: (clock_allowance.extension_days, len(clock_allowance.pauses)),
        default=ClockAllowance(),
    )
