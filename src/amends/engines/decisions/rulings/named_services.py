"""Check that a verdict covers the services in the text of a complaint.

A complaint about one service is not answered by the refund of another: the verdict is not given
without a person, and both the person and the user read which service is not covered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from amends.engines.decisions.dossier.model import ChargeGround, Dossier
from amends.engines.decisions.evidence import Matter, NamedService
from amends.engines.decisions.rulings.book import Both
from amends.engines.decisions.rulings.model import ProposedDecision, Reason, RemedyProposal
from amends.platform.kit.packs import UnableToFindRules, load_rules, load_version

_PACKAGE = "amends.engines.decisions"
_GRANTED = ("upheld", "partly_upheld")
NOT_COVERED = "named_not_covered"


@dataclass(frozen=True, slots=True)
class NamedServiceRules:
    """The texts in force: `why` for the person who decides, `sentence` for the user."""

    version: str
    why: Mapping[str, Both]
    sentence: Mapping[str, Both]


def with_named_services(
    answer: ProposedDecision, dossier: Dossier, matter: Matter, on: date
) -> ProposedDecision:
    """The answer, left to a person where it grants something and passes over a named service.

    A verdict or a suggestion for a person is checked alike. A plan or a line counts as context
    where another named service is covered, or nothing is refunded: “on my plan Light 29 you charged
    Star Ringtone”, “a caller knew that I use Light 29”.
    """
    rules = _rules(on)
    suggestion = answer.suggestion
    remedies = answer.remedies
    verdict: str = answer.verdict
    if suggestion is not None:
        remedies, verdict = suggestion.remedies, suggestion.verdict
    if rules is None or not matter.named or verdict not in _GRANTED:
        return answer
    covered = covered_services(answer, remedies, dossier)
    kind = "refund" if any(each.charge for each in remedies) and covered else "other"
    missing = _missing(matter.named, covered)
    if kind == "other":
        missing = [each for each in missing if not each.is_line]
    if not missing:
        return answer
    values = _names(missing), _names(covered.values())
    reason = Reason("", *_filled(rules.sentence[kind], *values))
    why_zh, why_en = _filled(rules.why[kind], *values)
    changed = replace(
        answer,
        not_covered=tuple((each.zh, each.en) for each in missing),
        warning_zh=why_zh,
        warning_en=why_en,
        may_act_alone=False,
        versions=(*answer.versions, rules.version),
    )
    if answer.verdict not in _GRANTED:
        return changed
    changed = replace(changed, reasons=(*answer.reasons, reason))
    if answer.why_person:
        return changed
    return replace(changed, why_person=NOT_COVERED, why_zh=why_zh, why_en=why_en)


def covered_services(
    answer: ProposedDecision, remedies: Iterable[RemedyProposal], dossier: Dossier
) -> dict[str, Both]:
    """Offer → what was charged or the service it belongs to, of what the remedies give back.

    A service counts under its present offer and those it had before a change. Where no charge is
    given back: the services that the reasons are about, or that a notice in them was due for.
    """
    refunded = {each.charge for each in remedies if each.charge}
    services = [each.service for each in remedies if each.charge]
    covered = {
        ground.offer: _unquoted(ground)
        for ground in (*dossier.grounds, *(dossier.record.grounds if dossier.record else ()))
        if ground.charge in refunded and ground.offer
    }
    if not services:
        cited = {(reason.question, reason.zh, reason.en) for reason in answer.reasons}
        services = [
            row.service or row.about
            for row in dossier.rows
            if (row.question, row.zh, row.en) in cited
        ]
    for each in dossier.services:
        if each.service in services:
            for offer in (each.offer, *each.earlier):
                covered.setdefault(offer, (each.zh, each.en))
    return covered


def _unquoted(ground: ChargeGround) -> Both:
    return ground.zh.removesuffix("费用").strip("“”"), ground.en.strip("“”")


def _missing(named: Iterable[NamedService], covered: Mapping[str, Both]) -> list[NamedService]:
    missing = [each for each in named if each.offer not in covered]
    if any(each.offer in covered for each in named):
        return [each for each in missing if not each.is_line]
    return missing


def _names(names: Iterable[NamedService | Both]) -> Both:
    both = [(each.zh, each.en) if isinstance(each, NamedService) else each for each in names]
    return "”“".join(dict.fromkeys(zh for zh, _ in both)), "”, “".join(
        dict.fromkeys(en for _, en in both)
    )


def _filled(text: Both, named: Both, covered: Both) -> Both:
    return (
        text[0].format(named=named[0], covered=covered[0]),
        text[1].format(named=named[1], covered=covered[1]),
    )


def _rules(on: date) -> NamedServiceRules | None:
    try:
        return _read(load_rules(_PACKAGE, "named-services", on).effective_from)
    except UnableToFindRules:
        return None


@cache
def _read(version: date) -> NamedServiceRules:
    file = load_version(_PACKAGE, "named-services", version)
    return NamedServiceRules(
        version=file.version,
        why={key: (row["zh"], row["en"]) for key, row in file.data["why"].items()},
        sentence={key: (row["zh"], row["en"]) for key, row in file.data["sentence"].items()},
    )
