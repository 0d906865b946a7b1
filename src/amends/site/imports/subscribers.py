"""Subscribers out of a file: who they are rests sealed, under a random pseudonym."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from unicodedata import category
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.utils.translation import gettext as _

from amends.channels.files.dates import combine, read_moment
from amends.channels.files.exports import write_csv
from amends.channels.files.mapping import Wanted, infer
from amends.channels.files.report import FileReport, Progress, batches
from amends.channels.files.tables import Reject, read_table
from amends.kit.errors import BadInput
from amends.site.imports.same_person import PeopleOfFile
from amends.subscribers.actions.leave import leave, stay
from amends.subscribers.actions.move_zone import move_zone
from amends.subscribers.actions.register import NewSubscriber, register_many
from amends.subscribers.queries import (
    Lookup,
    former_holders,
    identify,
    identify_many,
    of_several,
    with_another_card,
)
from amends.subscribers.views import SubscriberView
from amends.vault.masks import mask_address, mask_email, mask_id_card, mask_name, mask_phone
from amends.vault.unsaying import without_person

BATCH = 2_000

WANTED = (
    Wanted(
        "key",
        ("key", "customer id", "customerid", "subscriber", "account", "id", "客户编号", "用户编号"),
    ),
    Wanted("name", ("name", "customer name", "full name", "姓名", "客户姓名", "用户姓名")),
    Wanted("phone", ("phone", "msisdn", "mobile", "phone number", "手机号", "号码", "电话")),
    Wanted("id_card", ("id card", "identity card", "id number", "身份证", "证件号码", "身份证号")),
    Wanted("address", ("address", "地址", "住址", "装机地址")),
    Wanted("email", ("email", "e-mail", "邮箱", "电子邮箱")),
    Wanted("language", ("language", "语言")),
    Wanted("zone", ("time zone", "timezone", "zone", "时区")),
    Wanted("province", ("province", "province code", "省份", "省")),
    Wanted("area", ("area", "region", "city", "地区", "地市")),
    Wanted("brand", ("brand", "品牌")),
    Wanted("left", ("left", "left at", "left on", "leaving date", "离网日期", "销户日期")),
)

_LABELS = ("province", "area", "brand")
MASKS: dict[str, Callable[[str], str]] = {
    "name": mask_name,
    "phone": mask_phone,
    "id_card": mask_id_card,
    "address": mask_address,
    "email": mask_email,
}


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of the file: its line and cells, the operator's key, and whom it speaks of."""

    line: int
    cells: list[str]
    key: str
    person: NewSubscriber


class UnableToImportSubscribers(BadInput):
    """No column names anybody."""

    code = "unable_to_import_subscribers"


def import_subscribers(
    path: Path, *, rejects: Path, out: Path, now: datetime, progress: Progress
) -> FileReport:
    """Register the people of a file; `out` gets the operator's own key beside each pseudonym, of
    those who were known before, too.

    Somebody whose phone, mailbox or identity card is known already is a duplicate; where their row
    says when they left, that they have not, or in which time zone they are, that is noted. Who left
    and is back with another number is somebody new: what is kept of before ends in its time.
    """
    table = read_table(path)
    found = infer(table.header, table.rows, WANTED)
    columns = found.columns
    if not columns.keys() & {"key", "phone", "email", "id_card", "name"}:
        named = without_person(", ".join(table.header))[:200]
        raise UnableToImportSubscribers(
            _("The file has no column that says who somebody is: %(columns)s.")
            % {"columns": named},
            where=path.name,
            meaning=_("Nothing was imported."),
            next_step=_(
                "Give a column key, name, phone, id_card or email: docs/operator/feeds.md."
            ),
        )
    places = {name: table.header.index(column) for name, column in columns.items()}
    refused = list(table.rejects)
    report = FileReport(read=table.read, notes=[f"{n} ← {c}" for n, c in columns.items()])
    if found.unused:
        unused = without_person(", ".join(found.unused))[:200]
        report.notes.append(_("Not used: %(columns)s.") % {"columns": unused})
    if "key" not in columns:
        report.notes.append(
            _("No column holds your own key: %(file)s tells nobody apart. Name it key.")
            % {"file": out.name}
        )
    people: list[_Row] = []
    for line, row in zip(table.lines, table.rows, strict=True):
        cells = {name: row[place].strip() for name, place in places.items()}
        key = cells.pop("key", "")
        if not any(cells.get(name) for name in ("phone", "email", "id_card", "name")) and not key:
            said = _(
                "names nobody: give a column key, name, phone, id_card or email: "
                "docs/operator/feeds.md."
            )
            refused.append(Reject(line, said, tuple(row)))
            continue
        left, why = _left(cells.pop("left", ""), now)
        why = why or _no_zone(cells.get("zone", "")) or _unreadable(cells)
        if why:
            refused.append(Reject(line, why, tuple(row)))
            continue
        labels = {name: without_person(cells.get(name, "")) for name in _LABELS if name in cells}
        people.append(_Row(line, row, key, NewSubscriber(**(cells | labels), left_at=left)))
    out.touch(mode=0o600)  # where it cannot be written, nobody is registered
    pairs: list[tuple[int, str, str]] = []
    left_now = moved = staying_on = nameless = elsewhere = others = 0
    # Who left goes first: their number may stand in another row, as somebody else's.
    gone = [item for item in people if item.person.left_at]
    staying = [item for item in people if not item.person.left_at]
    of_file, names = PeopleOfFile(), list[str]()
    for batch in (*batches(gone, BATCH), *batches(staying, BATCH)):
        told = identify_many([_lookup(item.person) for item in batch])
        known = _by_their_cards(batch, told)
        others += known.count(None) - told.count(None)
        if "left" in columns:
            back = [_is_back(*pair) for pair in zip(batch, known, strict=True)]
            known = [
                None if one == "anew" else found for one, found in zip(back, known, strict=True)
            ]
            staying_on += stay(
                found.pseudonym for one, found in zip(back, known, strict=True) if one and found
            )
        elsewhere += _reached_elsewhere(batch, known)
        unknown = [item for item, found in zip(batch, known, strict=True) if found is None]
        shared = of_several([_lookup(item.person) for item in unknown])
        numbers: dict[int, int] = {}
        fresh: list[NewSubscriber] = []
        for item, is_shared in zip(unknown, shared, strict=True):
            if is_shared and not item.person.id_card:
                refused.append(Reject(item.line, _shared(), tuple(item.cells)))
                continue
            numbers[item.line], is_first = of_file.number_of(item.key, item.person)
            if is_first:
                fresh.append(item.person)
                nameless += not any((item.person.phone, item.person.email, item.person.id_card))
        names += register_many(fresh, now=now)
        pairs += [(item.line, item.key, names[numbers[item.line]])
                  for item in unknown if item.line in numbers]  # fmt: skip
        pairs += [(item.line, item.key, found.pseudonym)
                  for item, found in zip(batch, known, strict=True) if found]  # fmt: skip
        left_now += leave(
            {
                found.pseudonym: item.person.left_at
                for item, found in zip(batch, known, strict=True)
                if found and item.person.left_at
            }
        )
        moved += move_zone(
            {
                found.pseudonym: item.person.zone
                for item, found in zip(batch, known, strict=True)
                if found and item.person.zone
            }
        )
        report.accepted += len(fresh)
        report.duplicates += len(batch) - len(fresh) - (len(unknown) - len(numbers))
        progress(report.accepted + report.duplicates, len(table.rows))
    with out.open("w", encoding="utf-8", newline="") as file:
        write_csv(file, ["key", "subscriber"], dict.fromkeys(pair[1:] for pair in sorted(pairs)))
    report.notes.append(_("Pseudonyms beside your keys: %(file)s.") % {"file": out})
    for said, count in (
        (_("Known before, and noted now as having left: %(count)s."), left_now),
        (_("Known to have left, and served now: %(count)s."), staying_on),
        (_("Known before, and in another time zone now: %(count)s."), moved),
        (
            _(
                "Known by identity card or mailbox, and with another phone now, which is not taken "
                "over: %(count)s."
            ),
            elsewhere,
        ),
        (
            _(
                "Registered anew, for their phone or mailbox stands on record with another "
                "identity card: %(count)s. By that phone or mailbox nobody is recognised until the "
                "register says who left."
            ),
            others,
        ),
        (
            _(
                "Without phone, mailbox and identity card, and registered anew by the next file: "
                "%(count)s."
            ),
            nameless,
        ),
    ):
        if count:
            report.notes.append(said % {"count": f"{count:,}"})
    masks = {column: MASKS[name] for name, column in columns.items() if name in MASKS}
    report.set_aside(table.header, refused, rejects, masks=masks)
    return report


