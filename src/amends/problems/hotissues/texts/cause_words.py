"""Candidate causes in words: of which kind each is, and what it says beside an issue."""

from __future__ import annotations

from typing import TypeAlias

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext_lazy
from django.utils.translation import gettext as _

from amends.cases.complaints.texts.units import unit_names
from amends.platform.kit.formats import format_count, is_chinese
from amends.problems.hotissues.models import Cause
from amends.problems.hotissues.texts.names import cause_name

Words: TypeAlias = str | Promise
KINDS: dict[str, Words] = {
    "campaign": gettext_lazy("campaign"),
    "claim": gettext_lazy("published claim"),
    "partner": gettext_lazy("partner"),
    "offer_change": gettext_lazy("changed offer"),
    "incident": gettext_lazy("incident"),
    "degraded": gettext_lazy("degraded quality"),
    "notices_missing": gettext_lazy("notices not sent"),
    "service_fault": gettext_lazy("fault of a service"),
    "lookups": gettext_lazy("look-ups without a case"),
    "unrecorded": gettext_lazy("fault on no record"),
}


def cause_sentence(cause: Cause) -> str:
    """What the ledger says of the cause, and how it fits."""
    language = get_language() or "en"
    numbers = {
        name: format_count(value, language) if isinstance(value, int) else value
        for name, value in cause.numbers.items()
    }
    offer = str(cause.numbers.get("offer", ""))
    touched = cause.numbers.get("touched", 0)
    sentence = _SAID.get(cause.kind, "%(name)s") % {
        "touched": "",
        "version": "",
        "technology": "",
        **numbers,
        "persons": touched,
        "name": cause_name(cause.kind, cause.reference, cause.numbers),
        "offer": unit_names("product").get(offer, offer),
    }
    if cause.kind == "unrecorded":
        return sentence
    fit = _(
        "It touched %(touched_members)s of the %(members)s known complainants (%(share)s%%), and "
        "%(others)s%% of those who complained of other things."
    ) % {
        "touched_members": numbers.get("touched_members", ""),
        "members": numbers.get("members", ""),
        "share": round(int(cause.numbers.get("share_permille", 0)) / 10),
        "others": round(int(cause.numbers.get("others_permille", 0)) / 10),
    }
    return f"{sentence} {fit}" if not is_chinese(language) else f"{sentence}{fit}"


_SAID: dict[str, Words] = {
    "campaign": ngettext_lazy(
        "The campaign %(name)s sold %(offer)s to %(touched)s person.",
        "The campaign %(name)s sold %(offer)s to %(touched)s people.",
        "persons",
    ),
    "claim": ngettext_lazy(
        "%(touched)s person bought %(offer)s on the claim %(name)s.",
        "%(touched)s people bought %(offer)s on the claim %(name)s.",
        "persons",
    ),
    "partner": ngettext_lazy(
        "%(name)s sold %(offer)s to %(touched)s person.",
        "%(name)s sold %(offer)s to %(touched)s people.",
        "persons",
    ),
    "offer_change": ngettext_lazy(
        "%(name)s changed to version %(version)s; %(touched)s person has it.",
        "%(name)s changed to version %(version)s; %(touched)s people have it.",
        "persons",
    ),
    "incident": gettext_lazy("An incident is on record in %(name)s."),
    "degraded": gettext_lazy("Quality in %(name)s is on record as degraded."),
    "notices_missing": ngettext_lazy(
        "The notice “%(name)s” was due to %(touched)s person and was not sent.",
        "The notice “%(name)s” was due to %(touched)s people and was not sent.",
        "persons",
    ),
    "service_fault": ngettext_lazy(
        "A fault of %(name)s is on record (%(link)s); %(touched)s person has the service.",
        "A fault of %(name)s is on record (%(link)s); %(touched)s people have the service.",
        "persons",
    ),
    "lookups": ngettext_lazy(
        "%(name)s looked at the data of %(touched)s person without a case.",
        "%(name)s looked at the data of %(touched)s people without a case.",
        "persons",
    ),
    "unrecorded": gettext_lazy(
        "%(touched_members)s of them are in %(name)s, and no incident is on record there: a fault "
        "that no system has noticed."
    ),
}
