"""What the pages of emergencies and measures say: states, verbs, verdicts, kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from amends.complaints.queries.units import DIMENSIONS as UNITS
from amends.complaints.queries.units import GROUPS, unit_names
from amends.hotissues.levels import reached
from amends.hotissues.models import HotIssue
from amends.hotissues.names import cause_name
from amends.hotissues.rules.emergency import EmergencyPlan
from amends.hotissues.web.drill_words import detection_words, hourly_words
from amends.kit.formats import format_money, is_chinese

Words = str | Promise
Sign = tuple[str, Words]

KINDS: dict[str, Words] = {
    **GROUPS,
    "outage": gettext_lazy("Network outage"),
    "emergency_number": gettext_lazy("Emergency number out of reach"),
}
STANDS: dict[str, Sign] = {
    "done": ("ok", gettext_lazy("done in time")),
    "done_late": ("warn", gettext_lazy("done, late")),
    "due": ("info", gettext_lazy("to do")),
    "late": ("bad", gettext_lazy("late")),
    "dropped": ("plain", gettext_lazy("no longer asked for")),
}
VERDICTS: dict[str, Sign] = {
    "works": ("ok", gettext_lazy("It works")),
    "not_shown_to_work": ("warn", gettext_lazy("Not shown to work")),
    "worse": ("bad", gettext_lazy("It got worse")),
    "not_yet_judgeable": ("uncovered", gettext_lazy("Not yet judgeable")),
}
MEASURE_STATES: dict[str, Sign] = {
    "planned": ("info", pgettext_lazy("measure", "planned")),
    "started": ("plum", pgettext_lazy("measure", "under way")),
    "judged": ("ok", pgettext_lazy("measure", "judged")),
}
FREEZES: dict[str, Words] = {
    "offer": gettext_lazy("offer"),
    "campaign": gettext_lazy("campaign"),
    "launch": gettext_lazy("launch"),
}
LEFT: dict[str, Words] = {
    "no_decision": gettext_lazy("not investigated yet"),
    "person_must_decide": gettext_lazy("a person must decide"),
    "answered": gettext_lazy("answered already"),
}
DECISIONS: dict[str, Words] = {
    "upheld": gettext_lazy("upheld"),
    "partly_upheld": gettext_lazy("upheld in part"),
    "not_upheld": gettext_lazy("not upheld"),
    "person_must_decide": gettext_lazy("a person must decide"),
}
VERBS: dict[str, Words] = {
    "drill_found": gettext_lazy("The detector finds the drill"),
    "drill_missed": gettext_lazy("The detector does not find the drill"),
    "worded": gettext_lazy("Words found that tell what it is about"),
    "opened": gettext_lazy("Issue opened"),
    "closed": gettext_lazy("Issue closed"),
    "reopened": gettext_lazy("Issue opened again"),
    "asks": gettext_lazy("Complaints that fit came after its end: asked whether they belong to it"),
    "late_reopened": gettext_lazy("Answered: they belong to it"),
    "late_new": gettext_lazy("Answered: a new issue"),
    "late_left": gettext_lazy("Answered: they are left as they are"),
    "owned": gettext_lazy("Owner named"),
    "joined": gettext_lazy("Complaints joined"),
    "left": gettext_lazy("Complaints taken out"),
    "merged": gettext_lazy("Another issue merged into this one"),
    "level_given": gettext_lazy("Level given"),
    "level_reached": gettext_lazy("Reaches a level that nobody has given it"),
    "told_again": gettext_lazy("Told again, of the graver level"),
    "cause_confirmed": gettext_lazy("Said to be the cause"),
    "cause_ruled_out": gettext_lazy("Said not to be the cause"),
    "step_done": gettext_lazy("Step done"),
    "step_missed": gettext_lazy("Step not done in time"),
    "nobody_to_tell": gettext_lazy("Nobody with this role can be reached"),
    "frozen": gettext_lazy("Taken from sale"),
    "resumed": gettext_lazy("Back on sale"),
    "statement": gettext_lazy("Statement published"),
    "statement_withdrawn": gettext_lazy("Statement withdrawn"),
    "answer_drafted": gettext_lazy("Answer to all drafted"),
    "answered": gettext_lazy("Answer to all sent"),
    "silent_told": gettext_lazy("Silent users told"),
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
BECAUSE: dict[str, Words] = {
    "persons": gettext_lazy("the persons hit"),
    "growth": gettext_lazy("their growth"),
    "kind": gettext_lazy("the kind of issue"),
    "person": gettext_lazy("a person's decision"),
}


def in_tongue(zh: str, en: str) -> str:
    """The text in the reader's language."""
    return zh if is_chinese(get_language() or "en") else en


@dataclass(frozen=True, slots=True)
class ReachedShown:
    """A level nobody has given yet, as pages say it; `given` is the one that stands, or ""."""

    ref: str
    level: str
    grade: int
    because: list[Words]
    persons: int
    given: str


def reached_shown(issue: HotIssue, now: datetime) -> ReachedShown | None:
    """The graver level an issue reaches by the plan now; None where it stands there."""
    found = reached(issue, now=now)
    if found is None:
        return None
    return ReachedShown(
        found.level.id, in_tongue(found.level.zh, found.level.en), found.level.grade,
        [BECAUSE[one] for one in found.because], found.persons, issue.level,
    )  # fmt: skip


_NUMBERS: dict[str, Words] = {
    "people": ngettext_lazy("%(n)s person", "%(n)s people", "n"),
    "persons": ngettext_lazy("%(n)s person hit", "%(n)s persons hit", "n"),
    "answered": gettext_lazy("%(n)s answered"),
    "told": gettext_lazy("%(n)s told"),
    "unreachable": gettext_lazy("%(n)s without a contact on record"),
    "version": gettext_lazy("version %(n)s"),
    "complaints": ngettext_lazy("%(n)s complaint", "%(n)s complaints", "n"),
    "measure": gettext_lazy("measure %(n)s"),
}


def details_of(details: Mapping[str, Any], plan: EmergencyPlan | None) -> str:
    """What a happening says beside its verb, in words."""
    known_steps = {one.id: one for one in plan.steps} if plan else {}
    known_levels = {one.id: one for one in plan.levels} if plan else {}
    said = []
    if step := known_steps.get(str(details.get("step", ""))):
        said.append(in_tongue(step.zh, step.en))
    if level := known_levels.get(str(details.get("level", ""))):
        said.append(in_tongue(level.zh, level.en))
    if kind := FREEZES.get(str(details.get("kind", ""))):
        said.append(f"{kind} {details.get('ref', '')}")
    if cause := str(details.get("cause", "")):
        said.append(cause_name(*cause.split(":", 1)))
    if details.get("number"):
        said.append(_("issue %(n)s") % {"n": details["number"]})
    if detection := details.get("detection"):
        said.append(detection_words(detection))
    if hourly := details.get("hourly"):
        said.append(hourly_words(hourly))
    if details.get("late"):
        said.append(_("after its time"))
    said += [words % {"n": details[key]} for key, words in _NUMBERS.items() if details.get(key)]
    if isinstance(left := details.get("left"), int) and left:
        said.append(_("%(n)s left to a person") % {"n": left})
    if details.get("amount_minor"):
        said.append(
            _("%(amount)s each")
            % {"amount": format_money(details["amount_minor"], details["currency"])}
        )
    if verdict := VERDICTS.get(str(details.get("verdict", ""))):
        said.append(str(verdict[1]))
    return " · ".join(said)


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
