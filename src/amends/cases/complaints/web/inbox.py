"""The inbox: complaints in the order of their next legal deadline; filters live in the address."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amends.cases.complaints.actions.record_search import note_search
from amends.cases.complaints.queries import inbox as listing
from amends.cases.complaints.queries.inbox import ANY_ISSUE, COUNTED, InboxFilter
from amends.cases.complaints.web import saved_views
from amends.cases.complaints.web.bulk import may_act_on_many
from amends.cases.complaints.web.undo import pending_context
from amends.cases.complaints.web.words import (
    VERDICTS,
    class_choices,
    class_words,
    state_choices,
    state_sign,
    step_words,
    who_shown,
)
from amends.channels.queries.capabilities import channel_sign, channel_titles
from amends.people.access.queries import may
from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of, requires, signed_in
from amends.people.access.web.refusals import refusals_as_pages
from amends.people.access.web.signs import Sign, Words, in_words, sign
from amends.platform.kit.formats import join_words
from amends.record.catalogue.queries import areas
from amends.work.casework.queries.staff import teams, teams_of

TABS: dict[str, Words] = {
    "open": gettext_lazy("By deadline"),
    "late": gettext_lazy("Overdue"),
    "escalated": gettext_lazy("Escalated"),
    "today": gettext_lazy("Due in 24 h"),
    "person": gettext_lazy("Needs a person"),
    "approve": gettext_lazy("To approve"),
    "mine": gettext_lazy("Mine"),
    "wrote": gettext_lazy("Wrote again"),
    "unreached": gettext_lazy("Letter lost"),
    "enquiries": gettext_lazy("Enquiries"),
    "waiting": gettext_lazy("No deadline running"),
    "closed": gettext_lazy("Closed"),
}
# Looked into now and then: in a menu beside the tabs, which bears the name of the one that is open.
_SELDOM = ("escalated", "enquiries", "waiting")
_SELDOM_WITHOUT_CLOCKS = ("escalated", "enquiries")
# View → why it is empty, and what comes to stand there; the rest are told apart in the template.
EMPTY: dict[str, tuple[Words, Words]] = {
    "today": (
        gettext_lazy("Nothing falls due in 24 hours"),
        gettext_lazy("All other deadlines are in the list by deadline, the next one first."),
    ),
    "person": (
        gettext_lazy("No complaint needs a person to decide"),
        gettext_lazy(
            "Complaints that records and rules do not settle are listed here, with the reason."
        ),
    ),
    "approve": (
        gettext_lazy("Nothing is waiting for approval"),
        gettext_lazy(
            "Amounts above a handler's own limit are listed here once approval is requested."
        ),
    ),
    "escalated": (
        gettext_lazy("Nothing was escalated"),
        gettext_lazy(
            "Complaints whose deadline passed unanswered are listed here for a higher role."
        ),
    ),
    "unreached": (
        gettext_lazy("No reply is known to be undelivered"),
        gettext_lazy("Complaints whose reply bounced or could not be delivered are listed here."),
    ),
    "enquiries": (
        gettext_lazy("No enquiry is waiting for an answer"),
        gettext_lazy(
            "Questions are answered from here; they have no deadline and are not counted in the"
            " complaint rate."
        ),
    ),
    "waiting": (
        gettext_lazy("Every open complaint has a running deadline"),
        gettext_lazy(
            "Complaints that wait for the user, for billing or for the regulator are listed "
            "here, and those for which the rules set no deadline."
        ),
    ),
    "closed": (
        gettext_lazy("Nothing is closed yet"),
        gettext_lazy("Complaints come here when they are answered for good, with their verdict."),
    ),
}
_SEARCHES, _SEARCHES_KEPT = "searches", 20
_FEWEST_DIGITS = 5
"""What may be a number of a person; tracking codes and years have fewer figures, mostly."""
_FILTERS = ("code", "root", "state", "channel", "area", "verdict", "issue", "team", "owner")
QUERY = ("view", "words", "search", *_FILTERS)
"""What in an address chooses a list; the page of a complaint carries it along."""
# A class is shown with its confidence; below this share the figure is set off.
UNSURE_PERMILLE = 600


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One complaint as the inbox shows it."""

    row: dict[str, Any]
    who: str
    class_words: str
    area: str
    state: Sign
    channel: Sign
    verdict: Sign | None
    step: Words
    sure_percent: int
    unsure: bool
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set; `field` is what taking it away removes from the address."""

    field: str
    name: Words
    value: Words


@dataclass(frozen=True, slots=True)
class Menu:
    """A filter that can be set; `visible_text` is the key it is cached under."""

    field: str
    name: Words
    choices: list[tuple[str, Words]]

    @property
    def visible_text(self) -> str:
        """Everything a reader sees of it."""
        return "\n".join((self.field, *(f"{code} {label}" for code, label in self.choices)))


def area_names() -> dict[str, str]:
    """Areas by code in the reader's words; they change rarely and are cached for a minute."""
    cached_areas = cache.get("complaints.areas")
    if cached_areas is None:
        cached_areas = areas()
        cache.set("complaints.areas", cached_areas, 60)
    return {area.code: in_words(_Named(area.name_zh, area.name_en)) for area in cached_areas}


