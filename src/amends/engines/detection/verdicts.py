"""The verdicts on a measure and their titles."""

from __future__ import annotations

from typing import Literal

from amends.platform.kit.errors import gettext_noop as _

Verdict = Literal["works", "not_shown_to_work", "worse", "not_yet_judgeable"]

VERDICT_TITLES: dict[Verdict, str] = {
    "works": _("It works"),
    "not_shown_to_work": _("Not shown to work"),
    "worse": _("It got worse"),
    "not_yet_judgeable": _("Not yet judgeable"),
}
