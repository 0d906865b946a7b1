"""The rows of a file of subscribers: columns found by their names, and what no row may hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from sys import intern
from typing import Any, NamedTuple
from unicodedata import category
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.utils.translation import gettext as _

from amends.people.subscribers.actions.register import NewSubscriber
from amends.people.subscribers.queries.personal import CUSTOMER_KEY, index_entries
from amends.platform.kit.errors import BadInput
from amends.platform.tabular.columns import ColumnRole, choose_columns
from amends.platform.tabular.dates import combine, read_moment
from amends.platform.tabular.report import FileReport
from amends.platform.tabular.tables import Reject, Table, read_table
from amends.platform.vault.masks import (
    mask_address,
    mask_email,
    mask_id_card,
    mask_name,
    mask_phone,
)
from amends.platform.vault.redaction import redact_person

WANTED = (
    ColumnRole(
        "key",
        ("key", "customer id", "customerid", "subscriber", "account", "id", "客户编号", "用户编号"),
    ),
    ColumnRole("name", ("name", "customer name", "full name", "姓名", "客户姓名", "用户姓名")),
    ColumnRole("phone", ("phone", "msisdn", "mobile", "phone number", "手机号", "号码", "电话")),
    ColumnRole(
        "id_card", ("id card", "identity card", "id number", "身份证", "证件号码", "身份证号")
    ),
    ColumnRole("address", ("address", "地址", "住址", "装机地址")),
    ColumnRole("email", ("email", "e-mail", "邮箱", "电子邮箱")),
    ColumnRole("language", ("language", "语言")),
    ColumnRole("zone", ("time zone", "timezone", "zone", "时区")),
    ColumnRole("province", ("province", "province code", "省份", "省")),
    ColumnRole("area", ("area", "region", "city", "地区", "地市")),
    ColumnRole("brand", ("brand", "品牌")),
    ColumnRole("left", ("left", "left at", "left on", "leaving date", "离网日期", "销户日期")),
)

_LABELS = ("province", "area", "brand")
MASKS: dict[str, Callable[[str], str]] = {
    "name": mask_name,
    "phone": mask_phone,
    "id_card": mask_id_card,
    "address": mask_address,
    "email": mask_email,
}


class RowMarks(NamedTuple):
    """The blind index entries of what a row is recognised by; "" for what it does not give."""

    customer_key: str
    id_card: str
    phone: str
    email: str


@dataclass(frozen=True, slots=True)
class SubscriberRow:
    """One row of the file: its line and cells, the operator's key, and what it says of whom."""

    line: int
    cells: list[str]
    key: str
    person: NewSubscriber
    marks: RowMarks


@dataclass(frozen=True, slots=True)
class People:
    """A file that was read: its rows, those refused so far, and which column was taken for what."""

    table: Table
    columns: dict[str, str]
    rows: list[SubscriberRow]
    refused: list[Reject]

    def set_aside(self, report: FileReport, rejects: Path) -> None:
        """Write the refused rows, what names somebody masked, and count them."""
        masks = {column: MASKS[name] for name, column in self.columns.items() if name in MASKS}
        report.set_aside(self.table.header, self.refused, rejects, masks=masks)


