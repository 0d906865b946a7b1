"""The assessment of a case: figures, verdict, and the sentences that give its reasons."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from amends.causes.launches.rules.capacity import capacity
from amends.causes.launches.rules.case import Case, sha256
from amends.causes.launches.rules.finance import irr, payback
from amends.causes.launches.rules.forecast import LINES, Forecast, bands, complaint_rate, forecast
from amends.causes.launches.rules.replicability import replicability
from amends.causes.launches.rules.risk import break_even, risk, sobol_totals
from amends.causes.launches.rules.sheets import TRAFFIC, UnableToReadCase
from amends.causes.launches.rules.switching import switched
from amends.engines.stats.rates import rate
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.packs import load_rules
from amends.platform.kit.translatable import Translatable

GATES = ("key_facts", "publicity", "notices", "confirmations", "privacy", "vetting")
GATE_WORDS = {
    "key_facts": _("key facts"),
    "publicity": _("publicity"),
    "notices": _("reminders"),
    "confirmations": _("confirmations"),
    "privacy": _("privacy review"),
    "vetting": _("partner and app check"),
}
UNIT_WORDS = {"min": _("Minutes"), "sms": _("Messages"), "mb": _("Megabytes")}
Gates = Mapping[str, tuple[str, str]]
"""Gate → state (open, red, green) and reason."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Where conditions begin, and where the answer is no."""

    rules: str
    loss: tuple[float, float]
    complaints: tuple[float, float]


def limits_on(day: date) -> Limits:
    """The limits in force on a day."""
    file = load_rules("amends.causes.launches", "verdict", day)
    pairs = [
        (float(file.data[name]["conditions_above"]), float(file.data[name]["no_above"]))
        for name in ("probability_of_loss", "complaints_per_million")
    ]
    return Limits(file.version, *pairs)


@dataclass(slots=True)
class AssessmentFindings:
    """Sentences by what they do to the verdict."""

    against: list[Translatable] = field(default_factory=list)
    conditions: list[Translatable] = field(default_factory=list)
    reasons: list[Translatable] = field(default_factory=list)
    warnings: list[Translatable] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        """go, go_with_conditions or no."""
        return "no" if self.against else "go_with_conditions" if self.conditions else "go"


def assess(case: Case, *, limits: Limits, gates: Gates, draws: int, seed: int) -> dict[str, Any]:
    """The document of `amends launches assess`, without the seconds it took."""
    head = case["case"][0]
    forecast_run = forecast(case)
    cash = [float(amount) for amount in forecast_run.cash[:, 0]]
    monthly, irr_warnings = irr(cash)
    spread = risk(case, draws=draws, seed=seed)
    figures: dict[str, Any] = {
        "npv": float(forecast_run.npv(head["discount_rate"])[0]),
        "irr": None if monthly is None else (1 + monthly) ** 12 - 1,
        "payback_months": payback(cash),
        "cash_low": _low(cash),
        "p10": spread.p10,
        "p50": spread.p50,
        "p90": spread.p90,
        "probability_of_loss": spread.probability_of_loss,
        "sobol": sobol_totals(case, seed=seed),
        "capacity": capacity(case, [float(users) for users in forecast_run.active[:, 0]]),
        "replicability": replicability(case),
        "break_even": break_even(case),
        "complaints": _complaints(case, forecast_run),
        "usage_bands": _bands(case),
        "switching": [
            {
                "segment": switched_segment.segment,
                "buyers": switched_segment.buyers,
                "from": dict(switched_segment.sources),
            }
            for switched_segment in switched(case)
        ],
        "lines": {name: float(forecast_run.lines[name].sum()) for name in LINES},
        "months": _months(forecast_run)
        | {"users_p10": spread.users_p10, "users_p90": spread.users_p90},
        "gates": {gate: gates.get(gate, ("open", ""))[0] for gate in GATES},
    }
    if not _is_finite(figures):
        raise UnableToReadCase(
            _("The figures are too far apart to be calculated."),
            meaning=_("Nothing was stored, and nothing is lost."),
            next_step=_("Check the largest and the smallest of them."),
        )
    findings = AssessmentFindings(
        warnings=[
            irr_warning for irr_warning in irr_warnings if isinstance(irr_warning, Translatable)
        ]
    )
    _judge_value(figures, findings, limits, head["currency"])
    _judge_settlement(figures, findings)
    _judge_operation(figures, findings, limits)
    _judge_gates(gates, findings)
    findings.warnings += _doubts(case)
    if not case["stop_loss"]:
        findings.conditions.append(
            Translatable(_("Fix stop-loss limits before the start; the sheet stop_loss has none."))
        )
    return {
        "verdict": findings.verdict,
        "conditions": findings.conditions,
        "reasons": findings.against + findings.reasons,
        **figures,
        "warnings": findings.warnings,
        "launch": head["launch"],
        "offer": head["offer"],
        "currency": head["currency"],
        "rules": limits.rules,
        "draws": draws,
        "seed": seed,
        "inputs_sha256": sha256(case),
    }


