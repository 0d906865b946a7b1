# ruff: noqa: S608 (every name in these statements is our own)
"""What the database itself refuses: an executed order without its confirmations, above all.

The actions check the same; these triggers hold when the actions are wrong, or are not asked.
On PostgreSQL a confirmation takes its order's row lock, so a refusal at the same moment is seen.
"""

from __future__ import annotations

from amends.platform.database.trigger import Trigger

_ORDER, _ASKED = "confirmations_order", "confirmations_challenge"
_GIVEN, _RUNS = "confirmations_confirmation", "confirmations_runningservice"
_HERE = "confirmations_presence"
_FINAL = "('executed', 'refused', 'lapsed', 'cancelled')"
_FIXED = (
    "id",
    "key",
    "order",
    "subscriber",
    "service",
    "kind",
    "offer",
    "offer_version",
    "before",
    "name_zh",
    "name_en",
    "price_minor",
    "currency",
    "term_months",
    "provider",
    "agent",
    "campaign",
    "claim",
    "initiator",
    "channel",
    "placed_by",
    "pack",
    "rules",
    "versions",
    "needed",
    "methods",
    "terms_hash",
    "exception",
    "exception_reference",
    "exception_by",
    "not_before",
    "placed_at",
    "lapses_at",
)
_PEOPLE_COLUMNS = (
    "id",
    "subscriber",
    "way",
    "channel",
    "recorded_by",
    "partner",
    "asked_at",
    "expires_at",
)
_RECORDED = (
    "service",
    "subscriber",
    "kind",
    "offer",
    "offer_version",
    "price_minor",
    "currency",
    "provider",
    "agent",
    "campaign",
    "origin",
    "source",
    "source_ref",
    "covered",
    "order_id",
    "since",
)


def _refuse_if(condition: str, message: str, *, lock: str = "") -> dict[str, str]:
    """The bodies of a guard whose condition asks other tables, which WHEN may not."""
    raised = f"RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation';"
    return {
        "sqlite": f"SELECT RAISE(ABORT, '{message}') WHERE {condition};",
        "postgres": f"{lock} IF {condition} THEN {raised} END IF;",
    }


def _changed(*columns: str) -> str:
    return " OR ".join(f'NEW."{name}" IS DISTINCT FROM OLD."{name}"' for name in columns)


