"""What a duty is called, the sentence of its rule, and its source in the law."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from amends.engines.duties.book import book
from amends.platform.kit.packs import Verified, jurisdictions, load_rules


@dataclass(frozen=True, slots=True)
class DutyWords:
    """What a duty is called, what it says, and its source."""

    title_zh: str
    title_en: str
    zh: str
    en: str
    source: str
    verified: Verified


def words_of(duty: str, on: date, jurisdiction: str) -> DutyWords | None:
    """The words of a duty: of the place's book, its own (a province), or as audited."""
    for jurisdiction_code in dict.fromkeys((jurisdiction, duty.partition(".")[0])):
        if jurisdiction_code in jurisdictions() and (
            duty_rule := book(jurisdiction_code, on).find(duty)
        ):
            return DutyWords(
                title_zh=duty_rule.title_zh,
                title_en=duty_rule.title_en,
                zh=duty_rule.zh,
                en=duty_rule.en,
                source=duty_rule.source,
                verified=duty_rule.verified,
            )
    family = duty.partition(".")[2]
    for row in load_rules("amends.engines.duties", "audit", on).data["duties"]:
        if row["id"] == family:
            return DutyWords(
                title_zh=row["title_zh"],
                title_en=row["title_en"],
                zh=row["zh"],
                en=row["en"],
                source=row["source"],
                verified=row["verified"],
            )
    return None
