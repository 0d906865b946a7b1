"""The queue beside a complaint: the list it was opened from, narrow, with the next one to open."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, QueryDict

from amends.cases.complaints.queries import inbox as listing
from amends.cases.complaints.queries.casefile import Complaint
from amends.cases.complaints.queries.inbox import InboxFilter
from amends.cases.complaints.web.inbox import TABS, list_query, wanted_by
from amends.cases.complaints.web.words import VERDICTS, step_words
from amends.people.access.queries.colleagues import people
from amends.people.access.web.signs import Sign, Words, sign


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One complaint of the narrow list."""

    row: Mapping[str, Any]
    owner: str
    initials: str
    verdict: Sign | None
    step: Words
    here: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """The list a complaint was opened from.

    query  what its address asks for, to be carried along by links and forms; "" for all open ones
    """

    title: Words
    query: str
    wanted: InboxFilter
    items: list[QueueItem]

    def following(self, done_refs: Collection[str]) -> str:
        """The next complaint to work on, or "": the one after that which is open, else the first.

        done  complaints that need no more work though they are in the list
        """
        at = next((n for n, item in enumerate(self.items) if item.here), -1)
        in_turn = [*self.items[at + 1 :], *self.items[: max(at, 0)]]
        return next((ref for item in in_turn if (ref := str(item.row["id"])) not in done_refs), "")


def initials(name: str) -> str:
    """Two letters that stand for a colleague: "qiao.lin" is QL, 乔琳 stays as it is.

    >>> initials("qiao.lin"), initials("Lin Hua"), initials("admin"), initials("欧阳小雨")
    ('QL', 'LH', 'AD', '小雨')
    """
    if not name.isascii():
        return name[-2:]
    parts = re.findall(r"[A-Za-z0-9]+", name)
    return ("".join(part[0] for part in parts[:2]) if len(parts) > 1 else name[:2]).upper()


def queue_around(
    request: HttpRequest, complaint: Complaint, *, now: datetime, query: str | None = None
) -> Queue:
    """The list its address asks for, from its start or from shortly before the complaint.

    query  what a form posted as `queue` in place of the address
    """
    query_data = request.GET if query is None else QueryDict(query)
    wanted = wanted_by(request, query_data)
    rows = listing.rows_around(wanted, complaint, now=now)
    return queue_of(query_data, wanted, rows, complaint, people(handlers_of(rows)))


def handlers_of(rows: Iterable[Mapping[str, Any]]) -> set[str]:
    """Those whose names the rows of a queue show, by reference."""
    return {row["handler"] for row in rows} - {""}


def queue_of(
    query_data: QueryDict,
    wanted: InboxFilter,
    rows: Iterable[Mapping[str, Any]],
    complaint: Complaint,
    names: Mapping[str, str],
) -> Queue:
    """The queue of rows that were read before, with the names of their handlers."""
    items = [_item(row, names, complaint) for row in rows]
    return Queue(title=TABS[wanted.view], query=list_query(query_data), wanted=wanted, items=items)


def _item(row: Mapping[str, Any], names: Mapping[str, str], complaint: Complaint) -> QueueItem:
    owner = names.get(row["handler"], "")
    return QueueItem(
        row=row,
        owner=owner,
        initials=initials(owner),
        verdict=sign(VERDICTS, row["verdict"]) if row["verdict"] else None,
        step=step_words(row["next_step"]),
        here=row["id"] == complaint.id,
    )
