"""`amends confirmations`: orders and their confirmations, and the audit of the past."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from django.conf import settings

from amends.platform.cli.command import CheckFailed, command
from amends.platform.cli.engine import ENGINE, MASTER, SCRATCH, Engine, spark_session
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import ngettext, pgettext
from amends.platform.cli.outputs import FORCE, check_not_read, check_output
from amends.platform.cli.previous_outputs import note_renamed
from amends.platform.cli.render import OMIT_NONE, TableColumn, View
from amends.platform.kit.batches import slices
from amends.platform.kit.dates import parse_moment
from amends.platform.kit.errors import BadInput, gettext_noop
from amends.platform.tabular.exports import keep_earlier, neutral_frame

_SHOWN = 20
_STANDINGS = {
    "confirmed": lambda: pgettext("standing", "confirmed"),
    "excepted": lambda: _("runs under a named exception"),
    "stopped": lambda: pgettext("standing", "stopped"),
    "uncovered": lambda: _("runs without a confirmation"),
    "unknown": lambda: _("not on record here"),
}
"""The states of `confirmations.queries.ServiceConfirmation` in words."""
_STATES = ("waiting", "confirmed", "executed", "refused", "lapsed", "cancelled")
app = typer.Typer(
    no_args_is_help=True, help="List orders and their confirmations, and audit past charges."
)


@dataclass(frozen=True, slots=True)
class OrderSummary:
    """An order and how many of the confirmations it needs were given.

    order      its reference
    what       open, change or stop
    exception  name of the exception it runs under; empty for none
    """

    order: str
    what: str
    service: str
    offer: str
    state: str
    needed: int
    given: int
    placed_at: datetime
    exception: str


@dataclass(frozen=True, slots=True)
class OrderList:
    """Orders, the newest first."""

    orders: list[OrderSummary]


@dataclass(frozen=True, slots=True)
class ServiceStanding:
    """Whether a service may be charged, and the order that says so."""

    state: str
    may_charge: bool
    order: str


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """The signed receipt of an order, as it is handed to the subscriber."""

    order: str
    receipt: str


@dataclass(frozen=True, slots=True)
class LedgerAudit:
    """What an audit of past charges found; amounts in minor units of each currency.

    charges              number of charges judged, by verdict in `verdicts`
    unconfirmed_charges  those that no confirmation covers
    amounts, by_…        sums by currency and by what they belong to
    partners             ranked by the share of their services without a confirmation
    audit                reference of the stored audit; None where it was not stored
    zone                 of times and days that state none
    """

    charges: int
    verdicts: dict[str, int]
    unconfirmed_charges: int
    amounts: list[dict[str, Any]]
    by_offer: list[dict[str, Any]]
    by_partner: list[dict[str, Any]]
    by_campaign: list[dict[str, Any]]
    by_agent: list[dict[str, Any]]
    partners: list[dict[str, Any]]
    notes: list[str]
    audit: str | None = field(metadata=OMIT_NONE)
    zone: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAudit(LedgerAudit):
    """What an audit of two files found, with the rows that could not be read.

    read              rows of the file of charges
    confirmations     those that could be read
    rejects           the first rejected rows: file, row, reason
    unknown_services  services with findings that are not on record; None where it was not stored
    """

    read: int
    confirmations: int
    rejected: int
    rejects: list[dict[str, Any]]
    unknown_services: int | None = field(metadata=OMIT_NONE)


@dataclass(frozen=True, slots=True)
class OpenedRefunds:
    """Services refunded by this call and before, and users who were notified."""

    audit: str
    refunded: int
    notified: int
    refunded_before: int


@dataclass(frozen=True, slots=True)
class ObservedServices:
    """Services another system reports: how many rows were read and stored.

    uncovered  services on record that run without a confirmation
    rejects    the first rejected rows: file, row, reason
    """

    read: int
    accepted: int
    duplicates: int
    rejected: int
    uncovered: int
    rejects: list[dict[str, Any]]


@app.callback()
def _confirmations() -> None:
    """List orders and their confirmations, and audit past charges."""


def _orders_view(order_list: OrderList) -> View:
    from amends.causes.confirmations.web.words import ORDERS, STATES

    count = len(order_list.orders)
    count_text = _("%(given)s of %(needed)s confirmed")
    return View(
        columns=(
            TableColumn(_("Order"), "order", whole=True),
            TableColumn(_("State"), lambda listed_order: str(STATES[listed_order.state])),
            TableColumn(_("kind"), lambda listed_order: str(ORDERS[listed_order.what])),
            TableColumn(_("Offer"), "offer"),
            TableColumn(
                _("Confirmations"),
                lambda listed_order: (
                    count_text % {"given": listed_order.given, "needed": listed_order.needed}
                ),
            ),
        ),
        rows=order_list.orders,
        notes=[ngettext("%(count)s order.", "%(count)s orders.", count) % {"count": f"{count:,}"}],
    )


@app.command("orders")
@command(view=_orders_view)
def orders_listed(
    state: Annotated[
        str, typer.Option(help="waiting, confirmed, executed, refused, lapsed, cancelled.")
    ] = "",
    limit: Annotated[int, typer.Option(help="At most so many.")] = 100,
) -> OrderList:
    """List orders and what they still need."""
    from amends.causes.confirmations.queries import orders

    if state and state not in _STATES:
        raise BadInput(
            _("No order is ever “%(state)s”.") % {"state": state},
            where="--state",
            next_step=_("Give one of %(known)s.") % {"known": ", ".join(_STATES)},
            code="state_unknown",
        )
    return OrderList(
        [
            OrderSummary(
                order=order.ref,
                what=order.order,
                service=order.service,
                offer=order.offer,
                state=order.state,
                needed=order.needed,
                given=len(order.confirmations),
                placed_at=order.placed_at,
                exception=order.exception,
            )
            for order in orders(state, limit=limit)
        ]
    )


def _standings_view(standing_by_ref: Mapping[str, ServiceStanding]) -> View:
    return View(
        notes=[
            f"{ref}  {_STANDINGS[standing_view.state]()}"
            for ref, standing_view in standing_by_ref.items()
        ]
    )


@app.command("standing")
@command(view=_standings_view)
def standing(
    services: Annotated[list[str], typer.Argument(help="References of services.")],
) -> Mapping[str, ServiceStanding]:
    """Show whether services run with the user's consent, as a gate asks before charging."""
    from amends.causes.confirmations.queries import standings

    return {
        ref: ServiceStanding(standing_view.state, standing_view.may_charge, standing_view.order)
        for ref, standing_view in standings(services).items()
    }


