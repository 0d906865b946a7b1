"""`amends confirmations`: orders and their confirmations, and the audit of the past."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from amends.cli.language import gettext as _
from amends.cli.language import ngettext, pgettext
from amends.cli.outputs import FORCE, check_not_read, check_output
from amends.cli.previous_outputs import note_kept
from amends.cli.start import start
from amends.environment.settings_values import own_pack
from amends.kit.batches import slices
from amends.kit.dates import parse_moment
from amends.kit.errors import BadInput, gettext_noop
from amends.kit.printable import printable
from amends.tabular.exports import keep_earlier, neutral_frame

_SHOWN = 20
# How a service may stand, in words: `confirmations.queries.Standing`.
_STANDINGS = {
    "confirmed": lambda: pgettext("standing", "confirmed"),
    "excepted": lambda: _("runs under a named exception"),
    "stopped": lambda: pgettext("standing", "stopped"),
    "uncovered": lambda: _("runs without a confirmation"),
    "unknown": lambda: _("not on record here"),
}
_STATES = ("waiting", "confirmed", "executed", "refused", "lapsed", "cancelled")
app = typer.Typer(
    no_args_is_help=True, help="List orders and their confirmations, and audit past charges."
)


class UnableToList(BadInput):
    """There is no such state."""

    code = "state_unknown"


@app.callback()
def _confirmations() -> None:
    """List orders and their confirmations, and audit past charges."""


@app.command("orders")
def orders_listed(
    state: Annotated[
        str, typer.Option(help="waiting, confirmed, executed, refused, lapsed, cancelled.")
    ] = "",
    limit: Annotated[int, typer.Option(help="At most so many.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """List orders with what they still need."""
    if state and state not in _STATES:
        raise UnableToList(
            _("No order is ever “%(state)s”.") % {"state": state},
            where="--state",
            next_step=_("Give one of %(known)s.") % {"known": ", ".join(_STATES)},
        )
    start()
    from amends.confirmations.queries import orders

    rows = orders(state, limit=limit)
    if as_json:
        listed = [
            {
                "order": one.ref,
                "what": one.order,
                "service": one.service,
                "offer": one.offer,
                "state": one.state,
                "needed": one.needed,
                "given": len(one.confirmations),
                "placed_at": one.placed_at.isoformat(),
                "exception": one.exception,
            }
            for one in rows
        ]
        typer.echo(json.dumps({"orders": listed}))
        return
    from amends.confirmations.web.words import ORDERS, STATES

    for one in rows:
        given = _("%(given)s of %(needed)s confirmed") % {
            "given": len(one.confirmations),
            "needed": one.needed,
        }
        state, order = str(STATES[one.state]), str(ORDERS[one.order])
        typer.echo(f"{one.ref}  {state:11} {order:6} {printable(one.offer):20} {given}")
    typer.echo(
        ngettext("%(count)s order.", "%(count)s orders.", len(rows)) % {"count": f"{len(rows):,}"}
    )


@app.command("standing")
def standing(
    services: Annotated[list[str], typer.Argument(help="References of services.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Show whether services run with the user's consent, as a gate asks before charging."""
    start()
    from amends.confirmations.queries import standings

    found = standings(services)
    if as_json:
        states = {
            ref: {"state": one.state, "may_charge": one.may_charge, "order": one.order}
            for ref, one in found.items()
        }
        typer.echo(json.dumps(states))
        return
    for ref, one in found.items():
        typer.echo(f"{printable(ref)}  {_STANDINGS[one.state]()}")


@app.command("receipt")
def receipt_of_order(
    order: Annotated[str, typer.Argument(help="Reference of the order.")],
) -> None:
    """Print the signed receipt of an order; it verifies offline."""
    start()
    from django.utils import timezone

    from amends.access.actions.record_look import note_look
    from amends.access.actors import system
    from amends.confirmations.queries import order as find
    from amends.confirmations.queries.receipts import IN_RECEIPTS, receipt

    text, found = receipt(order), find(order)
    note_look(
        system("shell"),
        [found.subscriber] if found else [],
        IN_RECEIPTS,
        page="confirmations.read",
        now=timezone.now(),
        reason=gettext_noop("receipt of an order printed from the shell"),
    )
    typer.echo(text)