_CONFIRMED = (
    f"(SELECT COUNT(*) FROM {_GIVEN} c WHERE c.order_id = NEW.id"
    " AND c.terms_hash = NEW.terms_hash AND c.step BETWEEN 1 AND NEW.needed)"
)
_FITS = (
    f"EXISTS (SELECT 1 FROM {_ASKED} a WHERE a.id = NEW.challenge_id"
    " AND a.order_id = NEW.order_id AND a.step = NEW.step AND a.form = NEW.form"
    " AND a.terms_hash = NEW.terms_hash AND a.answer IN ('', 'yes')"
    " AND a.asked_at <= NEW.given_at AND NEW.given_at < a.expires_at)"
)
_PRESENT = (
    "EXISTS (SELECT 1 FROM confirmations_presence p JOIN confirmations_order o"
    " ON o.id = NEW.order_id WHERE p.id = NEW.presence_id AND p.subscriber = o.subscriber"
    " AND p.shown_at IS NOT NULL AND p.shown_at <= NEW.given_at AND NEW.given_at < p.valid_until)"
)
_EARNS = (
    f"EXISTS (SELECT 1 FROM {_ORDER} o LEFT JOIN {_HERE} p ON p.id = NEW.presence_id"
    " WHERE o.id = NEW.order_id AND ((NEW.partner <> '' AND NEW.partner IN (o.provider, o.agent))"
    " OR (p.partner <> '' AND p.partner IN (o.provider, o.agent))))"
)
_OPEN_ORDER = (
    f"EXISTS (SELECT 1 FROM {_ORDER} o WHERE o.id = NEW.order_id AND o.state = 'waiting'"
    " AND o.terms_hash = NEW.terms_hash AND NEW.step BETWEEN 1 AND o.needed)"
)
_EXECUTED_ORDER = (
    f"EXISTS (SELECT 1 FROM {_ORDER} o WHERE o.id = NEW.order_id AND o.state = 'executed'"
    " AND o.\"order\" <> 'stop'"
    " AND o.service = NEW.service AND o.offer = NEW.offer AND o.subscriber = NEW.subscriber)"
    f" AND NOT EXISTS (SELECT 1 FROM {_RUNS} r WHERE r.order_id = NEW.order_id)"
)
_LOCKED = f"PERFORM 1 FROM {_ORDER} o WHERE o.id = NEW.order_id FOR UPDATE;"
_SUSPENDED = (
    "EXISTS (SELECT 1 FROM partners_sanction s WHERE s.partner_id IN (NEW.provider, NEW.agent)"
    " AND s.kind IN ('suspension', 'exclusion') AND s.imposed_at <= NEW.settled_at"
    " AND s.lifted_at IS NULL AND (s.until IS NULL OR s.until > NEW.settled_at))"
)
_UNCONTRACTED = (
    "EXISTS (SELECT 1 FROM partners_contract c WHERE c.partner_id IN (NEW.provider, NEW.agent)"
    " AND NOT EXISTS (SELECT 1 FROM partners_contract k WHERE k.partner_id = c.partner_id"
    " AND k.valid_from <= NEW.settled_at"
    " AND (k.valid_to IS NULL OR k.valid_to > NEW.settled_at)"
    " AND k.brand IN ('', (SELECT s.brand FROM subscribers_subscriber s"
    " WHERE s.pseudonym = NEW.subscriber))))"
)
_FROZEN = (
    "EXISTS (SELECT 1 FROM catalogue_sale_freeze f WHERE f.lifted_at IS NULL"
    " AND ((f.kind IN ('offer', 'launch') AND f.ref = NEW.offer)"
    " OR (f.kind = 'campaign' AND f.ref = NEW.campaign AND f.ref <> '')))"
)

