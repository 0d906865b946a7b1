"""Audit months: state what was owed, once, and count what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from django.db import IntegrityError, transaction
from django.db.models import Max

from amends.cases.audits.actions.audit_inputs import (
    TOLD,
    frame_of,
    gaps_of,
    inputs,
    read_usage,
    scopes_of,
)
from amends.cases.audits.actions.audit_places import owed_by_place
from amends.cases.audits.models import (
    AuditRun,
    ChargeWithoutNotice,
    DutyCount,
    DutyPart,
    MissedNotice,
)
from amends.cases.audits.rules.coverage import DutyTally, count, count_parts
from amends.cases.audits.rules.missing_notices import charges_without_notice
from amends.cases.audits.rules.outcomes import outcomes, same_notices
from amends.cases.audits.rules.recompute import Inputs, not_audited
from amends.engines.duties.book import DutyBook, book
from amends.engines.duties.tolerance import Tolerance, tolerance
from amends.people.access.queries import may
from amends.people.subscribers.queries import brands_and_areas, offers_and_areas
from amends.platform.database.rows import insert
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused, Unavailable, gettext_noop
from amends.platform.kit.packs import day_in, load_rules
from amends.platform.kit.periods import to_ms
from amends.platform.kit.terms import shifted
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.actions.append_segment import append_sealed, seal_segment, segments_of
from amends.record.ledger.queries import coverage

SOURCE = "auditor"
_FROM = ("UsageCrossed", "ChargeMade", "ServiceOrdered", "ServiceChanged", "ServiceStopped")
_TRIES = 3
# What is announced long ahead was sent long before the month it was due in.
_TOLD_AHEAD = timedelta(days=62)


class UnableToAudit(BadInput):
    """The months cannot be audited."""

    code = "unable_to_audit"


class NotForThisRole(Refused):
    """The role does not start audits."""

    code = "not_for_this_role"


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What an audit found.

    owed       notices due in the months, by any source
    stated     of these, facts written by this audit
    untold     charges made although a notice was missing
    not_audited  duties that leave no trace to recompute them from
    """

    start: datetime
    end: datetime
    owed: int
    stated: int
    counts: tuple[DutyTally, ...]
    untold: int
    untold_minor: dict[str, int]
    not_audited: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    due: pl.DataFrame
    new: pl.DataFrame
    outcomes: pl.DataFrame
    untold: pl.DataFrame
    people: pl.DataFrame


def audit(
    *,
    start: date,
    end: date,
    actor: Actor,
    now: datetime,
    jurisdiction: str,
    usage: Sequence[Path] = (),
    left: list[str] | None = None,
) -> AuditReport:
    """Audit the whole local months that hold `[start, end)`, from facts and files of usage.

    left  given, files and rows of usage that cannot be read are left out and listed here; that
          nothing more was due is stated of no month then


    Writes the facts `NoticeDue` that no source has stated yet, and `SourceCovered` for the auditor
    where everything it read is complete; a second run over the same writes nothing.
    """
    if actor.kind == "user" and not may(actor.roles, "notices.audit", at=now):
        raise NotForThisRole(
            gettext_noop("Your role does not audit notices."),
            meaning=gettext_noop("Nothing was audited."),
            next_step=gettext_noop("Ask a service-quality manager."),
        )
    today = day_in(jurisdiction, now)
    own = book(jurisdiction, today)
    period = months_of(start, end, own.zone)
    read, digest = read_usage(usage, left=left) if usage else (None, "")
    audit_inputs = inputs(start=period[0], end=now, usage=read)
    for _ in range(_TRIES):
        number = (AuditRun.objects.aggregate(last=Max("number"))["last"] or 0) + 1
        outcome = _find(audit_inputs, own, period, now)
        sealed = _sealed(outcome.new, now)
        covering = _covering(period, now, with_usage=bool(usage) and not left)
        try:
            with transaction.atomic():
                AuditRun.objects.create(
                    number=number,
                    start_at=period[0],
                    end_at=period[1],
                    jurisdiction=jurisdiction,
                    ran_at=now,
                    ran_by=actor.ref,
                    owed=len(outcome.due),
                    stated=len(outcome.new),
                    usage_sha256=digest,
                )
                for sealed_fact in sealed:
                    append_sealed(sealed_fact)
                append(covering, now=now)
                _store(outcome, period, own, tolerance(today))
        except IntegrityError:
            # Another audit took this number meanwhile: what it stated must be read first.
            if AuditRun.objects.filter(number=number).exists():
                continue
            raise
        return _report(outcome, period, own)
    raise Unavailable(
        gettext_noop("Other audits were running."),
        meaning=gettext_noop("Nothing was written."),
        next_step=gettext_noop("Try again."),
        code="audit_raced",
    )