def _judge_value(
    figures: Mapping[str, Any], findings: AssessmentFindings, limits: Limits, money: str
) -> None:
    npv, loss = figures["npv"], figures["probability_of_loss"]
    share = f"{loss:.1%}"
    if npv < 0:
        findings.against.append(
            Translatable(
                _("It loses money: net present value %(npv)s %(currency)s."),
                npv=f"{npv:,.0f}",
                currency=money,
            )
        )
    else:
        findings.reasons.append(
            Translatable(
                _("Net present value %(npv)s %(currency)s; P10 to P90 %(p10)s to %(p90)s."),
                npv=f"{npv:,.0f}",
                currency=money,
                p10=f"{figures['p10']:,.0f}",
                p90=f"{figures['p90']:,.0f}",
            )
        )
    low, high = limits.loss
    if loss > high:
        findings.against.append(
            Translatable(
                _("A loss is more likely than the limit allows: %(share)s of the draws."),
                share=share,
            )
        )
    elif loss > low:
        findings.conditions.append(
            Translatable(
                _("Lower the risk: %(share)s of the draws lose money, above %(limit)s."),
                share=share,
                limit=f"{low:.0%}",
            )
        )
    else:
        findings.reasons.append(Translatable(_("%(share)s of the draws lose money."), share=share))


def _judge_settlement(figures: Mapping[str, Any], findings: AssessmentFindings) -> None:
    lines = figures["lines"]
    if lines["settlement"] > lines["income"]:
        findings.against.append(
            Translatable(
                _("Settlement costs more than users pay: %(cost)s against %(income)s."),
                cost=f"{lines['settlement']:,.0f}",
                income=f"{lines['income']:,.0f}",
            )
        )
    loss = [
        usage_band
        for usage_band in figures["usage_bands"]
        if usage_band["settlement"] > usage_band["income"]
    ]
    if loss:
        share = sum(band["to"] - band["from"] for band in loss) / 100
        cost = sum((band["to"] - band["from"]) / 100 * band["settlement"] for band in loss)
        total_cost = sum(
            (usage_band["to"] - usage_band["from"]) / 100 * usage_band["settlement"]
            for usage_band in figures["usage_bands"]
        )
        findings.conditions.append(
            Translatable(
                _(
                    "Limit or price heavy use: %(share)s of the users cost more in settlement "
                    "than they pay, and make %(cost)s of that cost."
                ),
                share=f"{share:.0%}",
                cost=f"{cost / total_cost:.0%}",
            )
        )


def _judge_operation(
    figures: Mapping[str, Any], findings: AssessmentFindings, limits: Limits
) -> None:
    for name, resource in figures["capacity"].items():
        if resource["short_from_month"] is not None:
            findings.conditions.append(
                Translatable(
                    _(
                        "Extend %(resource)s before month %(month)s: %(needed)s are needed, "
                        "%(installed)s are there."
                    ),
                    resource=name,
                    month=resource["short_from_month"],
                    needed=f"{resource['needed']:,.0f}",
                    installed=f"{resource['installed']:,.0f}",
                )
            )
    test = figures["replicability"]
    if not test["tested"]:
        findings.warnings.append(Translatable(_("The economic replicability test was not made.")))
    elif not test["passes"]:
        findings.against.append(
            Translatable(
                _("An efficient competitor could not copy it: %(margin)s a user in a lifetime."),
                margin=f"{test['margin_per_user']:,.2f}",
            )
        )
    rate_month = figures["complaints"]["per_million_month"]
    if rate_month is None:
        findings.warnings.append(
            Translatable(_("Complaints are not forecast: no similar launch is named."))
        )
        return
    low, high = limits.complaints
    rate_text = f"{rate_month:,.0f}"
    if rate_month > high:
        findings.against.append(
            Translatable(
                _("Similar launches brought %(rate)s complaints per million users and month."),
                rate=rate_text,
            )
        )
    elif rate_month > low:
        findings.conditions.append(
            Translatable(
                _(
                    "Mend what similar launches were complained of: %(rate)s complaints per "
                    "million users and month."
                ),
                rate=rate_text,
            )
        )


