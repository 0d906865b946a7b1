"""What pages of issues say: what happened to one, its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from django.utils.functional import Promise
from django.utils.translation import (
    get_language,
    gettext_lazy,
    ngettext,
    ngettext_lazy,
    pgettext_lazy,
)
from django.utils.translation import gettext as _

from amends.cases.complaints.texts.units import DIMENSIONS as UNITS
from amends.cases.complaints.texts.units import unit_names
from amends.platform import registry
from amends.platform.kit.formats import format_money, is_chinese
from amends.problems.hotissues.models import HotIssue
from amends.problems.hotissues.texts.names import cause_name

Words: TypeAlias = str | Promise

VERBS: dict[str, Words] = {
    "drill_found": gettext_lazy("The detector finds the drill"),
    "drill_missed": gettext_lazy("The detector does not find the drill"),
    "worded": gettext_lazy("Words found that describe the issue"),
    "opened": gettext_lazy("Issue opened"),
    "closed": gettext_lazy("Issue closed"),
    "reopened": gettext_lazy("Issue opened again"),
    "asks": gettext_lazy("Complaints that fit came after its end: asked whether they belong to it"),
    "late_reopened": gettext_lazy("Answered: part of this issue"),
    "late_new": gettext_lazy("Answered: a new issue"),
    "late_left": gettext_lazy("Answered: left unchanged"),
    "owned": gettext_lazy("Owner named"),
    "joined": gettext_lazy("Complaints joined"),
    "left": gettext_lazy("Complaints taken out"),
    "merged": gettext_lazy("Another issue merged into this one"),
    "level_given": gettext_lazy("Level given"),
    "level_reached": gettext_lazy("Reaches a level that no one has assigned"),
    "told_again": gettext_lazy("Notified again at the higher level"),
    "cause_confirmed": gettext_lazy("Said to be the cause"),
    "cause_ruled_out": gettext_lazy("Said not to be the cause"),
    "step_done": gettext_lazy("Step done"),
    "step_missed": gettext_lazy("Step not done in time"),
    "nobody_to_tell": gettext_lazy("No one with this role can be reached"),
    "frozen": gettext_lazy("Taken from sale"),
    "resumed": gettext_lazy("Back on sale"),
    "statement": gettext_lazy("Statement published"),
    "statement_withdrawn": gettext_lazy("Statement withdrawn"),
    "answer_drafted": gettext_lazy("Answer to all drafted"),
    "answered": gettext_lazy("Answer to all sent"),
    "silent_drafted": gettext_lazy("Message to silent users drafted"),
    "silent_told": gettext_lazy("Silent users notified"),
    "relief_proposed": gettext_lazy("Relief proposed for all"),
    "cause_ended": gettext_lazy("Cause ended"),
    "disaster_declared": gettext_lazy("Marked as a natural disaster"),
    "disaster_withdrawn": gettext_lazy("No longer marked as a natural disaster"),
    "emergency_ended": gettext_lazy("Emergency ended"),
    "measure_planned": gettext_lazy("Measure planned"),
    "measure_started": gettext_lazy("Measure started"),
    "measure_dropped": gettext_lazy("Measure dropped"),
    "measure_judged": gettext_lazy("Measure judged"),
}


def in_tongue(zh: str, en: str) -> str:
    """The text in the reader's language."""
    return zh if is_chinese(get_language() or "en") else en


_NUMBERS: dict[str, Words] = {
    "people": ngettext_lazy("%(n)s person", "%(n)s people", "n"),
    "persons": ngettext_lazy("%(n)s person affected", "%(n)s people affected", "n"),
    "answered": gettext_lazy("%(n)s answered"),
    "told": gettext_lazy("%(n)s notified"),
    "unreachable": gettext_lazy("%(n)s without a contact on record"),
    "version": gettext_lazy("version %(n)s"),
    "complaints": ngettext_lazy("%(n)s complaint", "%(n)s complaints", "n"),
}


def details_of(issue: HotIssue, details: Mapping[str, Any]) -> str:
    """What a happening says beside its verb, in words; what other apps know of it first."""
    phrases = [
        phrase
        for part_phrases in registry.about_issue("details", issue, details)
        for phrase in part_phrases
    ]
    if cause := str(details.get("cause", "")):
        kind, _colon, reference = cause.partition(":")
        phrases.append(cause_name(kind, reference))
    if details.get("number"):
        phrases.append(_("issue %(n)s") % {"n": details["number"]})
    if details.get("late"):
        phrases.append(_("after its time"))
    phrases += [
        template % {"n": details[key]} for key, template in _NUMBERS.items() if details.get(key)
    ]
    if isinstance(left := details.get("left"), int) and left:
        phrases.append(_("%(n)s left to a person") % {"n": left})
    if details.get("amount_minor"):
        phrases.append(
            _("%(amount)s each")
            % {"amount": format_money(details["amount_minor"], details["currency"])}
        )
    return " · ".join(phrases)


def joined_words(joined: list[str]) -> str:
    """What is said of complaints that joined by hand."""
    if not joined:
        return _("They belong to the issue already; nothing was changed.")
    return ngettext(
        "%(n)s complaint joined; its own deadline is unchanged.",
        "%(n)s complaints joined; their own deadlines are unchanged.",
        len(joined),
    ) % {"n": len(joined)}


def part_words(values: Sequence[tuple[str, str]]) -> str:
    """A part of an issue as people name it: dimension and name of each value."""
    return " · ".join(
        f"{DIMENSIONS.get(name, name)} {_part(name, value)}" for name, value in values
    )


DIMENSIONS: dict[str, Words] = {
    **UNITS,
    "province": pgettext_lazy("dimension", "province"),
    "kind": gettext_lazy("kind of product"),
    "version": gettext_lazy("version of a product"),
}


def _part(dimension: str, value: str) -> str:
    if dimension == "version":
        ref, _, version = value.rpartition("@")
        return f"{unit_names('product').get(ref, ref)} ({version})"
    names = unit_names({"province": "area", "kind": "product"}.get(dimension, dimension))
    return names.get(value, value)
