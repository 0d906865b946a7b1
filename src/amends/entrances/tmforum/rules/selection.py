"""Attributes of the answer (`fields`), pages, cursors and filters that a client selects."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _

DEFAULT_LIMIT, MAX_LIMIT = 50, 1_000
_MAX_OFFSET = 10_000_000
_LOOKUPS = {"": "", "eq": "", "gt": "__gt", "gte": "__gte", "lt": "__lt", "lte": "__lte"}
_FILTERS = (
    "id, status, severity, ticketType, priority, channel.id, externalId, externalIdentifier.id, "
    "troubleTicketSpecification.id, creationDate (with .gt, .gte, .lt, .lte)"
)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page begins or ends: the creation time and id of a row."""

    at: datetime
    ref: str

    def cursor(self) -> str:
        """The position as a text that clients pass back unread."""
        return base64.urlsafe_b64encode(f"{self.at.isoformat()} {self.ref}".encode()).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageQuery:
    """The page a client asks for; `before` and `after` replace `offset`."""

    offset: int = 0
    limit: int = DEFAULT_LIMIT
    before: Position | None = None
    after: Position | None = None
    descending: bool = False


def page_query(parameters: Mapping[str, str]) -> PageQuery:
    """Read `offset`, `limit`, `before`, `after` and `sort`; BadInput where one cannot be used.

    >>> page_query({"offset": "20", "limit": "5", "sort": "-creationDate"})
    ... # doctest: +NORMALIZE_WHITESPACE
    PageQuery(offset=20, limit=5, before=None, after=None, descending=True)
    """
    sort = parameters.get("sort", "") or "creationDate"
    if sort.lstrip("+-") != "creationDate":
        raise BadInput(
            _("Tickets are sorted by creationDate only."),
            next_step=_("Leave sort out, or send creationDate or -creationDate."),
            code="bad_query",
        )
    return PageQuery(
        offset=_whole_number(parameters, "offset", 0, _MAX_OFFSET),
        limit=min(_whole_number(parameters, "limit", DEFAULT_LIMIT, _MAX_OFFSET), MAX_LIMIT),
        before=_position(parameters.get("before", "")),
        after=_position(parameters.get("after", "")),
        descending=sort.startswith("-"),
    )


@dataclass(frozen=True, slots=True)
class DateFilter:
    """A limit of `creationDate`; `lookup` is the suffix of a condition, "" for equality."""

    lookup: str
    at: datetime


def date_filter(name: str, value: str) -> DateFilter | None:
    """Read a filter of `creationDate`; None for another attribute.

    >>> date_filter("creationDate.gte", "2026-11-24T10:05:00Z").lookup
    '__gte'
    """
    field, _dot, operator = name.partition(".")
    if field != "creationDate" or operator not in _LOOKUPS:
        return None
    try:
        at = datetime.fromisoformat(value.replace(" ", "+"))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise BadInput(
            _("creationDate must be a date and time with a time zone."),
            next_step=_("Send it as 2026-11-24T10:05:00Z."),
            code="bad_query",
        )
    return DateFilter(_LOOKUPS[operator], at)


def unknown_filter(name: str) -> BadInput:
    """The refusal of an attribute that lists cannot be filtered by."""
    return BadInput(
        _("Tickets cannot be filtered by %(name)s."),
        meaning=_("Nothing was read."),
        next_step=_("Filter by %(known)s."),
        values={"name": name[:60], "known": _FILTERS},
        code="bad_query",
    )


def select_fields(
    document: Mapping[str, Any], fields: str, *, always: Sequence[str]
) -> dict[str, Any]:
    """The attributes named in `fields`, those in `always` too; all of them if `fields` is empty.

    >>> select_fields({"id": "7", "status": "held", "note": []}, "status", always=("id",))
    {'id': '7', 'status': 'held'}
    """
    if not fields:
        return dict(document)
    names = {name.strip().split(".")[0] for name in fields.split(",")} | set(always)
    return {name: value for name, value in document.items() if name in names}


def _whole_number(parameters: Mapping[str, str], name: str, default: int, highest: int) -> int:
    if name not in parameters:
        return default
    text = parameters[name]
    if not (text.isascii() and text.isdigit() and len(text) <= 8 and int(text) <= highest):
        raise BadInput(
            _("%(name)s must be a whole number from 0 to %(highest)s."),
            next_step=_("Correct the address of the request."),
            values={"name": name, "highest": highest},
            code="bad_query",
        )
    return int(text)


def _position(cursor: str) -> Position | None:
    if not cursor:
        return None
    try:
        at, _space, ref = base64.urlsafe_b64decode(cursor.encode()).decode().partition(" ")
        moment = datetime.fromisoformat(at)
    except (ValueError, binascii.Error) as error:
        raise _bad_cursor() from error
    if moment.tzinfo is None or not ref.isalnum():
        raise _bad_cursor()
    return Position(moment, ref)


def _bad_cursor() -> BadInput:
    return BadInput(
        _("The cursor is not one that this interface issued."),
        next_step=_("Take it from the Link header of the page before."),
        code="bad_query",
    )
