"""Which troubles the world holds, how many people each touches, and when.

`ROLES` gives each trouble the part of the subscribers it touches and the part of those who complain
at the default size. A person has at most one role, so that each matter has one true answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from amends_demo.rules.places import AREAS
from amends_demo.rules.tables import CHINA_MS, DAY_MS

ROAMING_DAYS = 7
"""How long the rule of the roaming cap is off."""


@dataclass(frozen=True, slots=True)
class Role:
    """A trouble. Shares in thousandths: of all subscribers, and of those touched who complain."""

    name: str
    touched: int
    complaining: int
    cause: str = ""
    needs: str = ""


ROLES: tuple[Role, ...] = (
    Role("vas_unconfirmed", 60, 560, cause="campaign"),
    Role("vas_refused", 5, 700),
    Role("vas_forgot", 28, 600),
    Role("vas_dishonest", 9, 800),
    Role("vas_gap", 12, 700),
    Role("roaming_untold", 16, 750, cause="roaming_week"),
    Role("roaming_told", 10, 550),
    Role("claim_buyer", 26, 700, cause="advert", needs="broadband"),
    Role("line_degraded", 30, 680, cause="degraded_area", needs="broadband"),
    Role("line_healthy", 12, 700, needs="broadband"),
    Role("line_unmeasured", 10, 650, needs="broadband"),
    Role("looked_up", 20, 550, cause="agent"),
    Role("looked_up_rightly", 8, 600),
    Role("charged_twice", 14, 800),
    Role("exit_fee_wrong", 7, 850, needs="broadband"),
    Role("exit_fee_right", 6, 800, needs="broadband"),
    Role("stop_ignored", 14, 800),
    Role("price_rise_told", 20, 500),
    Role("overage_told", 16, 650),
    Role("overage_untold", 10, 750, cause="not_enrolled"),
    Role("plan_switched", 8, 800),
    Role("late_install", 5, 800, needs="broadband"),
    Role("line_cut", 12, 900, cause="storm", needs="broadband"),
    Role("outage", 6, 800, needs="broadband"),
    Role("no_signal", 5, 900),
    Role("site_blocked", 3, 900),
    Role("repair_late", 5, 900, needs="broadband"),
    Role("rude_staff", 5, 900),
    Role("bundled", 4, 900),
    Role("deposit_kept", 5, 900),
    Role("spam", 6, 900),
    Role("unanswered", 4, 900),
    Role("unspecific", 5, 900),
    Role("enquiry", 22, 1000),
    Role("pack_withdrawn", 12, 800, cause="withdrawn_pack"),
)


_COMPLAINING = {role.name: role.complaining for role in ROLES}
TOLD_COMPLAIN_SHARE = _COMPLAINING["overage_told"] / _COMPLAINING["overage_untold"]
"""Of those who complain untold, the part that would complain had they been told and gone on."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """When and where the hidden causes and the ordinary troubles happen (milliseconds UTC)."""

    start_ms: int
    end_ms: int
    campaign: str
    campaign_agent: str
    campaign_offer: str
    campaign_from_ms: int
    campaign_to_ms: int
    roaming_from_ms: int
    roaming_to_ms: int
    advert: str
    advert_offer: str
    advert_price_minor: int
    advert_months: int
    advert_from_ms: int
    advert_to_ms: int
    degraded_area: str
    degraded_from_ms: int
    degraded_to_ms: int
    agent_user: str
    agent_partner: str
    agent_from_ms: int
    agent_to_ms: int
    gap_from_ms: int
    gap_to_ms: int
    uncovered_area: str
    rise_at_ms: int
    storm_area: str
    storm_from_ms: int
    storm_to_ms: int
    pack: str
    pack_next: str
    pack_campaign: str
    pack_from_ms: int
    pack_to_ms: int
    pack_withdrawn_ms: int


def draw_scenario(rng: np.random.Generator, *, start_ms: int, end_ms: int) -> Scenario:
    """Place the causes within the simulated period, shifted by a few days from seed to seed.

    The order is fixed. Advert, gap and campaign come early, so that what they cost is charged,
    complained about and settled; at the end the roaming week is three weeks old, the degraded area
    still degraded and the storm of this week, so that the console opens on what is going on.
    """
    length_ms = end_ms - start_ms

    def at(share: float) -> int:
        day = int((length_ms * share) // DAY_MS) + int(rng.integers(-2, 3))
        return start_ms + day * DAY_MS

    degraded, uncovered, storm = rng.choice(len(AREAS), size=3, replace=False)
    campaign_at, advert_at = at(0.38), at(0.22)
    roaming_at = _in_one_month(_midnight(at(0.85)), ROAMING_DAYS)
    degraded_at, gap_at, rise_at = _midnight(at(0.87)), at(0.24), at(0.6)
    agent_from, agent_to, pack_at = at(0.15), at(0.9), at(0.3)
    return Scenario(
        start_ms=start_ms,
        end_ms=end_ms,
        campaign="campaign-spring-gift",
        campaign_agent="agent-sanhe",
        campaign_offer=str(rng.choice(["ring-star", "music-tide", "school-note"])),
        campaign_from_ms=campaign_at,
        campaign_to_ms=campaign_at + 21 * DAY_MS,
        roaming_from_ms=roaming_at,
        roaming_to_ms=roaming_at + ROAMING_DAYS * DAY_MS,
        advert="claim-social-fibre",
        advert_offer="fibre-300",
        advert_price_minor=4_900,
        advert_months=12,
        advert_from_ms=advert_at,
        advert_to_ms=advert_at + 28 * DAY_MS,
        degraded_area=AREAS[int(degraded)].ref,
        degraded_from_ms=degraded_at,
        degraded_to_ms=degraded_at + 28 * DAY_MS,
        agent_user="user-agent-17",
        agent_partner="agent-lvyuan",
        agent_from_ms=agent_from,
        agent_to_ms=agent_to,
        gap_from_ms=gap_at,
        gap_to_ms=gap_at + 5 * DAY_MS,
        uncovered_area=AREAS[int(uncovered)].ref,
        rise_at_ms=rise_at,
        storm_area=AREAS[int(storm)].ref,
        storm_from_ms=end_ms - 6 * DAY_MS,
        storm_to_ms=end_ms - 2 * DAY_MS,
        pack="roam-pack-39",
        pack_next="roam-pack-69",
        pack_campaign="campaign-roam-39",
        pack_from_ms=pack_at,
        pack_to_ms=pack_at + 14 * DAY_MS,
        pack_withdrawn_ms=_midnight(start_ms + int(length_ms * 0.68)),
    )


def _in_one_month(at_ms: int, days: int) -> int:
    """A midnight, moved back until `days` from it lie in one local month: caps are monthly."""
    last = (at_ms + CHINA_MS) // DAY_MS + days - 1
    month = np.datetime64(last, "D").astype("datetime64[M]").astype("datetime64[D]")
    into = last - int(month.astype(np.int64)) + 1
    return at_ms - (into if into < days else 0) * DAY_MS


def _midnight(at_ms: int) -> int:
    """The local midnight that begins the day of `at_ms`."""
    return (at_ms + CHINA_MS) // DAY_MS * DAY_MS - CHINA_MS


def assign_roles(
    rng: np.random.Generator, *, size: int, has_broadband: np.ndarray[Any, Any]
) -> dict[str, np.ndarray[Any, Any]]:
    """Deal the subscribers out to the roles: name to sorted row numbers, nobody twice."""
    free = rng.permutation(size)
    lines = [row for row in free if has_broadband[row]]
    without_broadband = [row for row in free if not has_broadband[row]]
    dealt: dict[str, np.ndarray[Any, Any]] = {}
    for role in sorted(ROLES, key=lambda each: each.needs, reverse=True):
        wanted = max(1, round(size * role.touched / 1000))
        pile = (
            lines
            if role.needs
            else without_broadband
            if len(without_broadband) >= wanted
            else lines
        )
        chosen_rows, pile[:wanted] = pile[:wanted], []
        dealt[role.name] = np.sort(np.array(chosen_rows, dtype=np.int64))
    return dealt


def complaint_share(size: int) -> float:
    """How far complaining is thinned in a large world: 700 contacts plus one per 20 subscribers.

    >>> complaint_share(1_000)
    1.0
    >>> complaint_share(5_000)
    0.76
    >>> complaint_share(100_000)
    0.228
    """
    return min(1.0, (700 + size / 20) / (size / 4))
