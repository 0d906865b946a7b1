"""Reading the inbox: one page in the order of the next legal deadline, whatever the size.

Open complaints with a running clock come from one partial index, a page at a time by keyset; a
count never looks at more than `COUNTED` rows, so a million open complaints cost what a thousand do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from amends.channels.contacts import contact_index
from amends.complaints.models import Complaint
from amends.kit.errors import BadInput
from amends.subscribers.queries import identify

PAGE = 25
COUNTED = 999

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

VIEWS = ("open", "late", "today", "person", "mine", "waiting", "closed")

_COLUMNS = (
    "id", "code_public", "person_shown", "code", "confidence_permille", "ask_for_words",
    "first_words", "area", "channel", "state", "urgent", "identity", "next_step", "next_due_at",
    "received_at", "verdict", "amount_minor", "currency", "contacts_count", "handler", "is_open",
)  # fmt: skip


class UnableToList(BadInput):
    """The address of the list names something that does not exist."""

    code = "unable_to_list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to list.

    view    one of `VIEWS`
    brand   the brand an actor is confined to, "" for every brand
    words   a tracking code, a phone number, a mailbox, or words of the complaint
    """

    view: str = "open"
    code: str = ""
    root: str = ""
    state: str = ""
    channel: str = ""
    area: str = ""
    verdict: str = ""
    words: str = ""
    handler: str = ""
    brand: str = ""

    def __post_init__(self) -> None:
        if self.view not in VIEWS:
            raise UnableToList(
                f"There is no view {self.view}.", next_step="Choose one of the tabs."
            )

    @property
    def by_deadline(self) -> bool:
        """Whether the order is that of the next deadline; otherwise that of receipt."""
        return self.view not in ("waiting", "closed") and not self.words

    @property
    def narrowed(self) -> bool:
        """Whether anything besides the view narrows the list."""
        return any(
            (self.code, self.root, self.state, self.channel, self.area, self.verdict, self.words)
        )


@dataclass(slots=True)
class Page:
    """One page; `before` and `after` are cursors, "" where the list ends."""

    rows: list[Any] = field(default_factory=list)
    before: str = ""
    after: str = ""


def chosen(wanted: Wanted, *, now: datetime) -> QuerySet[Complaint]:
    """The complaints wanted, without an order."""
    rows = _of_view(wanted, now=now)
    exact = {
        name: value
        for name in ("code", "state", "channel", "area", "verdict", "brand")
        if (value := getattr(wanted, name))
    }
    rows = rows.filter(**exact)
    if wanted.root:
        rows = rows.filter(code__startswith=f"{wanted.root}.")
    if wanted.words:
        rows = rows.filter(_matching(wanted.words))
    return rows


def _of_view(wanted: Wanted, *, now: datetime) -> QuerySet[Complaint]:
    every = Complaint.objects.all()
    if wanted.words:
        return every
    if wanted.view == "closed":
        return every.filter(is_open=False)
    opened = every.filter(is_open=True)
    if wanted.view == "waiting":
        return opened.filter(next_due_at__isnull=True)
    running = opened.filter(next_due_at__isnull=False)
    narrower = {
        "late": {"next_due_at__lt": now},
        "today": {"next_due_at__gte": now, "next_due_at__lt": now + timedelta(hours=24)},
        "person": {"verdict": "person_must_decide"},
        "mine": {"handler": wanted.handler},
    }
    return running.filter(**narrower.get(wanted.view, {}))


def _matching(words: str) -> Q:
    """A tracking code, a contact somebody gave, or a piece of the first words."""
    plain = words.strip()
    found = Q(code_public__iexact=plain) | Q(first_words__icontains=plain)
    digits = "".join(letter for letter in plain if letter.isdigit())
    if "@" in plain or len(digits) >= 7:
        found |= Q(person=contact_index(plain))
        known = identify(phone="" if "@" in plain else plain, email=plain if "@" in plain else "")
        if known:
            found |= Q(subscriber=known.pseudonym)
    return found


def page(wanted: Wanted, *, now: datetime, after: str = "", before: str = "") -> Page:
    """`PAGE` rows after (or before) a cursor."""
    rows = chosen(wanted, now=now)
    backwards = bool(before)
    rows = _from_cursor(rows, wanted, before or after, backwards=backwards)
    found = list(rows.values(*_COLUMNS)[: PAGE + 1])
    more = len(found) > PAGE
    found = found[:PAGE]
    if backwards:
        found.reverse()
    result = Page(rows=found)
    if found:
        result.before = _cursor(found[0], wanted) if (more if backwards else after) else ""
        result.after = _cursor(found[-1], wanted) if (backwards or more) else ""
    return result


def _from_cursor(
    rows: QuerySet[Complaint], wanted: Wanted, cursor: str, *, backwards: bool
) -> QuerySet[Complaint]:
    column = "next_due_at" if wanted.by_deadline else "received_at"
    # What is closed, waits or was searched for reads newest first.
    falling = backwards if wanted.by_deadline else not backwards
    if cursor:
        at, ref = _read(cursor)
        than = "lt" if falling else "gt"
        rows = rows.filter(
            Q(**{f"{column}__{than}": at}) | Q(**{column: at, f"id__{than}": ref}),
            **{f"{column}__{than}e": at},
        )
    mark = "-" if falling else ""
    return rows.order_by(f"{mark}{column}", f"{mark}id")


def _cursor(row: dict[str, Any], wanted: Wanted) -> str:
    at = row["next_due_at" if wanted.by_deadline else "received_at"]
    return f"{(at - _EPOCH) // _MICROSECOND}.{row['id']}"


def _read(cursor: str) -> tuple[datetime, str]:
    try:
        microseconds, ref = cursor.split(".")
        return _EPOCH + int(microseconds) * _MICROSECOND, ref
    except (ValueError, OverflowError) as error:
        raise UnableToList(
            "The page you ask for cannot be found.", next_step="Start at the first page."
        ) from error


def count(wanted: Wanted, *, now: datetime) -> int:
    """How many there are, counted no further than `COUNTED` + 1."""
    return chosen(wanted, now=now).order_by()[: COUNTED + 1].count()


def counts(views: Sequence[str], *, brand: str, handler: str, now: datetime) -> dict[str, int]:
    """The size of each view, each counted no further than `COUNTED` + 1."""
    return {view: count(Wanted(view=view, brand=brand, handler=handler), now=now) for view in views}
