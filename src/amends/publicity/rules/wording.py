"""Wording alone: absolute terms, named competitors, exclusive clauses, unrequested SIM cards."""

from __future__ import annotations

import re
from collections.abc import Iterator

from amends.publicity.rules.findings import Finding, Severity
from amends.publicity.rules.rulebook import Rulebook
from amends.publicity.rules.text import Text

AGREEMENT = "agreement"
"""The channel of agreements."""


def is_agreement(text: str, channel: str, rulebook: Rulebook) -> bool:
    """Whether a text is an agreement, judged by its clauses, and no advert."""
    return channel.lower() in (AGREEMENT, "协议", "contract") or bool(
        rulebook.finds("agreement", text)
    )


def wording(cut: Text, rulebook: Rulebook, *, own: str = "") -> list[Finding]:
    """Findings that need no record. `own` is text in which a competitor's name is the own name."""
    found = [*clauses(cut, rulebook)]
    taken = [(one.start, one.end) for one in found if one.code == "EXCLUSIVE"]
    found += [one for one in absolute(cut, rulebook) if not _within(one, taken)]
    found += rivals(cut, rulebook, own)
    return found


def _within(finding: Finding, spans: list[tuple[int, int]]) -> bool:
    return any(finding.start < end and start < finding.end for start, end in spans)


def clauses(cut: Text, rulebook: Rulebook) -> Iterator[Finding]:
    """Exclusive rights and SIM cards nobody asked for."""
    for code, field, words, exempt in (
        ("EXCLUSIVE", "agreement", "exclusive", "exclusive_exempt"),
        ("UNREQUESTED_SIM", "sim", "sim_unasked", "sim_exempt"),
    ):
        pattern = rulebook.words.get(words)
        for found in pattern.finditer(cut.text) if pattern else ():
            low, high = cut.sentence(found.start())
            if not rulebook.finds(exempt, cut.text[low:high]):
                yield _finding(code, field, found)
                break


def absolute(cut: Text, rulebook: Rulebook) -> Iterator[Finding]:
    """Absolute terms: allowed where they speak of a goal, an award, oneself or how to use a thing,
    and where time or place and a source are given; with one of the two proof is asked for."""
    pattern = rulebook.words.get("absolute")
    for found in pattern.finditer(cut.text) if pattern else ():
        low, high = cut.clause(found.start())
        if rulebook.finds("absolute_exempt", cut.text[low : max(high, found.end())]):
            continue
        first, last = cut.sentence(found.start())
        following = cut.sentence(min(last, len(cut.text) - 1))[1]
        proof = cut.text[first : max(last, following)]
        sourced = bool(rulebook.finds("absolute_source", proof))
        limited = bool(rulebook.finds("absolute_limit", proof))
        if sourced and limited:
            continue
        severity: Severity = "warn" if sourced or limited else "block"
        yield Finding(
            "ABSOLUTE_TERM", severity, "wording", found[0], "", found.start(), found.end()
        )


def rivals(cut: Text, rulebook: Rulebook, own: str) -> Iterator[Finding]:
    """A comparison that names another operator."""
    names = rulebook.words.get("rival")
    signs = rulebook.words.get("own_sign")
    signed = own + " ".join(found["sign"] for found in signs.finditer(cut.text)) if signs else own
    for found in names.finditer(cut.text) if names else ():
        low, high = cut.sentence(found.start())
        around = cut.text[low : found.start()] + " " + cut.text[found.end() : high]
        if found[0] not in signed and rulebook.finds("rival_cue", around):
            yield _finding("COMPETITOR_NAMED", "wording", found)
            return
    unknown = rulebook.words.get("rival_unknown")
    for found in unknown.finditer(cut.text) if unknown else ():
        who = next((value for value in found.groupdict().values() if value), "")
        if who and who not in signed:
            yield _finding("COMPETITOR_NAMED", "wording", found)
            return


def _finding(code: str, field: str, found: re.Match[str]) -> Finding:
    return Finding(code, "block", field, found[0], "", found.start(), found.end())