def _judge_gates(gates: Gates, findings: AssessmentFindings) -> None:
    for gate in GATES:
        state, reason = gates.get(gate, ("open", ""))
        name = Translatable(GATE_WORDS[gate])
        if state == "red":
            condition = _("Clear the gate “%(gate)s”: %(reason)s")
            findings.conditions.append(Translatable(condition, gate=name, reason=reason))
        elif state == "open":
            findings.warnings.append(
                Translatable(_("Nobody has checked “%(gate)s” yet."), gate=name)
            )


def _doubts(case: Case) -> list[Translatable]:
    """What makes a launch look better than it is: new income that replaces what was free, a side
    of the costs that is empty, prices of 0.
    """
    return [*_doubts_of_income(case), *_doubts_of_prices(case), *_doubts_of_costs(case)]


def _doubts_of_income(case: Case) -> Iterator[Translatable]:
    margins = {row["tariff"]: row["margin_month"] for row in case["tariffs"]}
    if not case["switches"]:
        yield Translatable(
            _(
                "All income counts as new: no old tariff is named from which buyers switch. "
                "Name those who use it now, even free of charge."
            )
        )
    for tariff in dict.fromkeys(row["tariff"] for row in case["switches"]):
        if margins[tariff] <= 0:
            yield Translatable(
                _(
                    "Who switches from %(tariff)s brings no margin today, so all that they pay "
                    "counts as new. Check that they will pay for what was free."
                ),
                tariff=tariff,
            )


def _doubts_of_prices(case: Case) -> Iterator[Translatable]:
    price = case["price"][0]
    if not price["month"]:
        yield Translatable(
            _("The price of a month is 0: all income comes from use beyond the allowance.")
        )
    minutes = max(row["on_net_min"] + row["off_net_min"] for row in case["usage"])
    max_usage = {"min": minutes} | {
        unit: max(row[kind] for row in case["usage"])
        for unit, kind in (("sms", "sms"), ("mb", "data_mb"))
    }
    for unit, used in max_usage.items():
        if used > price[f"included_{unit}"] and not price[f"extra_{unit}"]:
            yield Translatable(
                _("%(what)s beyond the allowance cost users nothing."),
                what=Translatable(UNIT_WORDS[unit]),
            )
    if not any(row[kind] for row in case["usage"] for kind in TRAFFIC):
        yield Translatable(_("Nobody uses it: all use is 0."))


def _doubts_of_costs(case: Case) -> Iterator[Translatable]:
    if not any(row["rate"] * row["share"] for row in case["settlement"]):
        yield Translatable(_("Settlement costs nothing: every rate is 0."))
    costs = [row for row in case["costs"] if row["amount"]]
    if not costs:
        yield Translatable(_("The launch costs nothing: every amount in the sheet costs is 0."))
    elif all(row["kind"] == "once" for row in costs):
        yield Translatable(_("Running the service costs nothing: all costs are paid once."))
    if case["complaints"] and not case["case"][0]["complaint_cost"]:
        yield Translatable(_("Complaints cost nothing: complaint_cost is 0."))


def _is_finite(figures: object) -> bool:
    """Whether every number of a document is finite."""
    if isinstance(figures, Mapping):
        return all(map(_is_finite, figures.values()))
    if isinstance(figures, list):
        return all(map(_is_finite, figures))
    return not isinstance(figures, float) or math.isfinite(figures)


def _low(cash: list[float]) -> float:
    total = low = 0.0
    for amount in cash:
        total += amount
        low = min(low, total)
    return low


def _complaints(case: Case, forecast: Forecast) -> dict[str, Any]:
    months = sum(row["user_months"] for row in case["complaints"])
    if not months:
        return {"per_million_month": None, "low": None, "high": None, "expected": None}
    count = sum(row["complaints"] for row in case["complaints"])
    a_million = rate(count, months)
    return {
        "per_million_month": a_million.rate,
        "low": a_million.low,
        "high": a_million.high,
        "expected": complaint_rate(case) * float(forecast.active.sum()),
    }


def _bands(case: Case) -> list[dict[str, float]]:
    return [
        {"from": band.start, "to": band.end, "income": band.income, "settlement": band.settlement}
        for band in bands(case)
    ]


def _months(forecast: Forecast) -> dict[str, list[float]]:
    """Users, income and all cost, month by month from 0."""
    cost = np.sum(
        [forecast.lines[line] for line in LINES if line not in ("income", "churn_saved")], 0
    )
    return {
        "users": forecast.active[:, 0].tolist(),
        "income": (forecast.lines["income"] + forecast.lines["churn_saved"])[:, 0].tolist(),
        "cost": cost[:, 0].tolist(),
        "cash": forecast.cash[:, 0].tolist(),
    }
