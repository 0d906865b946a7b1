"""Each role's matter: the words it is told in, the codes that fit, the cause behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from amends_demo.rules.rhythm import draw_moments
from amends_demo.rules.scenario import ROLES
from amends_demo.rules.stage import Stage, Trouble


@dataclass(frozen=True, slots=True)
class SimulatedMatter:
    """`words` names the grammar; `codes` are the classes that fit, the best first."""

    words: str
    codes: tuple[str, ...]


_ADDON = SimulatedMatter("vas", ("consent.unauthorised_change", "thirdparty.value_added"))
_ABROAD = SimulatedMatter("roaming", ("reminder.missing", "billing.usage_cap"))
_OVERAGE = SimulatedMatter("overage", ("reminder.missing", "billing.usage_cap"))
_SLOW = SimulatedMatter("slow", ("network.speed",))
_LEAK = SimulatedMatter("leak", ("privacy.data_misuse", "nuisance.spam_fraud"))
_EXIT = SimulatedMatter("exit_fee", ("consent.cancel_stop",))

MATTERS: dict[str, SimulatedMatter] = {
    "vas_unconfirmed": _ADDON,
    "vas_refused": SimulatedMatter("vas_refused", _ADDON.codes),
    "vas_forgot": _ADDON,
    "vas_dishonest": _ADDON,
    "vas_gap": _ADDON,
    "roaming_untold": _ABROAD,
    "roaming_told": _ABROAD,
    "claim_buyer": SimulatedMatter("advert", ("marketing.promise_not_kept",)),
    "line_degraded": _SLOW,
    "line_healthy": _SLOW,
    "line_unmeasured": _SLOW,
    "looked_up": _LEAK,
    "looked_up_rightly": _LEAK,
    "charged_twice": SimulatedMatter("double", ("billing.wrong_charge",)),
    "exit_fee_wrong": _EXIT,
    "exit_fee_right": _EXIT,
    "stop_ignored": SimulatedMatter(
        "stop_ignored", ("consent.cancel_stop", "billing.wrong_charge")
    ),
    "price_rise_told": SimulatedMatter("price_rise", ("billing.price_fees",)),
    "overage_told": _OVERAGE,
    "overage_untold": _OVERAGE,
    "plan_switched": SimulatedMatter("plan_switched", ("consent.unauthorised_change",)),
    "late_install": SimulatedMatter("install", ("service.install_move",)),
    "line_cut": SimulatedMatter("outage", ("network.outage", "service.repair_equipment")),
    "outage": SimulatedMatter("outage", ("network.outage",)),
    "no_signal": SimulatedMatter("signal", ("network.coverage",)),
    "site_blocked": SimulatedMatter("blocked", ("network.content_blocking",)),
    "repair_late": SimulatedMatter("repair", ("service.repair_equipment",)),
    "rude_staff": SimulatedMatter("rude", ("service.support",)),
    "bundled": SimulatedMatter("bundled", ("marketing.bundling_exclusive",)),
    "deposit_kept": SimulatedMatter("deposit", ("billing.refund_credit",)),
    "spam": SimulatedMatter("spam", ("nuisance.spam_fraud",)),
    "unanswered": SimulatedMatter("unanswered", ("handling.no_resolution",)),
    "unspecific": SimulatedMatter("unspecific", ("other.unspecific",)),
    "enquiry": SimulatedMatter("enquiry", ("other.unspecific",)),
    "pack_withdrawn": SimulatedMatter("pack_withdrawn", ("consent.unauthorised_change",)),
    "mast": SimulatedMatter("site", ("network.site_objection",)),
}
CAUSES: dict[str, str] = {role.name: role.cause for role in ROLES}

# Matters about which the simulated feeds hold no facts: only a person can decide them.
WITHOUT_FACTS: tuple[str, ...] = (
    "outage",
    "no_signal",
    "site_blocked",
    "repair_late",
    "rude_staff",
    "bundled",
    "deposit_kept",
    "spam",
    "unanswered",
    "unspecific",
    "enquiry",
)
_MASTS_PER_THOUSAND = 3


def add_plain_matters(stage: Stage, rng: np.random.Generator) -> None:
    """Matters that no feed knows of, at the rhythm of the season; also of people from outside."""
    scenario = stage.scenario
    for role in WITHOUT_FACTS:
        people = stage.roles[role]
        moments = draw_moments(
            rng, count=len(people), from_ms=scenario.start_ms, to_ms=scenario.end_ms
        )
        for person, at_ms in zip(people.tolist(), moments.tolist(), strict=True):
            in_home = role in ("outage", "repair_late")
            row = stage.broadband[person] if in_home else int(stage.main_line[person])
            stage.troubles.append(
                Trouble(
                    role=role,
                    subscriber=person,
                    trigger_ms=at_ms,
                    service=stage.services.ref[row],
                    offer=stage.services.offer[row],
                )
            )
    count = max(1, stage.size * _MASTS_PER_THOUSAND // 1000)
    moments = draw_moments(rng, count=count, from_ms=scenario.start_ms, to_ms=scenario.end_ms)
    stage.troubles += [Trouble("mast", -1, at_ms) for at_ms in moments.tolist()]