def _receipt_view(signed_receipt: SignedReceipt) -> View:
    return View(text=signed_receipt.receipt + "\n")


@app.command("receipt")
@command(view=_receipt_view)
def receipt_of_order(
    order: Annotated[str, typer.Argument(help="Reference of the order.")],
) -> SignedReceipt:
    """Print the signed receipt of an order; it verifies offline."""
    from django.utils import timezone

    from amends.causes.confirmations.queries import order as find
    from amends.causes.confirmations.queries.receipts import IN_RECEIPTS, receipt
    from amends.people.access.actions.record_look import note_look
    from amends.platform.kit.actors import system

    text, order_view = receipt(order), find(order)
    note_look(
        system("shell"),
        [order_view.subscriber] if order_view else [],
        IN_RECEIPTS,
        page="confirmations.read",
        now=timezone.now(),
        reason=gettext_noop("receipt of an order printed from the shell"),
    )
    return SignedReceipt(order, text)


def _audit_view(ledger_audit: LedgerAudit) -> View:
    from amends.causes.confirmations.web.words import VERDICTS
    from amends.platform.kit.formats import format_money

    verdicts = ", ".join(
        f"{VERDICTS.get(verdict, verdict)} {count:,}"
        for verdict, count in ledger_audit.verdicts.items()
    )
    charges = ngettext(
        "%(count)s charge: %(verdicts)s", "%(count)s charges: %(verdicts)s", ledger_audit.charges
    )
    notes = [charges % {"count": f"{ledger_audit.charges:,}", "verdicts": verdicts}]
    for row in ledger_audit.amounts:
        services = row["unconfirmed_services"]
        message = ngettext(
            "%(owed)s without confirmation on %(count)s service.",
            "%(owed)s without confirmation on %(count)s services.",
            services,
        )
        owed = format_money(row["unconfirmed_minor"], row["currency"])
        notes.append(message % {"owed": owed, "count": f"{services:,}"})
    if isinstance(ledger_audit, FileAudit):
        notes += _rejected_notes(ledger_audit.rejects, ledger_audit.rejected)
    notes += ledger_audit.notes
    notes.append(
        _("Times and days without a zone were read as %(zone)s.") % {"zone": ledger_audit.zone}
    )
    if ledger_audit.audit:
        kept_text = _("Kept as %(audit)s: amends confirmations refund %(audit)s")
        notes.append(kept_text % {"audit": ledger_audit.audit})
    for partner in ledger_audit.partners[:_SHOWN]:
        of = _("of services: %(count)s") % {"count": f"{partner['judged']:,}"}
        mark = f" {_('stands out')}" if partner["stands_out"] else ""
        notes.append(
            f"{partner['rank']:>3}. {partner['name']:24} {partner['share']:.2%} "
            f"({partner['low']:.2%}–{partner['high']:.2%}) {of}{mark}"
        )
    return View(notes=notes)


