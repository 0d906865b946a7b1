"""Consequences of a partner's score: steps by dated rules, with hearing and appeal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from amends.causes.vetting.rules.partner_scores import ComponentScore, PartnerStanding
from amends.platform.kit.packs import load_rules

PROBATION = "probation"
STOP_ORDERS = "stop_orders"
END_CONTRACT = "end_contract"
STEPS = (PROBATION, STOP_ORDERS, END_CONTRACT)


@dataclass(frozen=True, slots=True)
class StepCondition:
    """A component whose whole interval is above a limit leads to a step.

    above   limit, in the unit of the component
    worse   whether the partner must also be worse than the others
    """

    step: str
    component: str
    above: float
    worse: bool
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class PartnerRules:
    """The dated table: conditions, days of hearing and appeal, length of a probation."""

    conditions: tuple[StepCondition, ...]
    hearing_days: int
    appeal_days: int
    probation_days: int
    version: str


@dataclass(frozen=True, slots=True)
class ProposedStep:
    """The severest step that the rules lead to, with the components that lead to it."""

    step: str
    reasons: tuple[StepCondition, ...]


def partner_rules(on: date) -> PartnerRules:
    """The rules in force on a day."""
    rules_file = load_rules("amends.causes.vetting", "partner-consequences", on)
    procedure = next(rule for rule in rules_file.rules if rule["id"] == "procedure")
    return PartnerRules(
        conditions=tuple(
            StepCondition(
                step=rule["step"],
                component=rule["component"],
                above=float(rule["above"]),
                worse=bool(rule["worse"]),
                zh=rule["zh"],
                en=rule["en"],
            )
            for rule in rules_file.rules
            if rule["id"] != "procedure"
        ),
        hearing_days=int(procedure["hearing_days"]),
        appeal_days=int(procedure["appeal_days"]),
        probation_days=int(procedure["probation_days"]),
        version=rules_file.version,
    )


def proposed_step(partner_standing: PartnerStanding, rules: PartnerRules) -> ProposedStep | None:
    """The consequence of a score; None where there is none.

    The lower end of each interval is compared with the limit, never the estimate.
    """
    met = [
        condition
        for condition in rules.conditions
        if any(_meets(component, condition) for component in partner_standing.components)
    ]
    if not met:
        return None
    step = max((met_condition.step for met_condition in met), key=STEPS.index)
    return ProposedStep(
        step, tuple(met_condition for met_condition in met if met_condition.step == step)
    )


def _meets(component: ComponentScore, condition: StepCondition) -> bool:
    return (
        component.component == condition.component
        and component.low > condition.above
        and (component.is_worse or not condition.worse)
    )
