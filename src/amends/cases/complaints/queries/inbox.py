"""The inbox, the work queue of the desk: one page ordered by the next legal deadline.

Each view has a partial index in its order, which also carries what can be filtered; pages go by
keyset. A count finds no more than `COUNTED` rows, a search for words reads `SEARCHED` complaints at
a time, so a million open complaints cost what a thousand do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from amends.cases.complaints import refusals
from amends.cases.complaints.models import Complaint, Contact, Event, Reply
from amends.channels.queries.contacts import contact_index
from amends.people.subscribers.queries import former_holders, identify
from amends.platform.database.prepared_cursor import prepared_cursor
from amends.platform.database.prepared_queries import PreparedQuery

PAGE = 25
COUNTED = 999
SEARCHED = 10_000
EXPORTED = 5_000
# Words with so many digits may be a telephone number.
_DIGITS = 7
ANY_ISSUE = "any"
NOBODY = "nobody"
MANY = ("code", "state", "channel", "area", "verdict", "team")
"""Filters that take several values, with commas between them."""
MOST_ISSUES = 50

_LOST_FOR = timedelta(days=30)
# Answered, and no clock of ours runs: what a user adds would be read by nobody.
_ANSWERED = (
    "proposed",
    "lapsed",
    "refused_by_user",
    "accepted",
    "implementing",
    "deadlocked",
    "with_regulator",
)
# What happens to a complaint without anybody reading it.
_BY_ITSELF = (
    "contact_joined",
    "files_attached",
    "files_left_out",
    "resumed",
    "reclassified",
    "warning",
    "breach",
    "escalation",
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER = datetime(9000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

VIEWS = (
    "open",
    "late",
    "escalated",
    "today",
    "person",
    "approve",
    "mine",
    "wrote",
    "unreached",
    "enquiries",
    "waiting",
    "closed",
)

_COLUMNS = (
    "id",
    "code_public",
    "person",
    "person_shown",
    "subscriber",
    "code",
    "confidence_permille",
    "ask_for_words",
    "first_words",
    "area",
    "channel",
    "state",
    "urgent",
    "identity",
    "next_step",
    "next_due_at",
    "received_at",
    "verdict",
    "amount_minor",
    "currency",
    "contacts_count",
    "handler",
    "team",
    "is_open",
    "hot_issue",
    "escalated_to",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxFilter:
    """What to list.

    view    one of `VIEWS`
    code, state, channel, area, verdict, team
            one value, or several with commas between them: any of them
    owner   `nobody` for what nobody handles, or the reference of a person
    brand   the brand an actor is confined to, "" for every brand
    issue   number of a hot issue, or "any" for those that belong to one
    words   a tracking code, a phone number, a mailbox, or words of the complaint
    """

    view: str = "open"
    code: str = ""
    root: str = ""
    state: str = ""
    channel: str = ""
    area: str = ""
    verdict: str = ""
    issue: str = ""
    team: str = ""
    owner: str = ""
    words: str = ""
    handler: str = ""
    brand: str = ""

    def __post_init__(self) -> None:
        if self.view not in VIEWS:
            raise refusals.unknown_view(view=self.view)
        if self.issue and self.issue != ANY_ISSUE and not _is_number(self.issue):
            raise refusals.issue_without_number()

    @property
    def by_deadline(self) -> bool:
        """Whether the order is that of the next deadline; otherwise that of receipt."""
        undated = ("wrote", "unreached", "enquiries", "waiting", "closed")
        return self.view not in undated and not self.words

    @property
    def narrowed(self) -> bool:
        """Whether anything besides the view narrows the list."""
        return any(
            (
                self.code,
                self.root,
                self.state,
                self.channel,
                self.area,
                self.verdict,
                self.issue,
                self.team,
                self.owner,
                self.words,
            )
        )


@dataclass(slots=True)
class Page:
    """One page; `before` and `after` are cursors, "" where the list ends.

    A search for words may go on (`after`) though this page holds few rows, or none.

    people  the subscribers whose rows were found by their number or mailbox, by pseudonym
    """

    rows: list[Any] = field(default_factory=list)
    before: str = ""
    after: str = ""
    people: frozenset[str] = frozenset()


def chosen(wanted: InboxFilter, *, now: datetime) -> QuerySet[Complaint]:
    """The complaints wanted, without an order."""
    rows = _of_view(wanted, now=now)
    rows = rows.filter(brand=wanted.brand) if wanted.brand else rows
    for name in MANY:
        if values := values_of(getattr(wanted, name)):
            rows = rows.filter(
                **({f"{name}__in": values} if len(values) > 1 else {name: values[0]})
            )
    if wanted.team:
        # Said aloud, so that SQLite may use the index of what is in the queue of a team.
        rows = rows.exclude(team="")
    if wanted.owner == NOBODY:
        rows = rows.filter(handler="")
    elif wanted.owner:
        rows = rows.exclude(handler="").filter(handler=wanted.owner)
    if wanted.root:
        rows = rows.filter(code__startswith=f"{wanted.root}.")
    if wanted.issue == ANY_ISSUE:
        return rows.filter(hot_issue__isnull=False)
    return rows.filter(hot_issue=int(wanted.issue)) if wanted.issue else rows


def values_of(text: str) -> list[str]:
    """The values of a filter.

    >>> values_of("network.speed, billing.fee,")
    ['network.speed', 'billing.fee']
    """
    return [value for part in text.split(",") if (value := part.strip())]


def _issues(**filters: str) -> QuerySet[Complaint, Any]:
    rows = Complaint.objects.filter(is_open=True, hot_issue__isnull=False, **filters)
    return rows.order_by("-hot_issue").values_list("hot_issue").distinct()[:MOST_ISSUES]


_ISSUES = PreparedQuery(_issues, texts=0)
_ISSUES_OF = PreparedQuery(lambda brand: _issues(brand=brand))


def hot_issues(*, brand: str = "") -> list[int]:
    """Numbers of the hot issues that open complaints belong to, the newest first."""
    issue_rows = _ISSUES_OF.rows(brand) if brand else _ISSUES.rows()
    return [number for (number,) in issue_rows]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


def _of_view(wanted: InboxFilter, *, now: datetime) -> QuerySet[Complaint]:
    every = Complaint.objects.all()
    if wanted.words:
        return every
    if wanted.view == "closed":
        return every.filter(is_open=False).exclude(state="merged")
    if wanted.view == "unreached":
        return every.filter(id__in=_unreached(now).values("complaint"))
    opened = every.filter(is_open=True)
    if wanted.view == "wrote":
        return opened.filter(id__in=_new_contacts(now).values("complaint"), state__in=_ANSWERED)
    if wanted.view == "enquiries":
        return opened.filter(kind="enquiry")
    if wanted.view == "waiting":
        return opened.filter(next_due_at__isnull=True).exclude(kind="enquiry")
    if wanted.view == "mine":
        # Said aloud, so that SQLite may use the index of what somebody has taken.
        return opened.exclude(handler="").filter(handler=wanted.handler)
    running = opened.filter(next_due_at__isnull=False)
    narrower: dict[str, dict[str, Any]] = {
        "late": {"next_due_at__lt": now},
        "today": {"next_due_at__gte": now, "next_due_at__lt": now + timedelta(hours=24)},
        "person": {"verdict": "person_must_decide"},
    }
    if wanted.view == "approve":
        return running.exclude(approval_role="")
    if wanted.view == "escalated":
        return running.exclude(escalated_to="")
    return running.filter(**narrower.get(wanted.view, {}))


def _new_contacts(now: datetime) -> QuerySet[Event]:
    """Words that came of late, and after which nothing has been done with their complaint."""
    done_events = Event.objects.filter(complaint=OuterRef("complaint"), id__gt=OuterRef("id"))
    came = Event.objects.filter(verb="contact_joined", at__gt=now - _LOST_FOR)
    return came.order_by().exclude(Exists(done_events.exclude(verb__in=_BY_ITSELF)))


def _unreached(now: datetime) -> QuerySet[Reply]:
    """Letters that did not arrive of late, and after which none has been sent that may have."""
    later = Reply.objects.filter(
        complaint=OuterRef("complaint"), posted_at__gt=OuterRef("failed_at"), failed_at=None
    )
    lost = Reply.objects.filter(failed_at__isnull=False, failed_at__gt=now - _LOST_FOR)
    return lost.order_by().exclude(Exists(later))


def _named(query: str) -> Q:
    """What a tracking code or a contact somebody gave names exactly."""
    named = Q(code_public=query.upper())
    if joined := list(
        Contact.objects.filter(tracking_code=query.upper()).values_list("complaint", flat=True)
    ):
        named |= Q(id__in=joined)
    digits = sum(letter.isdigit() for letter in query)
    if "@" in query or digits >= _DIGITS:
        subscriber = identify(
            phone="" if "@" in query else query, email=query if "@" in query else ""
        )
        named |= Q(
            person__in=[contact_index(query), *([subscriber.pseudonym] if subscriber else [])]
        )
        for former_holder, until in _formerly(query).items():
            named |= Q(person=former_holder, received_at__lt=until)
    return named


def _formerly(query: str) -> dict[str, datetime]:
    """Who had a number and has left: their complaints of that time are found by it, and marked."""
    digits = sum(letter.isdigit() for letter in query)
    return former_holders(query) if digits >= _DIGITS and "@" not in query else {}


def page(wanted: InboxFilter, *, now: datetime, after: str = "", before: str = "") -> Page:
    """`PAGE` rows after (or before) a cursor."""
    backwards = bool(before)
    paging = _Place(wanted, before or after, backwards=backwards)
    rows, end, by_name = chosen(wanted, now=now), "", False
    if query := wanted.words.strip():
        named = rows.filter(_named(query))
        if by_name := named.exists():
            rows = named
        else:
            rows, end = _with_words(rows, query, paging)
    page_rows: list[dict[str, Any]] = []
    for stretch in paging.stretches(rows):
        if len(page_rows) <= PAGE:
            page_rows += stretch.values(*_COLUMNS)[: PAGE + 1 - len(page_rows)]
    gone = _formerly(query) if query and by_name else {}
    for row in page_rows:
        row["former_holder"] = row["person"] in gone
    more = len(page_rows) > PAGE
    page_rows = page_rows[:PAGE]
    beyond = paging.cursor(page_rows[-1]) if more else end
    back = paging.cursor(page_rows[0]) if page_rows and paging.at else ""
    if backwards:
        page_rows.reverse()
    by_contact = page_rows if by_name else []
    people = {row["subscriber"] for row in by_contact if row["code_public"] != query.upper()}
    first, last = (beyond, back) if backwards else (back, beyond)
    return Page(rows=page_rows, before=first, after=last, people=frozenset(people - {""}))


BEFORE = 8
"""Rows shown before the one that is open, where it is not on the first page."""


def rows_around(wanted: InboxFilter, complaint: Complaint, *, now: datetime) -> list[Any]:
    """The first page of a list, or the part of it around a complaint that comes later.

    A complaint that is not in the list (it was answered meanwhile) leaves the first page as it is.
    """
    first = page(wanted, now=now).rows
    if wanted.words or not first or any(row["id"] == complaint.id for row in first):
        return first
    own = chosen(wanted, now=now).filter(id=complaint.id).values(*_COLUMNS).first()
    if own is None:
        return first
    own["former_holder"] = False
    at = _Place(wanted, "", backwards=False).cursor(own)
    before = page(wanted, now=now, before=at).rows[-BEFORE:]
    return [*before, own, *page(wanted, now=now, after=at).rows[: PAGE - len(before) - 1]]


def received_since(wanted: InboxFilter, since: datetime, *, now: datetime) -> int:
    """How many complaints came into a list after a moment, counted no further than `COUNTED`."""
    return chosen(wanted, now=now).filter(received_at__gt=since).order_by()[:COUNTED].count()


def _with_words(
    rows: QuerySet[Complaint], query: str, paging: _Place
) -> tuple[QuerySet[Complaint], str]:
    """Complaints with these words among the next `SEARCHED` ones, and where to search on."""
    every = paging.ordered(Complaint.objects.all()).values("received_at", "id")
    last = every[SEARCHED - 1 : SEARCHED].first()
    matching = rows.filter(first_words__icontains=query)
    if last is None:
        return matching, ""
    return paging.until(matching, last), paging.cursor(last)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the order of a list a page starts, and which way it goes."""

    wanted: InboxFilter
    at: str
    backwards: bool = field(kw_only=True)

    @property
    def column(self) -> str:
        return "next_due_at" if self.wanted.by_deadline else "received_at"

    @property
    def falling(self) -> bool:
        # What is closed, waits or was searched for reads newest first.
        return self.backwards if self.wanted.by_deadline else not self.backwards

    def stretches(self, rows: QuerySet[Complaint]) -> list[QuerySet[Complaint]]:
        """The rows from here on, one stretch behind the other, each in the order of its index: of
        what is somebody's own, what has no running clock comes last."""
        if self.wanted.view != "mine" or not self.wanted.by_deadline:
            return [self.ordered(rows)]
        dated, undated = (rows.filter(next_due_at__isnull=none) for none in (False, True))
        undated = undated.order_by("-id" if self.backwards else "id")
        at, ref = _read(self.at) if self.at else (_EPOCH, "")
        if at < _NEVER:
            return [self.ordered(dated)] if self.backwards else [self.ordered(dated), undated]
        if not self.backwards:
            return [undated.filter(id__gt=ref)]
        return [undated.filter(id__lt=ref), dated.order_by("-next_due_at", "-id")]

    def ordered(self, rows: QuerySet[Complaint]) -> QuerySet[Complaint]:
        """The rows from here on."""
        if self.at:
            at, ref = _read(self.at)
            rows = self._beyond(rows, at, ref, "lt" if self.falling else "gt")
        mark = "-" if self.falling else ""
        return rows.order_by(f"{mark}{self.column}", f"{mark}id")

    def until(self, rows: QuerySet[Complaint], last: dict[str, Any]) -> QuerySet[Complaint]:
        """The rows no further than `last`, it included."""
        than = "gt" if self.falling else "lt"
        return self._beyond(rows, last[self.column], last["id"], than, equal="e")

    def cursor(self, row: dict[str, Any]) -> str:
        """The place of a row."""
        return f"{((row[self.column] or _NEVER) - _EPOCH) // _MICROSECOND}.{row['id']}"

    def _beyond(
        self, rows: QuerySet[Complaint], at: datetime, ref: str, than: str, equal: str = ""
    ) -> QuerySet[Complaint]:
        return rows.filter(
            Q(**{f"{self.column}__{than}": at}) | Q(**{self.column: at, f"id__{than}{equal}": ref}),
            **{f"{self.column}__{than}e": at},
        )


