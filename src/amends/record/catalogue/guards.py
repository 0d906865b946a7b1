"""What the database itself holds: the terms of a version never change; only its end is set."""

from __future__ import annotations

from amends.platform.database.trigger import Trigger

_TERMS = (
    "offer_id",
    "version",
    "name_zh",
    "name_en",
    "price_minor",
    "currency",
    "allowance_mb",
    "allowance_minutes",
    "allowance_messages",
    "speed_down_kbps",
    "speed_up_kbps",
    "speed_min_kbps",
    "contract_months",
    "exit_fee_minor",
    "out_of_plan_minor_per_mb",
    "facts",
    "valid_from",
)
_CHANGED = " OR ".join(
    f"COALESCE(CAST(OLD.{name} AS text), '') <> COALESCE(CAST(NEW.{name} AS text), '')"
    for name in _TERMS
)

GUARDS = [
    Trigger(
        name="catalogue_terms_stay",
        table="catalogue_offer_version",
        events="BEFORE UPDATE",
        when=_CHANGED,
        refuse="The terms of an offer version never change; publish a new version.",
    ),
]