def months_of(start: date, end: date, zone: str) -> tuple[datetime, datetime]:
    """The whole local months that hold `[start, end)`, as moments."""
    if end <= start:
        raise UnableToAudit(
            gettext_noop("The period ends before it starts."),
            meaning=gettext_noop("Nothing was audited."),
            next_step=gettext_noop("Give a first day, and a later day that is not part of it."),
        )
    first, last = start.replace(day=1), (end - timedelta(days=1)).replace(day=1)
    tzinfo = ZoneInfo(zone)
    begin, after = first, shifted(last, 1)
    return (
        datetime(begin.year, begin.month, begin.day, tzinfo=tzinfo).astimezone(UTC),
        datetime(after.year, after.month, after.day, tzinfo=tzinfo).astimezone(UTC),
    )


def _find(
    inputs: Inputs, own: DutyBook, period: tuple[datetime, datetime], now: datetime
) -> _Found:
    today = day_in(own.jurisdiction, now)
    marks, (start, end) = tolerance(today), period
    start_ms, end_ms = to_ms(start), to_ms(end)
    owed = owed_by_place(inputs, own, period)
    due_ms = pl.col("due_at_ms")
    stated = frame_of(
        "NoticeDue",
        start=start - timedelta(days=62),
        end=now + timedelta(days=400),
        fields=("subject", "subscriber", "key", "duty", "step", "due_at_ms", "threshold_minor"),
    )
    stated = stated.with_columns(service=pl.col("subject")).unique(
        "key", keep="first", maintain_order=True
    )
    new = owed.join(same_notices(owed, stated, marks), on="key", how="anti")
    columns = ("key", "subscriber", "service", "duty", "step", "due_at_ms", "threshold_minor")
    due_notices = pl.concat(
        [
            stated.filter((due_ms >= start_ms) & (due_ms < end_ms)).select(columns),
            new.select(columns),
        ]
    )
    people = _people(due_notices["subscriber"])
    result = _outcomes(due_notices, people, marks, start, now)
    charges = inputs.facts["ChargeMade"].join(
        _unclear(result).select(subject="service").unique(), on="subject", how="semi"
    )
    rules = load_rules("amends.engines.duties", "audit", today)
    untold = charges_without_notice(result, charges, rules, marks)
    # One charge is given back once, for the notice that answers for most of it.
    untold = untold.sort("excess_minor", "key", descending=[True, False]).unique(
        "charge", keep="first", maintain_order=True
    )
    return _Found(
        due=due_notices,
        new=new,
        outcomes=result,
        untold=_less_refunds(untold, start, now),
        people=people,
    )


def _people(pseudonyms: pl.Series) -> pl.DataFrame:
    """`subscriber`, `brand` and `area` of those who are known."""
    brand_and_area = brands_and_areas(pseudonyms.unique().to_list())
    return pl.DataFrame(
        {
            "subscriber": list(brand_and_area),
            "brand": [brand for brand, _area in brand_and_area.values()],
            "area": [area for _brand, area in brand_and_area.values()],
        },
        schema=dict.fromkeys(("subscriber", "brand", "area"), pl.String),
    )