@app.command("audit")
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
            help="Zone of times and days without one; --pack's, else AMENDS_TIME_ZONE, if left out."
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
    force: FORCE = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Find every charge no confirmation covers: in two files, or in the ledger's facts."""
    if charges is not None and not confirmations:
        raise BadInput(
            _("The audit needs charges and confirmations."),
            next_step=_("Name both files, or neither to audit the ledger's facts."),
        )
    inputs = (charges, *(confirmations or []))
    check_output(out, force=force, inputs=inputs)
    check_not_read(rejects, inputs)
    start()
    begun = time.perf_counter()
    own = _zone(zone, pack)
    if charges is not None:
        found = _files(
            charges,
            confirmations or [],
            (covered_from, covered_to),
            pack or own_pack(),
            own,
            everything,
            out,
            keep,
            rejects,
        )
    else:
        found = _ledger(since, until, own, out)
    found["zone"] = own
    found["seconds"] = round(time.perf_counter() - begun, 3)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        _print_audit(found)
    if check and found["unconfirmed_charges"]:
        raise typer.Exit(1)


@app.command("refund")
def refund(
    audit: Annotated[str, typer.Argument(help="Reference of an audit of the ledger's facts.")],
) -> None:
    """Open the refunds an audit found, and tell the users."""
    start()
    from django.utils import timezone

    from amends.access.actors import system
    from amends.confirmations.actions.open_refunds import open_refunds

    done = open_refunds(audit, actor=system("audit"), now=timezone.now())
    typer.echo(
        _("Services refunded: %(refunded)s; users notified: %(told)s; refunded before: %(before)s.")
        % {
            "refunded": f"{done.refunded:,}",
            "told": f"{done.told:,}",
            "before": f"{done.nothing:,}",
        }
    )