def _read(cursor: str) -> tuple[datetime, str]:
    try:
        microseconds, ref = cursor.split(".")
        return _EPOCH + int(microseconds) * _MICROSECOND, ref
    except (ValueError, OverflowError) as error:
        raise refusals.unknown_page() from error


def is_met(column: str, value: str) -> bool:
    """Whether any complaint, open or not, has this value: one of an earlier version, perhaps."""
    return Complaint.objects.filter(**{column: value}).exists()


def count(wanted: InboxFilter, *, now: datetime) -> int:
    """How many there are, counted no further than `COUNTED` + 1."""
    return chosen(wanted, now=now).order_by()[: COUNTED + 1].count()


def counts(views: Sequence[str], *, brand: str, handler: str, now: datetime) -> dict[str, int]:
    """The size of each view, each counted no further than `COUNTED` + 1; one statement for all."""
    sql, marks = _counting(tuple(views), branded=bool(brand))
    mark_values = _values(brand, handler, now)
    # PostgreSQL plans so many counts longer than it counts: it keeps the plan where it can.
    with prepared_cursor() as cursor:
        cursor.execute(sql, [mark_values.get(mark, mark) for mark in marks])
        return dict(zip(views, cursor.fetchone() or (), strict=True))


def export_rows(wanted: InboxFilter, *, now: datetime) -> list[dict[str, Any]]:
    """Every complaint of a list in its order, at most `EXPORTED`; raises UnableToList for more.

    A search by words, a number or a mailbox is not exported.
    """
    if wanted.words:
        raise refusals.search_not_exported()
    order = ("next_due_at", "id") if wanted.by_deadline else ("-received_at", "-id")
    rows = list(chosen(wanted, now=now).order_by(*order).values(*_COLUMNS)[: EXPORTED + 1])
    if len(rows) > EXPORTED:
        raise refusals.list_too_long(most=f"{EXPORTED:,}")
    return rows