def _unclear(result: pl.DataFrame) -> pl.DataFrame:
    return result.filter(pl.col("state") != "in_time")


def _outcomes(
    due_notices: pl.DataFrame,
    people: pl.DataFrame,
    marks: Tolerance,
    start: datetime,
    now: datetime,
) -> pl.DataFrame:
    sent = {
        kind: frame_of(
            kind, start=start - _TOLD_AHEAD, end=now, fields=("key", "duty", "subject", "channel")
        ).select(
            "key", "duty", "channel", service=pl.col("subject"), at_ms=pl.col("happened_at_ms")
        )
        for kind in TOLD
    }
    scopes, nobody = scopes_of(people), frozenset({"all"})
    named = pl.DataFrame(
        [(*who, "|".join(sorted(scope))) for who, scope in scopes.items()],
        schema={"brand": pl.String, "area": pl.String, "scope": pl.String},
        orient="row",
    )
    gaps = gaps_of({*scopes.values(), nobody}, start=start - _TOLD_AHEAD, end=now)
    by_name = {"|".join(sorted(scope)): stretches for scope, stretches in gaps.items()}
    scope_by_person = people.join(named, on=["brand", "area"]).select("subscriber", "scope")
    placed = due_notices.join(
        scope_by_person, on="subscriber", how="left", maintain_order="left"
    ).with_columns(pl.col("scope").fill_null("all"))
    return outcomes(placed, sent, by_name, marks, now_ms=to_ms(now))


def _less_refunds(untold: pl.DataFrame, start: datetime, now: datetime) -> pl.DataFrame:
    """What billing has given back of these charges already."""
    refunds = frame_of("RefundMade", start=start, end=now, fields=("charge", "amount_minor"))
    refunded = refunds.group_by("charge").agg(elsewhere_minor=pl.col("amount_minor").sum())
    return untold.join(refunded, on="charge", how="left").with_columns(
        pl.col("elsewhere_minor").fill_null(0)
    )


def _sealed(new: pl.DataFrame, now: datetime) -> list[Any]:
    """The facts to be written, checked and hashed before the transaction begins."""
    if new.is_empty():
        return []
    columns = new.select(
        "subscriber",
        "duty",
        "key",
        "due_at_ms",
        subject=pl.col("service"),
        happened_at_ms=pl.col("due_at_ms"),
        duty_version=pl.col("version"),
        step=pl.col("step"),
        threshold_minor=pl.col("threshold_minor"),
        currency=pl.when(pl.col("threshold_minor").is_not_null()).then(pl.col("currency")),
    )
    parts = segments_of(columns)
    return [seal_segment("NoticeDue", part, source=SOURCE, now=now) for part in parts]


def _covering(period: tuple[datetime, datetime], now: datetime, *, with_usage: bool) -> list[Fact]:
    """The auditor's statement that it has stated everything, where all it reads is complete."""
    start, end = period[0], min(period[1], now)
    kinds = [kind for kind in _FROM if not (with_usage and kind == "UsageCrossed")]
    if end <= start or not all(
        covered_kind.complete for covered_kind in coverage(kinds, start=start, end=end)
    ):
        return []
    if all(covered_kind.complete for covered_kind in coverage(["NoticeDue"], start=start, end=end)):
        return []
    payload: dict[str, str | int] = {
        "kinds": "NoticeDue",
        "scope": "all",
        "from_ms": to_ms(start),
        "to_ms": to_ms(end),
        "complete": 1,
    }
    return [
        Fact(
            kind="SourceCovered",
            subscriber="",
            subject=SOURCE,
            happened_at=now,
            source=SOURCE,
            payload=payload,
        )
    ]


