"""Words about network incidents: their names, where they are, what happened to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.utils.translation import get_language, gettext_lazy, ngettext, npgettext
from django.utils.translation import gettext as _

from amends.network.quality.incident_choices import (
    FaultCause,
    FoundBy,
    IncidentEndReason,
    IncidentKind,
)
from amends.network.quality.models import NetworkIncident, NetworkIncidentEvent
from amends.people.access.queries.colleagues import people
from amends.platform.kit.formats import is_chinese, join_words
from amends.record.catalogue.queries import areas

_MOST_NAMED = 3
JOBS = frozenset({"quality", "hotissues"})

VERBS = {
    "opened": gettext_lazy("found"),
    "grown": gettext_lazy("spread to more areas"),
    "reopened": gettext_lazy("lasts again"),
    "confirmed": gettext_lazy("confirmed"),
    "reported": gettext_lazy("reported by a colleague"),
    "dismissed": gettext_lazy("no incident after all"),
    "ended": gettext_lazy("ended"),
    "merged": gettext_lazy("another incident was merged into it"),
    "merged_into": gettext_lazy("merged into another incident"),
    "split": gettext_lazy("areas were split off"),
    "split_from": gettext_lazy("split off from another incident"),
    "joined": gettext_lazy("complaints joined"),
    "notified": gettext_lazy("affected users notified that it began"),
    "end_notified": gettext_lazy("users notified that it ended"),
    "cap_reached": gettext_lazy("more users are affected than the plan may notify"),
    "credited": gettext_lazy("credits proposed"),
    "hot_issue": gettext_lazy("explains a hot issue"),
}


def area_names() -> dict[str, str]:
    """Area → its name in the reader's language."""
    chinese = is_chinese(get_language() or "")
    return {area.code: area.name_zh if chinese else area.name_en for area in areas()}


def where(refs: Iterable[str], names: dict[str, str] | None = None) -> str:
    """Areas in words; of many the first few and how many more there are."""
    titles = area_names() if names is None else names
    named = [titles.get(ref, ref) for ref in refs]
    more = len(named) - _MOST_NAMED
    joined = join_words(named[:_MOST_NAMED], get_language() or "en")
    if more <= 0:
        return joined
    more_areas = npgettext("areas", "%(n)s more", "%(n)s more", more) % {"n": more}
    return _("%(areas)s and %(others)s") % {"areas": joined, "others": more_areas}


def title_of(row: NetworkIncident, names: dict[str, str] | None = None) -> str:
    """An incident in a few words: kind and areas."""
    kind = IncidentKind(row.kind).label
    return _("%(kind)s in %(areas)s") % {"kind": kind, "areas": where(row.areas, names)}


def event_rows(row: NetworkIncident) -> list[tuple[NetworkIncidentEvent, str, str, str]]:
    """Each event with what happened, its details and who did it, newest first."""
    events = list(row.events.order_by("-at", "-id"))
    names = people({event.by for event in events} - JOBS)
    return [
        (
            event,
            str(VERBS.get(event.verb, event.verb)),
            _details(event),
            "" if event.by in JOBS else names.get(event.by, event.by),
        )
        for event in events
    ]


def _details(event: NetworkIncidentEvent) -> str:
    details = event.details
    sentences = []
    if found_by := details.get("found_by"):
        sentences.append(str(FoundBy(found_by).label))
    if because := details.get("because"):
        sentences.append(str(IncidentEndReason(because).label))
    if refs := details.get("areas"):
        sentences.append(where(refs))
    if number := details.get("complaints"):
        sentences.append(ngettext("%(n)s complaint", "%(n)s complaints", number) % {"n": number})
    if number := details.get("people"):
        sentences.append(ngettext("%(n)s user", "%(n)s users", number) % {"n": number})
    if number := details.get("other"):
        sentences.append(_("incident %(n)s") % {"n": number})
    if issue := details.get("hot_issue"):
        sentences.append(_("hot issue %(n)s") % {"n": str(issue).removeprefix("hotissue-")})
    if texts := details.get("words"):
        sentences.append(f"“{texts['zh' if is_chinese(get_language() or '') else 'en']}”")
    if reason := details.get("reason"):
        sentences.append(f"“{reason}”")
    return " · ".join(sentences)


def cause_of(row: NetworkIncident) -> str:
    """The cause in words."""
    return str(FaultCause(row.cause).label)


def incident_titles(numbers: Collection[str]) -> dict[str, str]:
    """Number of an incident → its title, for lists of what waits."""
    names = area_names()
    rows = NetworkIncident.objects.filter(number__in=[int(number) for number in numbers])
    return {str(row.number): str(title_of(row, names)) for row in rows}