def _by_their_cards(
    batch: list[_Row], known: list[SubscriberView | None]
) -> list[SubscriberView | None]:
    """Who is known, but for those whose number or mailbox is on record with another identity card:
    it was given out again, and they are somebody else."""
    found = [(item, one) for item, one in zip(batch, known, strict=True) if one]
    another = with_another_card([(one.pseudonym, item.person.id_card) for item, one in found])
    apart = {item.line for (item, _), is_other in zip(found, another, strict=True) if is_other}
    return [None if item.line in apart else one for item, one in zip(batch, known, strict=True)]


def _is_back(item: _Row, found: SubscriberView | None) -> str:
    """Of a row that says they have not left, about somebody known to have: "again" as who they
    were, with their number or none, or "anew"; "" for all others.
    """
    person = item.person
    if found is None or not found.has_left or person.left_at:
        return ""
    own = found.pseudonym in former_holders(person.phone) and not identify(phone=person.phone)
    return "again" if own or not person.phone else "anew"


def _reached_elsewhere(batch: list[_Row], known: list[SubscriberView | None]) -> int:
    """How many who are known and served give a phone that is not theirs on record."""
    asked = [
        (item.person.phone, found.pseudonym)
        for item, found in zip(batch, known, strict=True)
        if found and item.person.phone and (item.person.email or item.person.id_card)
        if not item.person.left_at
    ]
    holders = identify_many([Lookup(phone=phone) for phone, _ in asked])
    return sum(
        holder is None or holder.pseudonym != whose
        for holder, (_, whose) in zip(holders, asked, strict=True)
    )


def _lookup(person: NewSubscriber) -> Lookup:
    """By what a row's person is known again; of one who left, whose the number was until then."""
    return Lookup(
        person.phone, person.email, "", person.id_card, person.left_at, bool(person.left_at)
    )


def _shared() -> str:
    return _(
        "its phone or mailbox belongs to several people on record: give it an identity card, or "
        "erase who stands there twice."
    )


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
    """What is wrong with a row's cells: bytes that are no text, a phone without a digit; or ""."""
    for name, cell in cells.items():
        if any(category(one) == "Cc" and not one.isspace() for one in cell):
            return _(
                "%(field)s holds bytes that are no text (NUL, say): correct it in your export."
            ) % {"field": name}
    phone = cells.get("phone", "")
    if phone and not any(one.isdigit() for one in phone):
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
        said = _("left “%(cell)s” is no date: write it like 2026-11-24.")
        return None, said % {"cell": cell[:20]}
    if left > now:
        said = _("left “%(cell)s” lies ahead: give it once they have left.")
        return None, said % {"cell": cell[:20]}
    return left, ""