@app.command("audit")
@command(view=_audit_view)
def audit_past(
    charges: Annotated[Path | None, typer.Argument(help="Charges, CSV or Parquet.")] = None,
    confirmations: Annotated[
        list[Path] | None, typer.Argument(help="Confirmations, CSV or Parquet.")
    ] = None,
    since: Annotated[str, typer.Option("--from", help="First day, for the ledger's facts.")] = "",
    until: Annotated[str, typer.Option("--to", help="Day after the last.")] = "",
    zone: Annotated[
        str,
        typer.Option(
            help="Time zone for times and days without one; if left out, that of --pack, "
            "else AMENDS_TIME_ZONE."
        ),
    ] = "",
    covered_from: Annotated[str, typer.Option(help="Confirmations are complete from…")] = "",
    covered_to: Annotated[str, typer.Option(help="…to. Without both: throughout.")] = "",
    pack: Annotated[
        str, typer.Option(help="Whose rules asked for confirmations; AMENDS_PACK if left out.")
    ] = "",
    everything: Annotated[
        bool, typer.Option("--every-charge", help="Ask a confirmation of each, whatever the rules.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="CSV of the services that were found.")] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the audit of the files, to open its refunds.")
    ] = False,
    check: Annotated[bool, typer.Option(help="Exit 1 if anything was found.")] = False,
    rejects: Annotated[
        Path | None, typer.Option(help="Write the rows that could not be read, with why (CSV).")
    ] = None,
    scratch: SCRATCH = None,
    engine: ENGINE = Engine.LOCAL,
    master: MASTER = "",
    force: FORCE = False,
) -> LedgerAudit:
    """Find every charge no confirmation covers: in two files, or in the ledger's facts."""
    if charges is None:
        check_output(out, force=force)
        past_audit = _audit_of_ledger(since, until, _zone(zone, pack), out)
    else:
        if not confirmations:
            raise BadInput(
                _("The audit needs charges and confirmations."),
                next_step=_("Name both files, or neither to audit the ledger's facts."),
            )
        check_output(out, force=force, inputs=(charges, *confirmations))
        check_not_read(rejects, (charges, *confirmations))
        past_audit = _audit_of_files(
            charges,
            confirmations,
            covered=(covered_from, covered_to),
            pack=pack or settings.JURISDICTION,
            zone=_zone(zone, pack),
            everything=everything,
            out=out,
            keep=keep,
            rejects=rejects,
            scratch=scratch,
            spark=spark_session(engine, master),
        )
    if check and past_audit.unconfirmed_charges:
        raise CheckFailed(past_audit)
    return past_audit