@app.command("observe")
def observe_file(
    file: Annotated[Path, typer.Argument(help="Services another system knows, CSV or Parquet.")],
    source: Annotated[str, typer.Option(help="Name of that system, e.g. crm.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Store services as reported, with their source; those nobody confirmed are flagged.

    Columns: service, subscriber (pseudonym), offer, since, source_ref; if there are any: until
    (when it ended; a report known before is ended by it), kind, provider, agent, campaign. Times
    without a zone are those of AMENDS_TIME_ZONE.
    """
    start()
    from django.utils import timezone

    from amends.confirmations.actions.record_observed import observe
    from amends.confirmations.audit_files import read_reports
    from amends.confirmations.queries import uncovered_count

    reports, bad = read_reports(file, source, _zone("", ""))
    new = 0
    for part in slices(reports, 500):
        new += observe(part, now=timezone.now())
    read = len(reports) + len(bad)
    counts = {
        "read": read,
        "accepted": new,
        "duplicates": len(reports) - new,
        "rejected": len(bad),
        "uncovered": uncovered_count(),
    }
    if as_json:
        typer.echo(json.dumps(counts | {"rejects": bad.head(_SHOWN).to_dicts()}))
        return
    said = _("%(read)s read, %(accepted)s new, %(rejected)s rejected; %(uncovered)s uncovered.")
    typer.echo(said % {name: f"{count:,}" for name, count in counts.items()})
    _print_rejected(bad.to_dicts()[:_SHOWN], len(bad))


def _files(
    charges: Path,
    confirmations: list[Path],
    covered: tuple[str, str],
    pack: str,
    zone: str,
    everything: bool,
    out: Path | None,
    keep: bool,
    rejects: Path | None,
) -> dict[str, Any]:
    import polars as pl

    from amends.confirmations.audit_files import alike, read_charges, read_confirmations
    from amends.confirmations.rules.audit import audit
    from amends.confirmations.rules.required import demanded_in
    from amends.confirmations.rules.summary import document, findings
    from amends.kit.packs import pack as pack_of

    today = datetime.now(ZoneInfo(zone)).date()
    charged, bad_charges = read_charges(charges, pack_of(pack, today).currency, zone)
    events, bad_events = read_confirmations(confirmations, zone)
    bad = pl.concat([bad_charges, bad_events])
    notes = (
        note_kept(keep_earlier(rejects, neutral_frame(bad).write_csv))
        if rejects is not None
        else []
    )
    charged, events = alike(charged, events)
    needed = None if everything else demanded_in(pack, on=today)
    verdicts = audit(charged, events, gaps=_gaps(covered, zone), is_demanded=needed)
    if out is not None:
        neutral_frame(findings(charged, verdicts)).write_csv(out)
    return {
        "notes": notes,
        **(_stored(charged, verdicts, pack) if keep else {}),
        "read": len(charged) + len(bad_charges),
        "confirmations": len(events),
        "rejected": len(bad),
        "rejects": bad.head(_SHOWN).to_dicts(),
        **document(charged, verdicts),
    }


def _stored(charges: Any, verdicts: Any, pack: str) -> dict[str, Any]:
    from django.utils import timezone

    from amends.access.actors import system
    from amends.confirmations.actions.store_file_audit import store_file_audit

    done = store_file_audit(charges, verdicts, pack=pack, actor=system("audit"), now=timezone.now())
    return {"audit": done.audit, "unknown_services": done.unknown_services}


def _ledger(since: str, until: str, zone: str, out: Path | None) -> dict[str, Any]:
    import polars as pl
    from django.utils import timezone

    from amends.access.actors import system
    from amends.confirmations.actions.audit_past import look_back
    from amends.confirmations.queries import found_by

    now = timezone.now()
    end = _day(until, zone) if until else now
    begin = _day(since, zone) if since else end - timedelta(days=365)
    row = look_back(start=begin, end=end, actor=system("audit"), now=now)
    if out is not None:
        neutral_frame(pl.DataFrame(found_by(row.id, limit=None))).write_csv(out)
    return {"notes": [], "audit": row.id, **row.document}


def _gaps(covered: tuple[str, str], zone: str) -> list[tuple[int, int]]:
    first, last = (int(_day(one, zone).timestamp() * 1000) if one else None for one in covered)
    gaps = [] if first is None else [(-(1 << 50), first)]
    return gaps if last is None else [*gaps, (last, 1 << 50)]


def _zone(named: str, pack: str) -> str:
    """The zone of times that state none: named, that of a named pack, or the installation's."""
    from django.conf import settings

    from amends.kit.packs import zone_of

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
        found = parse_moment(text)
    except ValueError as error:
        raise BadInput(
            _("“%(given)s” is no day or moment.") % {"given": text},
            next_step=_("Write it like 2026-04-30."),
        ) from error
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))


def _print_rejected(rows: list[dict[str, Any]], count: int) -> None:
    """Which rows could not be read, and why; the first of them."""
    for one in rows:
        typer.echo(_("%(file)s, row %(row)s: %(reason)s; left out.") % one)
    if count > len(rows):
        typer.echo(_("… and %(count)s more.") % {"count": f"{count - len(rows):,}"})


def _print_audit(found: dict[str, Any]) -> None:
    from amends.confirmations.web.words import VERDICTS
    from amends.kit.formats import format_money

    verdicts = ", ".join(
        f"{VERDICTS.get(verdict, verdict)} {count:,}"
        for verdict, count in found["verdicts"].items()
    )
    typer.echo(
        ngettext(
            "%(count)s charge: %(verdicts)s", "%(count)s charges: %(verdicts)s", found["charges"]
        )
        % {"count": f"{found['charges']:,}", "verdicts": verdicts}
    )
    for row in found["amounts"]:
        typer.echo(
            ngettext(
                "%(owed)s without confirmation on %(count)s service.",
                "%(owed)s without confirmation on %(count)s services.",
                row["unconfirmed_services"],
            )
            % {
                "owed": format_money(row["unconfirmed_minor"], row["currency"]),
                "count": f"{row['unconfirmed_services']:,}",
            }
        )
    _print_rejected(found.get("rejects", []), found.get("rejected", 0))
    for note in found["notes"]:
        typer.echo(note)
    typer.echo(_("Times and days without a zone were read as %(zone)s.") % {"zone": found["zone"]})
    if "audit" in found:
        typer.echo(_("Kept as %(audit)s: amends confirmations refund %(audit)s") % found)
    for one in found["partners"][:20]:
        of = _("of services: %(count)s") % {"count": f"{one['judged']:,}"}
        mark = f" {_('stands out')}" if one["stands_out"] else ""
        typer.echo(
            f"{one['rank']:>3}. {one['name']:24} {one['share']:.2%} "
            f"({one['low']:.2%}–{one['high']:.2%}) {of}{mark}"
        )
