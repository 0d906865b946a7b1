"""The rail of the desk: which rooms a person may enter, and which one this is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amends.access.queries import may
from amends.access.web.permission import actor_of

register = template.Library()


@dataclass(frozen=True, slots=True)
class Entry:
    """A room of the desk.

    under   the part of the address that marks it as the present one
    page    the permission it needs, "" for everybody who has signed in
    """

    name: str
    label: str | Promise
    icon: str
    under: str
    page: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Rooms that belong together."""

    heading: str | Promise
    entries: tuple[Entry, ...]


GROUPS = (
    Group(
        "",
        (
            Entry("day", _("My day"), "day", "/desk/day/"),
            Entry("inbox", _("Inbox"), "inbox", "/desk/", "complaints.read"),
            Entry("take_call", _("Take down a call"), "phone", "/desk/call/", "complaints.handle"),
            Entry("remedies", _("Remedies"), "refund", "/desk/remedies/", "remedies.approve"),
        ),
    ),
    Group(
        _("Before anybody complains"),
        (
            Entry(
                "confirmations",
                _("Confirmations"),
                "shield",
                "/desk/confirmations/",
                "confirmations.read",
            ),
            Entry("coverage", _("Notices due"), "clock", "/desk/coverage/", "notices.coverage"),
            Entry(
                "examination",
                _("Self-examination"),
                "check",
                "/desk/examination/",
                "examination.read",
            ),
            Entry("duties", _("Duties and notices"), "sms", "/desk/notices/", "notices.read"),
        ),
    ),
    Group(
        _("Whether it helps"),
        (
            Entry("hotissues", _("Hot issues"), "flag", "/desk/hotissues/", "hotissues.read"),
            Entry("measures", _("Measures"), "check", "/desk/measures/", "hotissues.read"),
            Entry(
                "emergencies",
                _("Emergencies"),
                "warn",
                "/desk/hotissues/emergencies/",
                "hotissues.read",
            ),
            Entry("indicators", _("Indicators"), "balance", "/desk/indicators/", "indicators.read"),
        ),
    ),
    Group(
        _("Why we decide so"),
        (
            Entry("rules", _("Rules in force"), "rules", "/desk/rules/", "rules.read"),
            Entry(
                "corrections", _("Corrections"), "correct", "/desk/corrections/", "complaints.read"
            ),
            Entry("ledger", _("Ledger"), "ledger", "/desk/ledger/", "ledger.verify"),
            Entry("operation", _("Operation"), "settings", "/desk/operation/", "operation.read"),
        ),
    ),
    Group(
        _("Who looks at data"),
        (
            Entry(
                "emergency",
                _("Emergency looks"),
                "shield",
                "/desk/emergency/",
                "access.break_glass",
            ),
            Entry("looks", _("Unusual looks"), "eye", "/desk/looks/", "access.audit"),
        ),
    ),
)


def _open_to(group: Group, roles: Iterable[str]) -> list[Entry]:
    return [entry for entry in group.entries if not entry.page or may(roles, entry.page)]


@register.inclusion_tag("desk/rail.html", takes_context=True)
def rail(context: template.Context) -> dict[str, Any]:
    """Draw the rail; the longest address part that fits the page marks the present room."""
    request = context["request"]
    path, roles = request.path, actor_of(request).roles
    unders = [entry.under for group in GROUPS for entry in group.entries]
    here = max((under for under in unders if path.startswith(under)), key=len, default="")
    groups = [(group.heading, entries) for group in GROUPS if (entries := _open_to(group, roles))]
    return {
        "groups": groups,
        # Under these words it is kept once drawn: the same rooms look the same to everybody.
        "rooms": " ".join(entry.name for _heading, entries in groups for entry in entries),
        "here": here,
        "staff": request.user.is_staff,
    }