@dataclass(frozen=True, slots=True)
class _Named:
    zh: str
    en: str


def wanted_by(request: HttpRequest, query: QueryDict | None = None) -> InboxFilter:
    """What an address asks for: that of the request, or another one's `query`."""
    actor, query = actor_of(request), request.GET if query is None else query
    # A filter with several values stands several times in an address, or once with commas.
    filters = {
        name: ",".join(query.getlist(name)).strip()
        if name in listing.MANY
        else query.get(name, "").strip()
        for name in _FILTERS
    }
    return InboxFilter(
        view=query.get("view", "open"),
        words=(_search_of(request, query) or query.get("words", "")).strip()[:80],
        handler=actor.ref,
        brand=actor.brand,
        **filters,
    )


def list_query(query_dict: QueryDict) -> str:
    """The part of an address that chooses a list."""
    return urlencode(
        [(name, ",".join(query_dict.getlist(name))) for name in QUERY if query_dict.get(name)]
    )


def _search_of(request: HttpRequest, query: QueryDict) -> str:
    """The words of a search that is kept in the session; "" where the address names none."""
    searches: dict[str, str] = request.session.get(_SEARCHES, {})
    return searches.get(query.get("search", ""), "")


class SearchForm(forms.Form):
    """The words of a search."""

    words = forms.CharField(required=False)


@require_POST
@requires("complaints.read")
def search(request: HttpRequest) -> HttpResponse:
    """Search for words, a number or a mailbox.

    A number or a mailbox is kept in the session: addresses stand in the logs of proxies and in the
    histories of browsers.
    """
    form = SearchForm(request.POST)
    form.full_clean()
    return redirect(search_address(request, form.cleaned_data["words"][:80]))


def is_contact(query: str) -> bool:
    """Whether what is sought may be a phone number or an email address."""
    return "@" in query or sum(letter.isdigit() for letter in query) >= _FEWEST_DIGITS


def search_address(request: HttpRequest, query: str) -> str:
    """The address of a search; a contact is kept in the session and the address only numbers it."""
    if not is_contact(query):
        return f"{reverse('inbox')}?{urlencode({'words': query})}"
    searches: dict[str, str] = request.session.get(_SEARCHES, {})
    existing_name = next((name for name, earlier in searches.items() if earlier == query), "")
    name = existing_name or str(int(max(searches, key=int, default="0")) + 1)
    newest = list((searches | {name: query}).items())[-_SEARCHES_KEPT:]
    request.session[_SEARCHES] = dict(newest)
    return f"{reverse('inbox')}?{urlencode({'search': name})}"


def lines(rows: Iterable[dict[str, Any]], names: dict[str, str]) -> list[InboxRow]:
    """Rows as the table shows them."""
    rows = list(rows)
    owners = people(row["handler"] for row in rows if row["handler"])
    return [
        InboxRow(
            row=row,
            who=who_shown(
                shown_name=row["person_shown"], person=row["person"], subscriber=row["subscriber"]
            ),
            class_words=class_words(row["code"]),
            area=names.get(row["area"], row["area"]),
            state=state_sign(row["state"]),
            channel=channel_sign(row["channel"]),
            verdict=sign(VERDICTS, row["verdict"]) if row["verdict"] else None,
            step=step_words(row["next_step"]),
            sure_percent=row["confidence_permille"] // 10,
            unsure=row["ask_for_words"] or row["confidence_permille"] < UNSURE_PERMILLE,
            owner=owners.get(row["handler"], row["handler"]),
        )
        for row in rows
    ]


def chips(wanted: InboxFilter, names: dict[str, str]) -> list[Chip]:
    """The filters that are set."""
    shown_chips: list[Chip] = []
    if wanted.code:
        shown_chips.append(Chip("code", _("Class"), _each(wanted.code, class_words)))
    if wanted.root:
        shown_chips.append(Chip("root", _("Class"), wanted.root))
    if wanted.state:
        label = _each(wanted.state, lambda code: state_sign(code).word)
        shown_chips.append(Chip("state", _("State"), label))
    if wanted.channel:
        label = _each(wanted.channel, lambda code: channel_sign(code).word)
        shown_chips.append(Chip("channel", _("Channel"), label))
    if wanted.area:
        label = _each(wanted.area, lambda code: names.get(code, code))
        shown_chips.append(Chip("area", _("Area"), label))
    if wanted.verdict:
        label = _each(wanted.verdict, lambda code: sign(VERDICTS, code).word)
        shown_chips.append(Chip("verdict", _("Verdict"), label))
    if wanted.team:
        titles = {team.slug: team.title for team in teams(active_only=False)}
        label = _each(wanted.team, lambda code: titles.get(code, code))
        shown_chips.append(Chip("team", _("Team"), label))
    if wanted.owner:
        shown_chips.append(Chip("owner", _("Handler"), _owner_words(wanted.owner)))
    if wanted.issue:
        shown_chips.append(Chip("issue", _("Hot issue"), _issue_words(wanted.issue)))
    if wanted.words:
        shown_chips.append(Chip("words", _("Search"), wanted.words))
    return shown_chips