def _refunds_view(opened_refunds: OpenedRefunds) -> View:
    message = _(
        "Services refunded: %(refunded)s; users notified: %(told)s; refunded before: %(before)s."
    )
    values = {
        "refunded": f"{opened_refunds.refunded:,}",
        "told": f"{opened_refunds.notified:,}",
        "before": f"{opened_refunds.refunded_before:,}",
    }
    return View(notes=[message % values])


@app.command("refund")
@command(view=_refunds_view)
def refund(
    audit: Annotated[str, typer.Argument(help="Reference of an audit of the ledger's facts.")],
) -> OpenedRefunds:
    """Open the refunds an audit found, and tell the users."""
    from django.utils import timezone

    from amends.causes.confirmations.actions.open_refunds import open_refunds
    from amends.platform.kit.actors import system

    opened_refunds = open_refunds(audit, actor=system("audit"), now=timezone.now())
    return OpenedRefunds(
        audit=audit,
        refunded=opened_refunds.refunded,
        notified=opened_refunds.notified,
        refunded_before=opened_refunds.nothing,
    )


def _observed_view(observed_services: ObservedServices) -> View:
    message = _("%(read)s read, %(accepted)s new, %(rejected)s rejected; %(uncovered)s uncovered.")
    values = {
        "read": f"{observed_services.read:,}",
        "accepted": f"{observed_services.accepted:,}",
        "rejected": f"{observed_services.rejected:,}",
        "uncovered": f"{observed_services.uncovered:,}",
    }
    return View(
        notes=[
            message % values,
            *_rejected_notes(observed_services.rejects, observed_services.rejected),
        ]
    )


@app.command("observe")
@command(view=_observed_view)
def observe_file(
    file: Annotated[Path, typer.Argument(help="Services another system knows, CSV or Parquet.")],
    source: Annotated[str, typer.Option(help="Name of that system, e.g. crm.")],
) -> ObservedServices:
    """Store services as reported, with their source; those nobody confirmed are flagged.

    Columns: service, subscriber (pseudonym), offer, since, source_ref; if there are any: until
    (when it ended; a report known before is ended by it), kind, provider, agent, campaign. Times
    without a zone are those of AMENDS_TIME_ZONE.
    """
    from django.utils import timezone

    from amends.causes.confirmations.actions.audit_files import read_reports
    from amends.causes.confirmations.actions.record_observed import observe
    from amends.causes.confirmations.queries import uncovered_count

    reports, bad = read_reports(file, source, _zone("", ""))
    new = sum(observe(part, now=timezone.now()) for part in slices(reports, 500))
    return ObservedServices(
        read=len(reports) + len(bad),
        accepted=new,
        duplicates=len(reports) - new,
        rejected=len(bad),
        uncovered=uncovered_count(),
        rejects=bad.head(_SHOWN).to_dicts(),
    )


