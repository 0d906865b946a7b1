"""Wording alone: absolute terms, named competitors, exclusive clauses, unrequested SIM cards."""

from __future__ import annotations

import re
from collections.abc import Iterator

from amends.causes.publicity.rules.findings import Finding, Severity
from amends.causes.publicity.rules.reader.normalise import lowered
from amends.causes.publicity.rules.reader.reading import Reading
from amends.causes.publicity.rules.rulebook import Rulebook

AGREEMENT = "agreement"
"""The channel of agreements."""


def is_agreement(text: str, channel: str, rulebook: Rulebook) -> bool:
    """Whether a text is an agreement, judged by its clauses, and no advert."""
    return channel.lower() in (AGREEMENT, "协议", "contract") or bool(
        rulebook.finds("agreement", lowered(text))
    )


def wording(
    reading: Reading, rulebook: Rulebook, *, own: str = "", jurisdiction: str = "cn"
) -> list[Finding]:
    """Findings that need no record.

    own           text in which a competitor's name is the own name
    jurisdiction  where proof allows what is forbidden elsewhere: `warn` instead of `block`
    """
    finding_list = [*clauses(reading, rulebook)]
    taken_spans = [
        (finding.start, finding.end) for finding in finding_list if finding.code == "EXCLUSIVE"
    ]
    severity: Severity = "block" if jurisdiction in ("cn", "") else "warn"
    finding_list += [
        finding
        for finding in absolute(reading, rulebook, severity)
        if not _within(finding, taken_spans)
    ]
    finding_list += rivals(reading, rulebook, own, severity)
    return finding_list


def _within(finding: Finding, spans: list[tuple[int, int]]) -> bool:
    return any(finding.start < end and start < finding.end for start, end in spans)


def clauses(reading: Reading, rulebook: Rulebook) -> Iterator[Finding]:
    """Exclusive rights and SIM cards nobody asked for."""
    for code, field, pattern_name, exempt in (
        ("EXCLUSIVE", "agreement", "exclusive", "exclusive_exempt"),
        ("UNREQUESTED_SIM", "sim", "sim_unasked", "sim_exempt"),
    ):
        for pattern_match in rulebook.pattern(pattern_name, reading.small).finditer(reading.small):
            low, high = reading.layout.sentence(pattern_match.start())
            if not rulebook.finds(exempt, reading.small[low:high]):
                yield _finding(code, field, pattern_match, "block")
                break


def forced_pair(reading: Reading, rulebook: Rulebook) -> Iterator[Finding]:
    """A clause of an agreement that sells products only together."""
    for pattern_match in rulebook.pattern("forced_pair", reading.small).finditer(reading.small):
        low, high = reading.layout.sentence(pattern_match.start())
        sentence = reading.small[low:high]
        if rulebook.finds("forced_exempt", sentence):
            continue
        kinds = {
            sense.kind
            for cue in rulebook.grammar.cues(sentence)
            for sense in cue.senses
            if sense.kind == "product" or sense.role == "alone"
        }
        if kinds:
            yield _finding("BUNDLE_CONDITION", "agreement", pattern_match, "block")
            return


def absolute(reading: Reading, rulebook: Rulebook, severity: Severity) -> Iterator[Finding]:
    """Absolute terms: allowed where they speak of a goal, an award, oneself or how to use a thing,
    and where time or place and a source are given; with one of the two proof is asked for."""
    text = reading.small
    for pattern_match in rulebook.pattern("absolute", text).finditer(text):
        low, high = reading.layout.clause(pattern_match.start(), pattern_match.end())
        if rulebook.finds("absolute_exempt", text[low : max(high, pattern_match.end())]):
            continue
        first, last = reading.layout.sentence(pattern_match.start())
        if rulebook.finds("absolute_award", text[first:last]):
            continue
        following = reading.layout.sentence(min(last + 1, len(text)))[1]
        proof = text[first : max(last, following)]
        sourced = bool(rulebook.finds("absolute_source", proof))
        limited = bool(rulebook.finds("absolute_limit", proof))
        if sourced and limited:
            continue
        yield _finding(
            "ABSOLUTE_TERM", "wording", pattern_match, "warn" if sourced or limited else severity
        )


def rival_names(text: str, rulebook: Rulebook) -> list[re.Match[str]]:
    """Where the names of other operators stand."""
    name_matches = list(rulebook.pattern("rival", text).finditer(text))
    if _MAY_BE_RIVAL.search(text):
        name_matches += rulebook.pattern("rival_in_context", text).finditer(text)
    return name_matches


def compares(reading: Reading, rulebook: Rulebook, name: re.Match[str]) -> bool:
    """Whether the name of an operator stands in a comparison.

    It stands beside a word of one, or in a sentence with such a word where the text speaks of the
    firm itself; operators name themselves too.
    """
    text = reading.small
    low, high = reading.layout.sentence(name.start())
    before, behind = text[low : name.start()], text[name.end() : high]
    if rulebook.finds("rival_before", before[-40:]) or rulebook.finds("rival_behind", behind[:40]):
        return True
    own = rulebook.finds("own_reference", text)
    return bool(own and rulebook.finds("rival_cue", f"{before} {behind}"))


_MAY_BE_RIVAL = re.compile(r"移动|联通|电信|[A-Z][a-z]")


def rivals(reading: Reading, rulebook: Rulebook, own: str, severity: Severity) -> Iterator[Finding]:
    """A comparison that names another operator."""
    text = reading.text
    signs = rulebook.words["own_sign"].finditer(text)
    signed = own + " ".join(sign_match["sign"] for sign_match in signs)
    for name_match in rival_names(text, rulebook):
        if name_match[0] not in signed and compares(reading, rulebook, name_match):
            yield _finding("COMPETITOR_NAMED", "wording", name_match, severity)
            return
    for name_match in rulebook.pattern("rival_unknown", text).finditer(text):
        who = next((value for value in name_match.groupdict().values() if value), "")
        if who and who not in signed:
            yield _finding("COMPETITOR_NAMED", "wording", name_match, severity)
            return


def _finding(code: str, field: str, text_match: re.Match[str], severity: Severity) -> Finding:
    return Finding(
        code=code,
        severity=severity,
        field=field,
        said=text_match[0],
        is_="",
        start=text_match.start(),
        end=text_match.end(),
    )