def _each(values: str, labeller: Callable[[str], Words]) -> str:
    """The words of the values of a filter."""
    language = get_language() or "en"
    return join_words((str(labeller(code)) for code in listing.values_of(values)), language)


def _owner_words(owner: str) -> str:
    if owner == listing.NOBODY:
        return pgettext("handler", "nobody")
    return people([owner]).get(owner, owner)


def menus(wanted: InboxFilter, names: dict[str, str]) -> list[Menu]:
    """The filters that can still be set."""
    every = [
        Menu("code", _("Class"), list(class_choices())),
        Menu("state", _("State"), state_choices()),
        Menu("channel", _("Channel"), list(channel_titles().items())),
        Menu("area", _("Area"), sorted(names.items(), key=lambda pair: pair[1])),
        Menu(
            "verdict",
            _("Verdict"),
            [(code, verdict_sign.word) for code, verdict_sign in VERDICTS.items()],
        ),
        Menu("issue", _("Hot issue"), _issue_choices(wanted.brand)),
    ]
    return [menu for menu in every if menu.choices and not getattr(wanted, menu.field)]


def _issue_numbers(brand: str) -> list[int]:
    """The hot issues of the menu; they change rarely and are cached for a minute."""
    key = f"complaints.issues.{brand}"
    numbers: list[int] | None = cache.get(key)
    if numbers is None:
        numbers = listing.hot_issues(brand=brand)
        cache.set(key, numbers, 60)
    return numbers


def _issue_choices(brand: str) -> list[tuple[str, Words]]:
    numbers = [str(number) for number in _issue_numbers(brand)]
    return (
        [(issue_code, _issue_words(issue_code)) for issue_code in (ANY_ISSUE, *numbers)]
        if numbers
        else []
    )


def _issue_words(issue: str) -> str:
    return pgettext("hot issue", "any") if issue == ANY_ISSUE else _("issue %(n)s") % {"n": issue}


def shown_count(number: int) -> str:
    """A count, or that there are more than were counted."""
    return f"{COUNTED}+" if number > COUNTED else str(number)


@signed_in
def inbox(request: HttpRequest) -> HttpResponseBase:
    """The inbox; roles that handle no complaints go to their own first page."""
    if not may(actor_of(request).roles, "complaints.read"):
        return redirect("day")
    return _inbox_page(request)


@refusals_as_pages
def _inbox_page(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    wanted = wanted_by(request)
    page = listing.page(
        wanted, now=now, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    note_search(page, actor=actor_of(request), now=now)
    names = area_names()
    sizes = listing.counts(
        ("open", "late", "today", "person", "approve", "mine", "enquiries", "waiting"),
        brand=wanted.brand,
        handler=wanted.handler,
        now=now,
    )
    tabs = [
        (view, title, shown_count(sizes[view]) if view in sizes else "", view == wanted.view)
        for view, title in TABS.items()
    ]
    undated = ""
    if wanted.view == "open" and not page.rows and not wanted.narrowed and not wanted.words:
        # They have no deadline and are listed in another tab, but they wait.
        undated = shown_count(sizes["waiting"]) if sizes["waiting"] else ""
    # Where the rules set no days, what has no clock is the day's work.
    seldom = _SELDOM if sizes["open"] or not sizes["waiting"] else _SELDOM_WITHOUT_CLOCKS
    set_chips = chips(wanted, names)
    context = {
        "undated": undated,
        "wanted": wanted,
        "lines": lines(page.rows, names),
        "page": page,
        "tabs": [tab for tab in tabs if tab[0] not in seldom],
        "more_tabs": (more := [tab for tab in tabs if tab[0] in seldom]),
        "more_open": next((tab for tab in more if tab[3]), None),
        "late": sizes["late"],
        "nothing": EMPTY.get(wanted.view),
        "chips": set_chips,
        "menus": menus(wanted, names),
        "saved": saved_views.read(request),
        # Only a list with a filter can be saved.
        "own_teams": teams_of(actor_of(request).ref) if set_chips else [],
        "may_handle": may_act_on_many(actor_of(request), "approve"),
        "may_assign": may_act_on_many(actor_of(request), "assign"),
        "address": request.GET.urlencode(),
        "list_query": list_query(request.GET),
        "now": now,
    } | pending_context(actor_of(request))
    return render(request, "desk/inbox.html", context)
