"""What the Australian regulator has operators keep each quarter, counted of our own complaints.

Telecommunications (Consumer Complaints) Record-Keeping Rules 2018: services in operation,
complaints by type of service and of complaint, mean days, days to solve 80%, the three most
frequent types, referrals to the ombudsman. Each service of a bundle counts as one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl
from django.utils.translation import gettext as _

from amends.catalogue.queries import offer_kinds
from amends.channels.queries.capabilities import electronic
from amends.complaints.queries.units import unit_names
from amends.indicators.bulletin_rates import few
from amends.indicators.columns import exposure, in_classes_of
from amends.indicators.rate_words import unit_words
from amends.indicators.rules.bulletin import Cell, Section
from amends.indicators.rules.measures import UnitFigures, days_taken, days_to_solve, measures
from amends.stats.rates import UNITS, Rate, convert, mean, rate

PER = 10_000
TOP = 3
TYPES = "acma"
"""The version of classes whose types the rules ask for."""


@dataclass(frozen=True, slots=True)
class Record:
    """One kind of service, "" for all: the fields of the rules.

    days_80  days within which 80% were resolved, None while fewer are
    top      (type, complaints), the most frequent three
    """

    kind: str
    services: float
    complaints: int
    rate: Rate | None
    mean_days: float | None
    days_80: int | None
    top: tuple[tuple[str, int], ...]


def records(
    frame: pl.DataFrame, *, start: date, end: date, zone: str, brand: str = ""
) -> list[Record]:
    """The fields for each kind of service, and for all together as the last."""
    frame = in_classes_of(TYPES, frame)
    where = {"start": start, "end": end, "zone": zone, "brand": brand}
    running = exposure("kind", **where)
    running[""] = exposure("services", **where).get("", 0.0)
    found = {one.unit: one for one in measures(frame, "kind", electronic=electronic())}
    taken = days_taken(frame, "kind")
    kinds = sorted((found.keys() | running.keys()) - {""})
    rows = [
        _record(kind, found.get(kind, UnitFigures(kind)), taken.get(kind, {}), running, frame)
        for kind in kinds
    ]
    (total,) = measures(frame, electronic=electronic()) or [UnitFigures("")]
    everything = days_taken(frame).get("", {})
    return [*rows, _record("", total, everything, running, frame)]


def _record(
    kind: str,
    found: UnitFigures,
    taken: dict[int, int],
    running: dict[str, float],
    frame: pl.DataFrame,
) -> Record:
    mine = frame.filter(pl.col("kind") == kind) if kind else frame
    top = Counter(one for one in mine[TYPES].to_list() if one)
    services = running.get(kind, 0.0)
    days = mean(found.days, found.days2, found.resolved)
    return Record(
        kind=kind,
        services=services,
        complaints=found.complaints,
        rate=rate(found.complaints, services, per=PER) if services > 0 else None,
        mean_days=days.mean if days else None,
        days_80=days_to_solve(taken, found.complaints) if found.complaints else None,
        top=tuple(sorted(top.items(), key=lambda one: (-one[1], one[0]))[:TOP]),
    )


def record_keeping_section(
    frame: pl.DataFrame,
    *,
    start: date,
    end: date,
    zone: str,
    brand: str,
    referrals: Mapping[str, int],
) -> Section:
    """The record as a table of the bulletin.

    referrals  product → complaints passed on to the regulator's body in the quarter
    """
    names, words = unit_names(TYPES), kind_names()
    passed = Counter({"": sum(referrals.values())})
    offers = offer_kinds()
    for product, number in referrals.items():
        if kind := offers.get(product, ("", ""))[0]:
            passed[kind] += number
    rows: list[tuple[Cell, ...]] = []
    for one in records(frame, start=start, end=end, zone=zone, brand=brand):
        top = "; ".join(f"{names.get(code, code)} {number}" for code, number in one.top)
        rows.append(
            (
                words.get(one.kind, one.kind),
                round(one.services),
                one.complaints,
                one.rate.rate if one.rate else None,
                one.mean_days,
                one.days_80,
                passed[one.kind],
                top,
            )
        )
    return Section(
        "records",
        _("Record-keeping fields (form of the Australian rules)"),
        (
            _("Kind of service"),
            _("Services in operation"),
            _("Complaints"),
            _("Per 10,000 services"),
            _("Mean days"),
            _("Days to solve 80%%") % {},
            _("Passed on"),
            _("Three most frequent"),
        ),
        ("text", "count", "count", "rate", "days", "count", "count", "text"),
        rows,
        _(
            "Complaints about no service of a known kind stand in the last row alone. Passed on: "
            "to the regulator's body, in the quarter, whenever they came."
        ),
    )


def kinds_section(frame: pl.DataFrame, *, start: date, end: date, zone: str, brand: str) -> Section:
    """The rate of each kind of service in the unit of each regulator, with its interval."""
    words = kind_names()
    rows: list[tuple[Cell, ...]] = []
    for one in records(frame, start=start, end=end, zone=zone, brand=brand):
        if one.rate is None:
            continue
        ends = (one.rate.rate, one.rate.low, one.rate.high)
        in_units = [[convert(end, unit="per_10_000", to=unit) for end in ends] for unit in UNITS]
        (million, low, high), *others = in_units
        rows.append(
            (
                words.get(one.kind, one.kind),
                round(one.services),
                one.complaints,
                million,
                low,
                high,
                *(other[0] for other in others),
                few(one.complaints),
            )
        )
    units = unit_words()
    header = (
        _("Kind of service"),
        _("Services in operation"),
        _("Complaints"),
        _("Per million services"),
        _("Lowest"),
        _("Highest"),
        *(units[unit] for unit in list(UNITS)[1:]),
        _("Few complaints"),
    )
    note = _("Units convert; what regulators count does not: never compare without saying so.")
    forms = ("text", "count", "count", "rate", "rate", "rate", "rate", "rate", "text")
    return Section("kinds", _("The rate by kind of service"), header, forms, rows, note)


def types_section(frame: pl.DataFrame) -> Section:
    """Complaints by type and kind of service, with their sums."""
    names, words = unit_names(TYPES), kind_names()
    counts = Counter(in_classes_of(TYPES, frame).select(TYPES, "kind").rows())
    kinds = [*sorted({kind for _code, kind in counts if kind}), ""]
    rows: list[tuple[Cell, ...]] = []
    sums: Counter[str] = Counter()
    for code in sorted({code for code, _kind in counts}):
        line = {kind: counts[code, kind] for kind in kinds}
        sums.update(line)
        rows.append((names.get(code, code) or _("other"), *line.values(), sum(line.values())))
    if rows:
        rows.append((_("Total"), *(sums[kind] for kind in kinds), sums.total()))
    header = (
        _("Type"),
        *(words.get(kind, kind) for kind in kinds[:-1]),
        _("no service of a known kind"),
        _("Together"),
    )
    forms = ("text", *("count" for _kind in kinds), "count")
    title = _("Complaints by type and kind of service")
    return Section("record-types", title, header, forms, rows, sums=True)


def kind_names() -> dict[str, str]:
    """Kinds of service in words."""
    return {
        "": _("all services"),
        "mobile_plan": _("mobile"),
        "broadband": _("fixed broadband"),
        "landline": _("fixed telephone"),
        "value_added": _("value-added services"),
    }
