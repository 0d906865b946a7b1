"""Write the reports of a month in the format of the authority."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from django.utils import timezone

from amends.causes.protection.choices import ReportState
from amends.causes.protection.models import NuisanceReport
from amends.causes.protection.numbers import is_foreign, national
from amends.causes.protection.queries import opened_numbers, words_of
from amends.causes.protection.rules.operators import operator_of, operators
from amends.platform.kit.packs import load_rules
from amends.platform.tabular.exports import write_csv
from amends.platform.vault.recognisers import mask_text

AT_A_TIME = 500
COLUMNS = (
    "reference",
    "reported_at",
    "type",
    "number",
    "operator",
    "text",
    "measure",
    "measure_at",
)


@dataclass(frozen=True, slots=True)
class AuthorityFile:
    """The file for the authority.

    reports   rows of the file; withdrawn reports are left out
    verified  whether the format was checked against the authority's present form
    """

    reports: int
    month: str
    format: str
    verified: bool
    out: str


def report_to_authority(month: date, out: Path) -> AuthorityFile:
    """Write the reports that were received in the month of a day; reporters are not in it."""
    file = load_rules("amends.causes.protection", "authority-report", month)
    rows = {row["id"]: row for row in file.rules}
    written = 0

    def lines() -> Iterator[list[object]]:
        nonlocal written
        for line in _lines(month, rows):
            written += 1
            yield [line[key] for key in COLUMNS]

    with out.open("w", encoding="utf-8-sig", newline="") as target:
        write_csv(target, [rows["columns"][key] for key in COLUMNS], lines())
    return AuthorityFile(
        reports=written,
        month=f"{month:%Y-%m}",
        format=file.version,
        verified=all(row["verified"] is True for row in file.rules),
        out=str(out),
    )


def _lines(month: date, rules: dict[str, Any]) -> Iterator[dict[str, object]]:
    first = month.replace(day=1)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    zone = timezone.get_current_timezone()
    begin, end = (datetime.combine(day, time(), zone) for day in (first, following))
    known_operators = operators(first)
    reports = NuisanceReport.objects.filter(reported_at__gte=begin, reported_at__lt=end)
    reports = reports.exclude(state=ReportState.WITHDRAWN).select_related("number")
    reports = reports.order_by("reported_at", "ref")
    after: tuple[datetime, str] | None = None
    while True:
        part = list(_after(reports, after)[:AT_A_TIME])
        if not part:
            return
        after = (part[-1].reported_at, part[-1].ref)
        numbers = opened_numbers([row.number for row in part if row.number])
        by_ref = dict(zip([row.number_id for row in part if row.number], numbers, strict=True))
        for row in part:
            number = by_ref.get(row.number_id, "")
            step = row.number.step if row.number else ""
            yield {
                "reference": row.ref,
                "reported_at": timezone.localtime(row.reported_at).isoformat(" ", "seconds"),
                "type": rules["types"].get(
                    "call" if row.thing == "call" else row.label, rules["types"]["other"]
                ),
                "number": number,
                "operator": operator_of(
                    national(number), foreign=is_foreign(number), prefixes=known_operators
                ).zh,
                "text": mask_text(words_of(row)).text,
                "measure": rules["measures"][step or "none"],
                "measure_at": (
                    timezone.localtime(row.number.step_at).isoformat(" ", "seconds")
                    if row.number and row.number.step_at
                    else ""
                ),
            }


def _after(rows: Any, after: tuple[datetime, str] | None) -> Any:
    if after is None:
        return rows
    at, ref = after
    later = rows.filter(reported_at__gt=at)
    return later | rows.filter(reported_at=at, ref__gt=ref)