GUARDS = [
    Trigger(
        name="confirmations_order_begins_waiting",
        table=_ORDER,
        events="BEFORE INSERT",
        when="NEW.state <> 'waiting'",
        refuse="An order begins waiting for the user.",
    ),
    Trigger(
        name="confirmations_order_terms_stay",
        table=_ORDER,
        events="BEFORE UPDATE",
        when=_changed(*_FIXED),
        refuse="The terms of an order stay as they were put to the user; place another.",
    ),
    Trigger(
        name="confirmations_order_final",
        table=_ORDER,
        events="BEFORE UPDATE",
        when=f"OLD.state IN {_FINAL} AND NEW.state <> OLD.state",
        refuse="An order that is settled stays settled; place another.",
    ),
    Trigger(
        name="confirmations_order_confirmed",
        table=_ORDER,
        events="BEFORE UPDATE",
        when="NEW.state IN ('confirmed', 'executed') AND OLD.state <> NEW.state",
        **_refuse_if(
            f"NEW.exception = '' AND {_CONFIRMED} < NEW.needed",
            "No order is carried out without its confirmations.",
        ),
    ),
    Trigger(
        name="confirmations_order_not_frozen",
        table=_ORDER,
        events="BEFORE UPDATE",
        when="NEW.state = 'executed' AND OLD.state <> 'executed' AND NEW.\"order\" <> 'stop'",
        **_refuse_if(_FROZEN, "The offer or campaign is taken from sale."),
    ),
    Trigger(
        name="confirmations_order_of_no_suspended_partner",
        table=_ORDER,
        events="BEFORE UPDATE",
        when="NEW.state = 'executed' AND OLD.state <> 'executed' AND NEW.\"order\" <> 'stop'",
        **_refuse_if(_SUSPENDED, "Who provides or sells it is suspended."),
    ),
    Trigger(
        name="confirmations_order_of_a_partner_under_contract",
        table=_ORDER,
        events="BEFORE UPDATE",
        when="NEW.state = 'executed' AND OLD.state <> 'executed' AND NEW.\"order\" <> 'stop'",
        **_refuse_if(_UNCONTRACTED, "Who provides or sells it has no contract in force for it."),
    ),
    Trigger(
        name="confirmations_order_told_once",
        table=_ORDER,
        events="BEFORE UPDATE",
        when="OLD.told_at IS NOT NULL AND NEW.told_at IS DISTINCT FROM OLD.told_at",
        refuse="When the user was told ahead stays as it was.",
    ),
    Trigger(
        name="confirmations_order_told_ahead",
        table=_ORDER,
        events="BEFORE UPDATE",
        when="NEW.state = 'executed' AND OLD.state <> 'executed'"
        " AND ((NEW.not_before IS NOT NULL"
        " AND (NEW.told_at IS NULL OR NEW.settled_at IS NULL OR NEW.settled_at < NEW.not_before))"
        " OR NEW.settled_at IS NULL)",
        refuse="The user was not told ahead, or the days of notice are not over.",
    ),
    Trigger(
        "confirmations_order_stays",
        _ORDER,
        "BEFORE DELETE",
        refuse="Orders are kept.",
    ),
    Trigger(
        name="confirmations_challenge_stays",
        table=_ASKED,
        events="BEFORE UPDATE",
        when=f"OLD.answer <> '' OR {_changed('order_id', 'step', 'form', 'channel', 'terms_hash')}"
        f" OR {_changed('print', 'link_print', 'asked_at', 'expires_at')}"
        " OR NEW.attempts < OLD.attempts",
        refuse="A challenge is answered once and never changed.",
    ),
    Trigger(
        "confirmations_challenge_kept",
        _ASKED,
        "BEFORE DELETE",
        refuse="Challenges are kept.",
    ),
    Trigger(
        "confirmations_given_on_an_open_order",
        _GIVEN,
        "BEFORE INSERT",
        **_refuse_if(
            f"NOT {_OPEN_ORDER}",
            "The order does not wait for this confirmation.",
            lock=_LOCKED,
        ),
    ),
    Trigger(
        "confirmations_given_has_proof",
        _GIVEN,
        "BEFORE INSERT",
        **_refuse_if(
            f"(NEW.challenge_id IS NOT NULL AND NOT {_FITS})"
            f" OR (NEW.challenge_id IS NULL AND NOT {_PRESENT})",
            "The challenge is not one of this order, step and terms, or its time is over.",
        ),
    ),
    Trigger(
        "confirmations_given_to_nobody_who_earns",
        _GIVEN,
        "BEFORE INSERT",
        **_refuse_if(_EARNS, "Who provides or sells the service takes down no confirmation."),
    ),
    Trigger(
        "confirmations_given_stays",
        _GIVEN,
        "BEFORE UPDATE",
        refuse="A confirmation stays as it was given.",
    ),
    Trigger(
        "confirmations_given_kept",
        _GIVEN,
        "BEFORE DELETE",
        refuse="Confirmations are kept; withdraw by an order to stop.",
    ),
    Trigger(
        name="confirmations_runs_by_order",
        table=_RUNS,
        events="BEFORE INSERT",
        when="NEW.origin = 'amends'",
        **_refuse_if(
            f"NOT ({_EXECUTED_ORDER})",
            "What Amends carries out needs its executed order.",
            lock=_LOCKED,
        ),
    ),
    Trigger(
        name="confirmations_runs_as_recorded",
        table=_RUNS,
        events="BEFORE UPDATE",
        when=f"{_changed(*_RECORDED)} OR (OLD.until IS NOT NULL AND NEW.until IS NULL)",
        refuse="What ran stays as it was recorded.",
    ),
    Trigger(
        "confirmations_runs_kept",
        _RUNS,
        "BEFORE DELETE",
        refuse="What ran is kept.",
    ),
    Trigger(
        name="confirmations_presence_stays",
        table=_HERE,
        events="BEFORE UPDATE",
        when="OLD.shown_at IS NOT NULL OR NEW.attempts < OLD.attempts"
        " OR (NEW.code_print <> OLD.code_print AND NEW.code_print <> '')"
        f" OR {_changed(*_PEOPLE_COLUMNS)}",
        refuse="Who was there, and when, stays as it was recorded.",
    ),
    Trigger(
        "confirmations_presence_kept",
        _HERE,
        "BEFORE DELETE",
        refuse="Presences are kept.",
    ),
]
