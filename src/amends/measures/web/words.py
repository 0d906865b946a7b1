"""What pages and commands of measures say: states and verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from amends.hotissues.queries.records import HotIssue

Sign = tuple[str, str | Promise]

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


def details(_issue: HotIssue, found: Mapping[str, Any]) -> list[str]:
    """What a happening of an issue says of a measure."""
    said = [_("measure %(n)s") % {"n": found["measure"]}] if found.get("measure") else []
    if verdict := VERDICTS.get(str(found.get("verdict", ""))):
        said.append(str(verdict[1]))
    return said
