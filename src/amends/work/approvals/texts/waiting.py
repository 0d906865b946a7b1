"""Whose turn it is, since when, in the language of the reader."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language, gettext, pgettext

from amends.people.access.queries import roles_that_may
from amends.people.access.queries.colleagues import names_with_roles
from amends.people.access.queries.rights import role_titles
from amends.platform.kit.formats import format_date, is_chinese
from amends.work.approvals.models import WaitingItem
from amends.work.approvals.queries import deciders
from amends.work.approvals.queries.waiting import WaitingRow

_MOST_NAMED = 3
_LIST_COMMA = {False: ", ", True: "、"}
_WEEKDAY_FOR_DAYS = 6
"""After more days a weekday is ambiguous, and the date is written."""


def waiting_text(item: WaitingItem, *, now: datetime) -> str:
    """Who has to approve a request, in the reader's language, for a message after it was made."""
    able = deciders(item, now=now)
    if not able:
        return gettext(
            "It waits, and no one else may decide it. Add a second person under Settings → People."
        )
    names = ", ".join(sorted(able.values()))
    return gettext("It waits for the approval of %(names)s.") % {"names": names}


def addressee_text(waiting: WaitingRow) -> str:
    """The next to act: you, colleagues by name, the customer, the partner; "" for no one."""
    if waiting.may_act:
        return gettext("you")
    if waiting.addressee == "customer":
        return gettext("the customer")
    if waiting.addressee == "partner":
        return gettext("the partner")
    return _named(waiting.names)


def ask_text(names: Sequence[str]) -> str:
    """Whom to ask for an action that the reader may not do, in a sentence."""
    if not names:
        return gettext("No one may do this yet. Give a colleague the role under Settings → People.")
    return gettext("Ask %(names)s.") % {"names": _named(names)}


def deciders_text(permission: str, *, brand: str = "") -> str:
    """The people who decide, by name with their role; the role alone where no one has it."""
    roles = roles_that_may(permission)
    titles, names = role_titles(roles), names_with_roles(roles, brand=brand)
    if not names:
        return titles
    return gettext("%(names)s (%(roles)s)") % {"names": _named(names), "roles": titles}


def _named(names: Sequence[str]) -> str:
    """Names of which one acts: "Chen Li or Wu Fang"; of many the first ones and how many more."""
    named, more = list(names[:_MOST_NAMED]), len(names) - _MOST_NAMED
    last = (
        pgettext("colleagues", "%(n)s more") % {"n": more}
        if more > 0
        else named.pop()
        if named
        else ""
    )
    if not named:
        return last
    joined = _LIST_COMMA[is_chinese(get_language() or "en")].join(named)
    return gettext("%(names)s or %(last)s") % {"names": joined, "last": last}


def since_text(at: datetime, *, now: datetime) -> str:
    """Since when: the time today, the weekday within a week, else the date."""
    local, today = timezone.localtime(at), timezone.localdate(now)
    days = (today - local.date()).days
    if days <= 0:
        return f"{local:%H:%M}"
    if days <= _WEEKDAY_FOR_DAYS:
        return str(WEEKDAYS[local.weekday()])
    return format_date(local.date(), get_language() or "en")


def waits_text(waiting: WaitingRow, *, now: datetime) -> str:
    """Whose turn it is, since when, in a sentence: "Waits for Chen Li since Tuesday"."""
    values = {"names": addressee_text(waiting), "since": since_text(waiting.since, now=now)}
    if not values["names"]:
        return gettext("Waits since %(since)s, and no one may decide it") % values
    return gettext("Waits for %(names)s since %(since)s") % values
