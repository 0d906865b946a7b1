"""Economic replicability test: could an efficient competitor sell this with wholesale inputs?

BEREC BoR (14) 190; Recommendation 2013/466/EU, Annex II; Recommendation (EU) 2024/539.
"""

from __future__ import annotations

from typing import Any

from amends.causes.launches.rules.case import Case
from amends.causes.launches.rules.forecast import forecast


def replicability(case: Case) -> dict[str, Any]:
    """Retail less wholesale less downstream over the average lifetime (DCF), with all parameters.

    The costs are LRIC+ of an equally efficient operator, adjusted for scale.
    """
    rows = case["replicability"]
    if not rows:
        return {"tested": False}
    row = rows[0]
    retail = retail_month(case)
    downstream = row["downstream_month"] * row["scale_factor"]
    monthly = retail - row["wholesale_month"] - downstream
    rate = (1 + row["discount_rate"]) ** (1 / 12)
    worth = sum(monthly / rate**month for month in range(1, row["lifetime_months"] + 1))
    margin = worth - row["downstream_once"] * row["scale_factor"]
    return {
        "tested": True,
        "passes": margin >= 0,
        "margin_per_user": margin,
        "margin_month": monthly,
        "retail_month": retail,
        "parameters": {
            **row,
            "cost_standard": "LRIC+",
            "method": "DCF over the lifetime",
            "operator": "equally efficient, adjusted for scale",
        },
    }


def retail_month(case: Case) -> float:
    """Average income a user and month over the whole case."""
    forecast_run = forecast(case)
    users = float(forecast_run.active.sum())
    return float(forecast_run.lines["income"].sum()) / users if users else 0.0
