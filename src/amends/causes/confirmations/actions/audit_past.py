"""Audit the past from the ledger's facts: every charge of a period, and whose word it rests on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from amends.causes.confirmations.actions.authority import demand_audit
from amends.causes.confirmations.models import Audit, AuditCharge, AuditFinding
from amends.causes.confirmations.rules.audit import ENDED, GIVEN, VERDICTS, WRONG, Verdicts, audit
from amends.causes.confirmations.rules.reopened import reopened
from amends.causes.confirmations.rules.required import demanded_in
from amends.causes.confirmations.rules.summary import document, findings
from amends.people.partners.queries import partners
from amends.people.subscribers.queries.counts import of_brand
from amends.platform.database.rows import insert
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.platform.kit.ids import time_ordered_id
from amends.platform.kit.packs import day_in
from amends.record.catalogue.queries import offer, offers
from amends.record.ledger.queries import coverage
from amends.record.ledger.queries.columns import columns_of

_RECURRING = ("monthly_fee", "value_added")
_LOOKBACK = timedelta(days=62)


class UnableToReadPeriod(BadInput):
    """The period is empty, or ends in the future."""

    code = "period_malformed"


def look_back(*, start: datetime, end: datetime, actor: Actor, now: datetime) -> Audit:
    """Audit `[start, end)` and store what was found; it refunds nothing and notifies nobody.

    Somebody confined to a brand audits the charges of its subscribers.

    Only charges whose service's beginning lies where records of confirmations are complete are
    held against anybody. Of a service that was changed, only what it costs more is owed.
    """
    demand_audit(actor)
    if start >= end or end > now:
        raise UnableToReadPeriod(
            _("The period is empty, or ends in the future."),
            next_step=_("Choose a first and a last day in the past."),
        )
    charges, verdicts = judged(start=start, end=end, now=now, brand=actor.brand)
    row = Audit(
        brand=actor.brand,
        pack=settings.JURISDICTION,
        period_start=start,
        period_end=end,
        made_at=now,
        made_by=actor.ref[:64],
        document=document(charges, verdicts),
    )
    with transaction.atomic():
        row.save(force_insert=True)
        store_findings(row, charges, verdicts)
    return row


def judged(
    *, start: datetime, end: datetime, now: datetime, brand: str = ""
) -> tuple[pl.DataFrame, Verdicts]:
    """The charges of a period (of a brand) with their verdicts."""
    charges = _charges(start, end)
    if brand:
        charges = charges.filter(pl.col("subscriber").is_in(list(of_brand(brand))))
    events = _events(end)
    covered = coverage(["ConfirmationGiven"], start=_first(charges, start) - _LOOKBACK, end=end)
    gaps = [span for covered_kind in covered for span in covered_kind.gaps]
    needed = demanded_in(settings.JURISDICTION, on=day_in(settings.JURISDICTION, now))
    return charges, audit(charges, events, gaps=gaps, is_demanded=needed)


def _first(charges: pl.DataFrame, start: datetime) -> datetime:
    started: Any = charges["started_at_ms"].min()
    from_ms = int(started) if started is not None else int(start.timestamp() * 1000)
    return min(start, datetime.fromtimestamp(from_ms / 1000, tz=start.tzinfo))


def _charges(start: datetime, end: datetime) -> pl.DataFrame:
    charged = _table("ChargeMade", end, start).rename({"subject": "service"})
    charged = charged.with_columns(
        pl.col("charge_kind").alias("kind"), pl.col("happened_at_ms").alias("charged_at_ms")
    ).sort("happened_at_ms")
    joined = charged.join_asof(
        _beginnings(end),
        left_on="happened_at_ms",
        right_on="started_at_ms",
        by=["service", "offer"],
        coalesce=False,
        check_sortedness=False,
    )
    providers = {offer_view.ref: offer_view.provider for offer_view in offers(end)}
    agents = [partner.ref for partner in partners("agent")]
    provided = pl.col("offer").replace_strict(providers, default="", return_dtype=pl.String)
    is_agent = pl.col("partner").is_in(agents)
    return joined.with_columns(
        pl.when(is_agent | pl.col("partner").is_null() | (pl.col("partner") == ""))
        .then(provided)
        .otherwise(pl.col("partner"))
        .fill_null("")
        .alias("partner"),
        pl.when(is_agent).then(pl.col("partner")).otherwise(pl.lit("")).alias("agent"),
        pl.col("campaign").fill_null(""),
        pl.col("amount_minor").alias("charge_minor"),
        _refundable(joined),
    )


def _refundable(joined: pl.DataFrame) -> pl.Expr:
    """All of a charge, or what a changed service costs more than before."""
    before = {
        ref: offer_view.price_minor
        for ref, at_ms in joined.filter(pl.col("before") != "")
        .select("before", "started_at_ms")
        .unique()
        .rows()
        if (offer_view := offer(ref, datetime.fromtimestamp(at_ms / 1000).astimezone())) is not None
    }
    price = pl.col("before").replace_strict(before, default=None, return_dtype=pl.Int64)
    dearer = (pl.col("amount_minor") - price.fill_null(pl.col("amount_minor"))).clip(lower_bound=0)
    changed = pl.col("before").fill_null("") != ""
    recurring = pl.col("kind").is_in(_RECURRING)
    return (
        pl.when(changed & recurring)
        .then(dearer)
        .when(changed)
        .then(pl.lit(0))
        .otherwise(pl.col("amount_minor"))
        .alias("amount_minor")
    )


def _beginnings(end: datetime) -> pl.DataFrame:
    opened = _table("ServiceActivated", end).select(
        pl.col("subject").alias("service"),
        "offer",
        pl.lit("").alias("before"),
        pl.col("happened_at_ms").alias("started_at_ms"),
        "partner",
        "campaign",
    )
    changed = _table("ServiceChanged", end).select(
        pl.col("subject").alias("service"),
        pl.col("to_offer").alias("offer"),
        pl.col("from_offer").alias("before"),
        pl.col("happened_at_ms").alias("started_at_ms"),
        "partner",
        "campaign",
    )
    return pl.concat([opened, changed]).sort("started_at_ms")


def _events(end: datetime) -> pl.DataFrame:
    """Confirmations, refusals, and openings again after the user's stop.

    A charge after a stop is another question, which the complaint desk answers.
    """
    parts = [
        _table(kind, end).select(
            pl.col("subject").alias("service"),
            "offer",
            pl.col("happened_at_ms").alias("at_ms"),
            pl.lit(what, pl.Int64).alias("event"),
        )
        for kind, what in (("ConfirmationGiven", GIVEN), ("ConfirmationRefused", ENDED))
    ]
    stated_events = pl.concat(parts)
    stops = (
        _table("ServiceStopped", end)
        .filter(pl.col("initiator") == "subscriber")
        .select(pl.col("subject").alias("service"), pl.col("happened_at_ms").alias("at_ms"))
    )
    return pl.concat([stated_events, reopened(stated_events, stops, _beginnings(end))])


def _table(kind: str, end: datetime, start: datetime | None = None) -> pl.DataFrame:
    return pl.DataFrame(columns_of(kind, start=start, end=end))


def store_findings(
    row: Audit, charges: pl.DataFrame, verdicts: Verdicts, *, only_registered: bool = False
) -> None:
    """Store the findings of an audit with their charges; `only_registered`: only of registered
    subscribers."""
    finding_rows = findings(charges, verdicts).filter(pl.col("amount_minor") > 0)
    if only_registered:
        finding_rows = finding_rows.filter(pl.col("subscriber") != "")
    ids = [time_ordered_id() for _row in range(len(finding_rows))]
    columns: dict[str, Any] = {
        "id": ids,
        "audit_id": [row.id] * len(finding_rows),
        "verdict": [VERDICTS[code] for code in finding_rows["code"].to_list()],
        **{
            name: finding_rows[name].fill_null("").to_list()
            for name in (
                "subscriber",
                "service",
                "offer",
                "partner",
                "campaign",
                "agent",
                "currency",
            )
        },
        **{name: finding_rows[name].to_list() for name in ("charges", "amount_minor")},
    }
    insert(AuditFinding, columns)
    wrong = charges.filter(pl.Series(np.isin(verdicts.code, WRONG))).join(
        finding_rows.select("service", "offer", "currency").with_columns(
            pl.Series("finding_id", ids)
        ),
        on=["service", "offer", "currency"],
        maintain_order="left",
    )
    insert(
        AuditCharge,
        {
            "finding_id": wrong["finding_id"].to_list(),
            "charge": wrong["charge"].to_list(),
            "charge_minor": wrong["charge_minor"].to_list(),
            "owed_minor": wrong["amount_minor"].to_list(),
        },
    )