def value_counts(wanted: InboxFilter, name: str, *, now: datetime) -> dict[str, int]:
    """How many complaints of a list each value of one filter has, whatever is chosen of it.

    Counted over no more than `COUNTED` + 1 complaints of the list: a value that is rarer than that
    among a million may be absent.
    """
    if name not in MANY:
        raise refusals.unknown_filter(name=name)
    rows = chosen(replace(wanted, **{name: ""}), now=now)
    newest = rows.order_by().values("pk")[: COUNTED + 1]
    counted = Complaint.objects.filter(pk__in=newest).order_by().values_list(name)
    return dict(counted.annotate(found=Count("id")).order_by("-found", name))


_MARKED = ("\x01brand", "\x01handler", _EPOCH)


@lru_cache(maxsize=32)
def _counting(views: tuple[str, ...], *, branded: bool) -> tuple[str, tuple[Any, ...]]:
    """The statement, written once: its values replace `_values` of `_MARKED`."""
    brand, handler, now = _MARKED
    parts, marks = [], []
    for view in views:
        wanted = InboxFilter(view=view, brand=brand if branded else "", handler=handler)
        rows = chosen(wanted, now=now)
        sql, parameters = rows.order_by().values("pk")[: COUNTED + 1].query.sql_with_params()
        parts.append(f"(SELECT count(*) FROM ({sql}) AS counted)")  # noqa: S608 (Django wrote it)
        marks += parameters
    return f"SELECT {', '.join(parts)}", tuple(marks)


def _values(brand: str, handler: str, now: datetime) -> dict[Any, Any]:
    """What a statement contains for each mark."""
    adapt = connection.ops.adapt_datetimefield_value
    marked_brand, marked_handler, marked_now = _MARKED
    day = timedelta(hours=24)
    return {
        marked_brand: brand,
        marked_handler: handler,
        adapt(marked_now): adapt(now),
        adapt(marked_now + day): adapt(now + day),
    }