def _audit_of_files(
    charges: Path,
    confirmations: list[Path],
    *,
    covered: tuple[str, str],
    pack: str,
    zone: str,
    everything: bool,
    out: Path | None,
    keep: bool,
    rejects: Path | None,
    scratch: Path | None,
    spark: Any,
) -> FileAudit:
    from django.utils import timezone

    from amends.causes.confirmations.actions.judge_files import judge_files
    from amends.causes.confirmations.actions.store_file_audit import store_file_audit
    from amends.causes.confirmations.rules.file_parts import AuditQuestion
    from amends.causes.confirmations.rules.required import demanded_in
    from amends.platform.kit.actors import system
    from amends.platform.kit.packs import pack as pack_of

    began = time.perf_counter()
    today = datetime.now(ZoneInfo(zone)).date()
    judged = judge_files(
        charges,
        confirmations,
        currency=pack_of(pack, today).currency,
        zone=zone,
        scratch=scratch or settings.DATA_DIR,
        question=AuditQuestion(
            gaps=_gaps(covered, zone),
            is_demanded=None if everything else demanded_in(pack, on=today),
            wants_findings=keep or out is not None,
        ),
        spark=spark,
    )
    bad = judged.bad
    notes = note_renamed(keep_earlier(rejects, neutral_frame(bad).write_csv)) if rejects else []
    if out is not None:
        neutral_frame(judged.findings).write_csv(out)
    stored = None
    if keep:
        stored = store_file_audit(judged, pack=pack, actor=system("audit"), now=timezone.now())
    return FileAudit(
        **judged.sums.document(),
        notes=notes,
        audit=stored.audit if stored else None,
        unknown_services=stored.unknown_services if stored else None,
        read=judged.read,
        confirmations=judged.confirmations,
        rejected=len(bad),
        rejects=bad.head(_SHOWN).to_dicts(),
        zone=zone,
        seconds=round(time.perf_counter() - began, 3),
    )


def _audit_of_ledger(since: str, until: str, zone: str, out: Path | None) -> LedgerAudit:
    import polars as pl
    from django.utils import timezone

    from amends.causes.confirmations.actions.audit_past import look_back
    from amends.causes.confirmations.queries import found_by
    from amends.platform.kit.actors import system

    began, now = time.perf_counter(), timezone.now()
    end = _day(until, zone) if until else now
    begin = _day(since, zone) if since else end - timedelta(days=365)
    row = look_back(start=begin, end=end, actor=system("audit"), now=now)
    if out is not None:
        neutral_frame(pl.DataFrame(found_by(row.id, limit=None))).write_csv(out)
    return LedgerAudit(
        **row.document,
        notes=[],
        audit=row.id,
        zone=zone,
        seconds=round(time.perf_counter() - began, 3),
    )


def _gaps(covered: tuple[str, str], zone: str) -> list[tuple[int, int]]:
    first, last = (
        int(_day(day_text, zone).timestamp() * 1000) if day_text else None for day_text in covered
    )
    gaps = [] if first is None else [(-(1 << 50), first)]
    return gaps if last is None else [*gaps, (last, 1 << 50)]


def _zone(named: str, pack: str) -> str:
    """The zone of times that state none: named, that of a named pack, or the installation's."""
    from django.conf import settings

    from amends.platform.kit.packs import zone_of

    if not named:
        if not pack:
            return str(settings.TIME_ZONE)
        return zone_of(pack)
    try:
        return ZoneInfo(named).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput(
            _("There is no time zone “%(name)s”.") % {"name": named},
            where="--zone",
            next_step=_("Name it like Asia/Shanghai."),
        ) from error


def _day(text: str, zone: str) -> datetime:
    try:
        moment_read = parse_moment(text)
    except ValueError as error:
        raise BadInput(
            _("“%(given)s” is no day or moment.") % {"given": text},
            next_step=_("Write it like 2026-04-30."),
        ) from error
    return moment_read if moment_read.tzinfo else moment_read.replace(tzinfo=ZoneInfo(zone))


def _rejected_notes(rows: list[dict[str, Any]], count: int) -> list[str]:
    """Which rows could not be read, and why; `rows` are the first of them."""
    notes = [_("%(file)s, row %(row)s: %(reason)s; left out.") % row for row in rows]
    if count > len(rows):
        notes.append(_("… and %(count)s more.") % {"count": f"{count - len(rows):,}"})
    return notes
