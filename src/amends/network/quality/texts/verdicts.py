"""The verdict on the tests of a line, in the language of the reader."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from amends.network.quality.rules.speed_tests import REASONS
from amends.network.quality.rules.verdict import Verdict
from amends.platform.kit.formats import is_chinese
from amends.platform.kit.packs import RuleFile
from amends.platform.kit.translatable import translated

PROMISES = {
    "down_max_mbps": gettext_noop("Download, maximum (Mbit/s)"),
    "down_normal_mbps": gettext_noop("Download, normally available (Mbit/s)"),
    "down_min_mbps": gettext_noop("Download, minimum (Mbit/s)"),
    "up_max_mbps": gettext_noop("Upload, maximum (Mbit/s)"),
    "up_normal_mbps": gettext_noop("Upload, normally available (Mbit/s)"),
    "up_min_mbps": gettext_noop("Upload, minimum (Mbit/s)"),
}
"""Speeds of a contract by key of `rules.speed_tests.Plan`, in English."""


def shown(rules: RuleFile, verdict: Verdict) -> dict[str, Any]:
    """What templates and the protocol say of a verdict, in the reader's language."""
    chinese = is_chinese(get_language() or "")
    titles = {row["id"]: row["zh" if chinese else "en"] for row in rules.rules}
    clauses = [
        {
            "title": titles[clause.id.partition("-")[2]],
            "met": clause.met,
            "why": translated(clause.why, _),
            "strength": clause.strength,
            "share": f"{clause.strength.share:.0%}" if clause.strength else "",
            "low": f"{clause.strength.low:.0%}" if clause.strength else "",
            "high": f"{clause.strength.high:.0%}" if clause.strength else "",
        }
        for clause in verdict.clauses
    ]
    return {
        "verdict": verdict,
        "marked": [(count, _(REASONS[reason])) for reason, count in verdict.marked.items()],
        "missing": [translated(sentence, _) for sentence in verdict.missing],
        "clauses": clauses,
        "sentence": translated(verdict.sentence(), _),
        "rule": rules,
        "title": rules.zh if chinese else rules.en,
    }
