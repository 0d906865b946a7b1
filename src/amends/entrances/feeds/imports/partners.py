"""Partners and their contracts out of a file: one row for each contract.

A row names `partner` and `kind`; the names, and of a contract `contract`, `roles`, `valid_from`,
`valid_to` and `brand` may follow. `numbers` lists all numbers that the register assigns to the
partner, separated by spaces or semicolons; an empty cell changes nothing. A contract that is known
changes only by ending: what somebody was allowed on a day in the past is not written anew.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from amends.people.partners.actions.assign_numbers import assign_numbers
from amends.people.partners.actions.contract import (
    ContractCore,
    end_contract,
    known_contract,
    sign_contract,
)
from amends.people.partners.actions.register import register_partners
from amends.people.partners.queries import PartnerView, partner
from amends.platform.kit.errors import BadInput
from amends.platform.kit.texts import clean
from amends.platform.tabular.dates import combine, read_moment
from amends.platform.tabular.report import FileReport, Progress
from amends.platform.tabular.tables import Reject, read_table

NEEDED = ("partner", "kind")
MORE = (
    "name_zh",
    "name_en",
    "contract",
    "roles",
    "valid_from",
    "valid_to",
    "brand",
    "numbers",
)
_LONGEST = {"partner": 64, "name_zh": 160, "name_en": 160, "contract": 64, "brand": 40}
# Who writes 9999-12-31 means no end; a day after it cannot be said.
_LAST_YEAR = 9000
_BETWEEN_NUMBERS = re.compile(r"[;,，；、\s]+")
_LONGEST_NUMBER = 40
_BETWEEN_ROLES = re.compile(r"[;,，、\s]+")


class _Unusable(BadInput):
    """A row contradicts itself or what is known; the others go on."""

    code = "partner_row_unusable"


def import_partners(path: Path, *, rejects: Path, zone: tzinfo, progress: Progress) -> FileReport:
    """Register the partners of a file, sign their contracts, end those that are to end.

    zone  of days and of times without one: a contract of days holds from the first midnight to the
          end of its last day

    Bad rows are set aside with their reasons; a row that changes nothing is a duplicate.
    """
    table = read_table(path)
    if missing := [name for name in NEEDED if name not in table.header]:
        raise BadInput(
            _("The file has no column %(columns)s.") % {"columns": ", ".join(missing)},
            meaning=_("Nothing was imported."),
            next_step=_("Name the columns %(needed)s; %(more)s may follow.")
            % {"needed": ", ".join(NEEDED), "more": ", ".join(MORE)},
            where=f"{path.name}:1",
            code="partners_not_imported",
        )
    report, refused = FileReport(read=table.read), list(table.rejects)
    for number, (line, row) in enumerate(zip(table.lines, table.rows, strict=True), start=1):
        cells = dict(zip(table.header, row, strict=True))
        try:
            with transaction.atomic():
                changed = _take(cells, zone)
        except BadInput as why:
            refused.append(Reject(line, why.in_words(_), tuple(row)))
        else:
            report.accepted += changed
            report.duplicates += not changed
        progress(number, len(table.rows))
    report.set_aside(table.header, refused, rejects)
    return report


def _take(cells: Mapping[str, str], zone: tzinfo) -> bool:
    """Take one row in; whether it changed anything."""
    fields = {name: clean(cells.get(name, "")).strip() for name in (*NEEDED, *MORE)}
    if not fields["partner"]:
        raise _Unusable(_("%(field)s is empty") % {"field": "partner"})
    for name, max_length in _LONGEST.items():
        if len(fields[name]) > max_length:
            raise _Unusable(
                _("%(field)s has more than %(most)s characters")
                % {"field": name, "most": max_length}
            )
    before = partner(fields["partner"])
    now = PartnerView(
        ref=fields["partner"],
        kind=fields["kind"].lower(),
        name_zh=fields["name_zh"]
        or (before.name_zh if before else fields["name_en"] or fields["partner"]),
        name_en=fields["name_en"]
        or (before.name_en if before else fields["name_zh"] or fields["partner"]),
    )
    if now != before:
        register_partners([now])
    numbers = _BETWEEN_NUMBERS.split(fields["numbers"]) if fields["numbers"] else []
    if any(len(number) > _LONGEST_NUMBER for number in numbers):
        raise _Unusable(
            _("%(field)s has more than %(most)s characters")
            % {"field": "numbers", "most": _LONGEST_NUMBER}
        )
    changed = bool(numbers) and assign_numbers(now.ref, numbers, now=timezone.now())
    if not any(fields[name] for name in ("contract", "roles", "valid_from", "valid_to")):
        return changed or now != before
    return _contract(fields, zone) or changed or now != before


def _contract(fields: Mapping[str, str], zone: tzinfo) -> bool:
    if not fields["contract"]:
        raise _Unusable(_("contract is empty: each has a reference of yours"))
    begins = _moment("valid_from", fields["valid_from"], zone)
    ends = _moment("valid_to", fields["valid_to"], zone, last=True)
    roles = tuple(sorted({role for role in _BETWEEN_ROLES.split(fields["roles"]) if role}))
    if begins is None:
        raise _Unusable(_("%(field)s is empty") % {"field": "valid_from"})
    stated = ContractCore(
        partner=fields["partner"], roles=roles, brand=fields["brand"], valid_from=begins
    )
    before = known_contract(fields["contract"])
    if before is None:
        sign_contract(
            stated.partner,
            roles=roles,
            valid_from=begins,
            valid_to=ends,
            brand=stated.brand,
            ref=fields["contract"],
        )
        return True
    contract, ended = before
    if contract != stated:
        raise _Unusable(
            _("contract %(contract)s is known with another partner, roles, brand or beginning")
            % fields
        )
    if ends == ended:
        return False
    if ends is None or (ended is not None and ends > ended):
        raise _Unusable(
            _("contract %(contract)s ends earlier: a longer one has a reference of its own")
            % fields
        )
    end_contract(fields["contract"], at=ends)
    return True


def _moment(name: str, cell: str, zone: tzinfo, *, last: bool = False) -> datetime | None:
    """A day or moment in UTC; a last day counts to its end."""
    if not cell:
        return None
    moment = read_moment(cell)
    instant = combine(moment, order="ymd", clock=None, zone=zone) if moment else None
    if moment is None or instant is None:
        raise _Unusable(
            _("%(field)s “%(cell)s” is no date: write it like 2026-11-24")
            % {"field": name, "cell": cell[:20]}
        )
    if instant.year > _LAST_YEAR:
        message = (
            _("%(field)s “%(cell)s” lies too far ahead: leave it empty for no end")
            if last
            else _("%(field)s “%(cell)s” lies too far ahead")
        )
        raise _Unusable(message % {"field": name, "cell": cell[:20]})
    if last and moment.clock is None:
        after = instant.astimezone(zone).replace(tzinfo=None) + timedelta(days=1)
        return after.replace(tzinfo=zone).astimezone(UTC)
    return instant
