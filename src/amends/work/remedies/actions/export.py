"""Hand approved remedies to billing, and take its acknowledgement: a remedy is done only then."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Min, Q

from amends.platform.database.rows import update
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.ids import random_id
from amends.platform.tabular.exports import write_csv
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.work.remedies.models import Remedy, RemedyState
from amends.work.remedies.queries import of_brand


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One remedy as billing gets it; no personal data, only references."""

    remedy: str
    idempotency_key: str
    kind: str
    subscriber: str
    service: str
    charge: str
    amount_minor: int
    currency: str
    approved_at: datetime | None


COLUMNS = tuple(field.name for field in fields(ExportRow))


class UnableToAcknowledge(BadInput):
    """Billing names a remedy that was never exported."""

    code = "unknown_remedy"


def export(*, now: datetime, limit: int = 10_000, brand: str = "") -> tuple[str, list[ExportRow]]:
    """Mark up to `limit` approved remedies (of a brand) as exported, under one export number.

    Billing books each row once by its idempotency key; an export that got lost is fetched again
    under the same number with `exported(number)`.
    """
    with transaction.atomic():
        remedies = list(
            of_brand(brand, Remedy.objects.select_for_update(skip_locked=True, of=("self",)))
            .filter(state=RemedyState.APPROVED)
            .order_by("approved_at", "id")[:limit]
        )
        number = random_id("exp") if remedies else ""
        Remedy.objects.filter(id__in=[remedy.id for remedy in remedies]).update(
            state=RemedyState.EXPORTED, exported_at=now, export=number
        )
        return number, export_rows(remedies)


def exported(number: str, *, brand: str = "") -> list[ExportRow]:
    """The rows of one export (of a brand), for fetching it again; empty if there are none."""
    rows = (
        of_brand(brand, Remedy.objects.filter(export=number)) if number else Remedy.objects.none()
    )
    return export_rows(rows.order_by("approved_at", "id"))


@dataclass(frozen=True, slots=True)
class OpenExport:
    """An export of which something is not booked yet."""

    number: str
    exported_at: datetime
    remedies: int
    unbooked: int


def open_exports(*, brand: str = "") -> list[OpenExport]:
    """The exports (of a brand) billing has not booked whole, the oldest first."""
    rows = (
        of_brand(brand, Remedy.objects.exclude(export=""))
        .order_by()
        .values("export")
        .annotate(
            since=Min("exported_at"),
            remedies=Count("id"),
            unbooked=Count("id", filter=Q(state=RemedyState.EXPORTED)),
        )
        .filter(unbooked__gt=0)
        .order_by("since", "export")
        .values_list("export", "since", "remedies", "unbooked")
    )
    return [OpenExport(*row) for row in rows]


def export_rows(remedies: Iterable[Remedy]) -> list[ExportRow]:
    """The remedies as billing gets them."""
    return [
        ExportRow(
            remedy=remedy.id,
            idempotency_key=remedy.key,
            kind=remedy.kind,
            subscriber=remedy.subscriber,
            service=remedy.service,
            charge=remedy.balance_id or "",
            amount_minor=remedy.amount_minor,
            currency=remedy.currency,
            approved_at=remedy.approved_at,
        )
        for remedy in remedies
    ]


def as_csv(rows: Iterable[ExportRow]) -> str:
    """The export as CSV with a header row."""
    out = io.StringIO()
    write_csv(out, COLUMNS, map(astuple, rows), for_spreadsheet=False)
    return out.getvalue()


def acknowledge(answers: Sequence[tuple[str, str]], *, now: datetime, brand: str = "") -> int:
    """Billing has booked these: pairs of (remedy, its own booking number); again is harmless.

    Returns how many were new. Each becomes a `RefundMade` fact where it touches a charge. One
    without a booking number is not booked, and one under two numbers would be paid twice: both are
    refused, with everything that came with them.
    """
    booked = _booked(answers)
    with transaction.atomic():
        rows = of_brand(brand, Remedy.objects.select_for_update())
        remedies = list(rows.filter(id__in=booked).order_by("id"))
        handed_over = {remedy.id for remedy in remedies if remedy.state in _HANDED_OVER}
        if unknown := sorted(booked.keys() - handed_over):
            raise UnableToAcknowledge(
                _("%(count)s of the remedies were never exported, the first is %(name)s."),
                meaning=_("Nothing was acknowledged."),
                next_step=_("Send back only remedies of an export."),
                values={"count": len(unknown), "name": unknown[0]},
            )
        fresh = [remedy for remedy in remedies if remedy.state == RemedyState.EXPORTED]
        for remedy in fresh:
            remedy.state = RemedyState.ACKNOWLEDGED
            remedy.acknowledged_at = now
            remedy.acknowledgement = booked[remedy.id][:80]
        update(fresh, ["state", "acknowledged_at", "acknowledgement"])
        append([_refund_made(remedy, now) for remedy in fresh if remedy.balance_id], now=now)
        return len(fresh)


def _booked(answers: Sequence[tuple[str, str]]) -> dict[str, str]:
    booked: dict[str, str] = {}
    for remedy, booking in answers:
        if not booking.strip():
            raise UnableToAcknowledge(
                _("The remedy %(remedy)s has no booking number."),
                meaning=_("Nothing was acknowledged."),
                next_step=_("Send back only what is booked, each with its number."),
                values={"remedy": remedy},
            )
        if booked.setdefault(remedy, booking) != booking:
            raise UnableToAcknowledge(
                _("The remedy %(remedy)s stands under two booking numbers."),
                meaning=_("Nothing was acknowledged."),
                next_step=_("Find out whether it was paid twice; then send the number that holds."),
                values={"remedy": remedy},
            )
    return booked


_HANDED_OVER = (RemedyState.EXPORTED, RemedyState.ACKNOWLEDGED)


def _refund_made(remedy: Remedy, now: datetime) -> Fact:
    return Fact(
        kind="RefundMade",
        subscriber=remedy.subscriber,
        subject=remedy.service,
        happened_at=now,
        source="billing",
        payload={
            "charge": remedy.balance_id or "",
            "remedy": remedy.id,
            "amount_minor": remedy.amount_minor,
            "currency": remedy.currency,
        },
    )