def read_people(path: Path, *, now: datetime) -> tuple[People, FileReport]:
    """The rows of a file, and the report that begins with them."""
    table = read_table(path)
    chosen_columns = choose_columns(table.header, table.rows, WANTED, empty_too=True)
    columns = {name: chosen_columns.by_role[name][0] for name in chosen_columns.by_role}
    if not columns.keys() & {"key", "phone", "email", "id_card"}:
        named = redact_person(", ".join(table.header))[:200]
        raise BadInput(
            _("The file has no column that says who somebody is: %(columns)s.")
            % {"columns": named},
            where=path.name,
            meaning=_("Nothing was imported."),
            next_step=_("Give a column key, phone, id_card or email: docs/operator/feeds.md."),
            code="unable_to_import_subscribers",
        )
    report = FileReport(read=table.read, notes=[f"{n} ← {c}" for n, c in columns.items()])
    if chosen_columns.unused:
        unused = redact_person(", ".join(chosen_columns.unused))[:200]
        report.notes.append(_("Not used: %(columns)s.") % {"columns": unused})
    if "key" not in columns:
        report.notes.append(
            _(
                "No column holds your own key of a customer: rows are recognised by number, and a "
                "customer with another number is somebody new. Name the column key."
            )
        )
    indexes = {name: table.header.index(column) for name, column in columns.items()}
    people = People(table=table, columns=columns, rows=[], refused=list(table.rejects))
    read: list[tuple[int, list[str], str, NewSubscriber]] = []
    for line, cells in zip(table.lines, table.rows, strict=True):
        fields = {name: cells[index].strip() for name, index in indexes.items()}
        person, why = _person(fields, now)
        if person is None:
            people.refused.append(Reject(line, why, tuple(cells)))
        else:
            read.append((line, cells, fields.get("key", ""), person))
    for row, marks in zip(read, _marks([row[2:] for row in read]), strict=True):
        people.rows.append(SubscriberRow(*row, marks))
    return people, report


def _marks(read: Sequence[tuple[str, NewSubscriber]]) -> list[RowMarks]:
    columns = [index_entries(CUSTOMER_KEY, [key for key, _ in read])]
    for name in RowMarks._fields[1:]:
        columns.append(index_entries(name, [getattr(person, name) for _, person in read]))
    return [RowMarks(*map(intern, entries)) for entries in zip(*columns, strict=True)]


def _person(fields: dict[str, str], now: datetime) -> tuple[NewSubscriber | None, str]:
    """Whom a row speaks of, or None and why it is refused."""
    if not any(fields.get(name) for name in ("phone", "email", "id_card", "key")):
        return None, _(
            "names nobody: give a column key, phone, id_card or email: docs/operator/feeds.md."
        )
    left, why = _left(fields.get("left", ""), now)
    if why := why or _no_zone(fields.get("zone", "")) or _unreadable(fields):
        return None, why
    cells = {name: value for name, value in fields.items() if name not in ("key", "left")}
    for name in ("name", "address"):
        if "*" in cells.get(name, ""):
            cells[name] = ""  # masked: what is on record stays
    labels = {name: redact_person(cells[name]) for name in _LABELS if name in cells}
    attributes: dict[str, Any] = cells | labels
    return NewSubscriber(**attributes, left_at=left), ""


def _no_zone(cell: str) -> str:
    """What is wrong with the name of a time zone, "" if nothing."""
    try:
        ZoneInfo(cell or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return _("zone “%(cell)s” is no time zone: write it like Australia/Perth.") % {
            "cell": cell[:20]
        }
    return ""


def _unreadable(cells: dict[str, str]) -> str:
    """What is wrong with a row's cells: bytes that are no text, a mask, a phone without a digit; or
    ""."""
    for name, cell in cells.items():
        if any(category(character) == "Cc" and not character.isspace() for character in cell):
            return _(
                "%(field)s holds bytes that are no text (NUL, say): correct it in your export."
            ) % {"field": name}
    for name in ("key", "phone", "id_card", "email"):
        if "*" in cells.get(name, ""):
            return _("%(field)s is masked: export it in full.") % {"field": name}
    phone = cells.get("phone", "")
    if phone and not any(character.isdigit() for character in phone):
        return _("phone holds no digit: leave it empty where there is no number.")
    return ""


def _left(cell: str, now: datetime) -> tuple[datetime | None, str]:
    """When somebody left, None if they have not; and what is wrong with the cell, "" if nothing."""
    if not cell:
        return None, ""
    moment = read_moment(cell)
    zone = ZoneInfo(settings.TIME_ZONE)
    left = combine(moment, order="ymd", clock=None, zone=zone) if moment else None
    if left is None:
        message = _("left “%(cell)s” is no date: write it like 2026-11-24.")
        return None, message % {"cell": cell[:20]}
    if left > now:
        message = _("left “%(cell)s” lies ahead: give it once they have left.")
        return None, message % {"cell": cell[:20]}
    return left, ""
