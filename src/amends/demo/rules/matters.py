"""Each role's matter: the words it is told in, the codes that fit, the cause behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from amends.demo.rules.rhythm import draw_moments
from amends.demo.rules.scenario import ROLES
from amends.demo.rules.stage import Stage, Trouble


@dataclass(frozen=True, slots=True)
class Matter:
    """`words` names the grammar; `codes` are the classes that fit, the best first."""

    words: str
    codes: tuple[str, ...]


_ADDON = Matter("vas", ("consent.unauthorised_change", "thirdparty.value_added"))
_ABROAD = Matter("roaming", ("reminder.missing", "billing.usage_cap"))
_OVERAGE = Matter("overage", ("reminder.missing", "billing.usage_cap"))
_SLOW = Matter("slow", ("network.speed",))
_LEAK = Matter("leak", ("privacy.data_misuse", "nuisance.spam_fraud"))
_EXIT = Matter("exit_fee", ("consent.cancel_stop",))

MATTERS: dict[str, Matter] = {
    "vas_unconfirmed": _ADDON,
    "vas_refused": Matter("vas_refused", _ADDON.codes),
    "vas_forgot": _ADDON,
    "vas_dishonest": _ADDON,
    "vas_gap": _ADDON,
    "roaming_untold": _ABROAD,
    "roaming_told": _ABROAD,
    "claim_buyer": Matter("advert", ("marketing.promise_not_kept",)),
    "line_degraded": _SLOW,
    "line_healthy": _SLOW,
    "line_unmeasured": _SLOW,
    "looked_up": _LEAK,
    "looked_up_rightly": _LEAK,
    "charged_twice": Matter("double", ("billing.wrong_charge",)),
    "exit_fee_wrong": _EXIT,
    "exit_fee_right": _EXIT,
    "stop_ignored": Matter("stop_ignored", ("consent.cancel_stop", "billing.wrong_charge")),
    "price_rise_told": Matter("price_rise", ("billing.price_fees",)),
    "overage_told": _OVERAGE,
    "overage_untold": _OVERAGE,
    "plan_switched": Matter("plan_switched", ("consent.unauthorised_change",)),
    "late_install": Matter("install", ("service.install_move",)),
    "line_cut": Matter("outage", ("network.outage", "service.repair_equipment")),
    "outage": Matter("outage", ("network.outage",)),
    "no_signal": Matter("signal", ("network.coverage",)),
    "site_blocked": Matter("blocked", ("network.content_blocking",)),
    "repair_late": Matter("repair", ("service.repair_equipment",)),
    "rude_staff": Matter("rude", ("service.support",)),
    "bundled": Matter("bundled", ("marketing.bundling_exclusive",)),
    "deposit_kept": Matter("deposit", ("billing.refund_credit",)),
    "spam": Matter("spam", ("nuisance.spam_fraud",)),
    "unanswered": Matter("unanswered", ("handling.no_resolution",)),
    "unspecific": Matter("unspecific", ("other.unspecific",)),
    "enquiry": Matter("enquiry", ("other.unspecific",)),
    "pack_withdrawn": Matter("pack_withdrawn", ("consent.unauthorised_change",)),
    "mast": Matter("site", ("network.site_objection",)),
}
CAUSES: dict[str, str] = {role.name: role.cause for role in ROLES}

# Matters about which the simulated feeds hold no facts: only a person can decide them.
WITHOUT_FACTS: tuple[str, ...] = (
    "outage", "no_signal", "site_blocked", "repair_late", "rude_staff", "bundled", "deposit_kept",
    "spam", "unanswered", "unspecific", "enquiry",
)  # fmt: skip
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
                Trouble(role, person, at_ms, stage.services.ref[row], stage.services.offer[row])
            )
    count = max(1, stage.size * _MASTS_PER_THOUSAND // 1000)
    moments = draw_moments(rng, count=count, from_ms=scenario.start_ms, to_ms=scenario.end_ms)
    stage.troubles += [Trouble("mast", -1, at_ms) for at_ms in moments.tolist()]