def _store(
    found_notices: _Found, period: tuple[datetime, datetime], own: DutyBook, marks: Tolerance
) -> None:
    """Replace the rows of these months by what was found."""
    start_ms, end_ms = to_ms(period[0]), to_ms(period[1])
    result = _named(found_notices, marks)
    months = _months(period, own.zone)
    DutyCount.objects.filter(period__in=months).delete()
    DutyPart.objects.filter(period__in=months).delete()
    MissedNotice.objects.filter(due_at_ms__gte=start_ms, due_at_ms__lt=end_ms).delete()
    for brand in sorted(set(result["brand"].to_list())):
        for tally in count(result.filter(pl.col("brand") == brand), own.zone):
            DutyCount.objects.create(
                duty=tally.duty,
                period=tally.period,
                brand=brand,
                in_time=tally.in_time,
                late=tally.late,
                failed=tally.failed,
                missing=tally.missing,
                unknown=tally.unknown,
            )
    parts = count_parts(result, own.zone, ("area", "product", "channel"))
    insert(DutyPart, parts.to_dict(as_series=False))
    unclear = _unclear(result).with_columns(period=_month_of(own.zone))
    columns = unclear.select(
        "key",
        "duty",
        "period",
        "subscriber",
        "service",
        "brand",
        "due_at_ms",
        "reached_at_ms",
        "state",
        step=pl.col("step").fill_null(""),
    )
    insert(MissedNotice, columns.to_dict(as_series=False), or_leave=True)
    # A charge another month's notice answers for stays with that one.
    untold = found_notices.untold.rename({"key": "owed_id"}).to_dict(as_series=False)
    insert(ChargeWithoutNotice, untold, or_leave=True)


def _named(found_notices: _Found, marks: Tolerance) -> pl.DataFrame:
    """With the duty as it is called today, the brand of the person, and the area and product of
    the service."""
    duties = {
        duty: f"{duty.partition('.')[0]}.{marks.family(duty)}"
        for duty in found_notices.outcomes["duty"].unique().to_list()
    }
    services = offers_and_areas(found_notices.outcomes["service"].unique().to_list())
    sold = pl.DataFrame(
        {
            "service": list(services),
            "product": [offer for offer, _area in services.values()],
            "own": [area for _offer, area in services.values()],
        },
        schema=dict.fromkeys(("service", "product", "own"), pl.String),
    )
    homes = found_notices.people.rename({"area": "home"})
    placed = found_notices.outcomes.join(
        homes, on="subscriber", how="left", maintain_order="left"
    ).join(sold, on="service", how="left", maintain_order="left")
    of = [pl.col(name).fill_null("") for name in ("brand", "product", "home", "own")]
    own = pl.col("own")
    return placed.with_columns(of).with_columns(
        duty=pl.col("duty").replace(duties),
        area=pl.when(own != "").then(own).otherwise(pl.col("home")),
    )


def _month_of(zone: str) -> pl.Expr:
    from amends.cases.audits.rules.frames import local_month

    return local_month("due_at_ms", zone)


def _months(period: tuple[datetime, datetime], zone: str) -> list[str]:
    tzinfo = ZoneInfo(zone)
    day, last = period[0].astimezone(tzinfo).date(), period[1].astimezone(tzinfo).date()
    names = []
    while day < last:
        names.append(day.isoformat())
        day = shifted(day, 1)
    return names


def _report(found_notices: _Found, period: tuple[datetime, datetime], own: DutyBook) -> AuditReport:
    sums: dict[str, int] = {}
    for currency, minor in found_notices.untold.select("currency", "excess_minor").rows():
        sums[currency] = sums.get(currency, 0) + minor
    return AuditReport(
        start=period[0],
        end=period[1],
        owed=len(found_notices.due),
        stated=len(found_notices.new),
        counts=tuple(count(found_notices.outcomes, own.zone)),
        untold=len(found_notices.untold),
        untold_minor=sums,
        not_audited=tuple(duty.id for duty in not_audited(own)),
    )
