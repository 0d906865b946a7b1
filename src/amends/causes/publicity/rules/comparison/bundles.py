"""Whether another product is forced on an offer, or the one it needs is left out or denied."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from amends.causes.publicity.rules.comparison.advert import Advert
from amends.causes.publicity.rules.findings import Finding
from amends.causes.publicity.rules.reader.grammar import Cue, Grammar
from amends.record.facts.offers.key_facts import KeyFacts

_NOT = re.compile(
    r"(?:不|无法|不可|不能|不得|未|\b(?:not|never|cannot|can't|isn't|no)\b[^.;,]{0,16})$"
)
_TIED = re.compile(
    r"(?:不能|不可|不|无法|不支持)单独"
    r"|not (?:sold|available|offered) (?:separately|on its own|without"
    r"|alone)|cannot|can't|not without"
)


_OWN_LINE = re.compile(r" (?:line|number|plan|sim|data|bill|terms|account)")
"""A watch on its own line is no product sold on its own."""
_WISH = re.compile(
    r"(?:\b(?:you|we|they|i|people|folk|who|all|kids?) (?:only |just |really |might |may |ever )?$)"
)
_WISHED = re.compile(r"\s(?:it|to|for|more|less|a|some|something|one|both|them|is|,)\b")


def bundle(ad: Advert, grammar: Grammar) -> Iterator[Finding]:
    """The finding about a bundle, if there is one."""
    yield from (_needed if ad.offer.needs_other else _forced)(ad, grammar)


def _has(cue: Cue, kind: str, *roles: str) -> bool:
    return any(sense.kind == kind and (not roles or sense.role in roles) for sense in cue.senses)


@lru_cache(maxsize=4096)
def product_kinds(text: str, grammar: Grammar) -> frozenset[str]:
    """The kinds of product that a text names."""
    cues = grammar.cues(text.lower().replace("_", " "))
    return frozenset(sense.role for cue in cues for sense in cue.senses if sense.kind == "product")


def own_kinds(offer: KeyFacts, grammar: Grammar) -> set[str]:
    """The kinds of product that an offer itself is."""
    kinds = set(product_kinds(f"{offer.name} {offer.name_en} {offer.kind}", grammar))
    if offer.down_nominal_mbps and not offer.data_gb and not offer.voice_min:
        kinds.add("broadband")
    if offer.data_gb or offer.voice_min or offer.throttle_after_gb:
        kinds.add("mobile")
    return kinds


def _in_clause(ad: Advert, low: int, high: int, kind: str, *roles: str) -> list[Cue]:
    first, last = ad.reading.layout.clause(low, high)
    return [cue for cue in ad.reading.cues if first <= cue.start < last and _has(cue, kind, *roles)]


def _needed(ad: Advert, grammar: Grammar) -> Iterator[Finding]:
    """The product that an offer not sold alone needs."""
    needs = "; ".join(ad.offer.bundle_required)
    small = ad.reading.small
    for cue in ad.reading.cues:
        if (
            _has(cue, "condition", "alone")
            and not _NOT.search(small[max(0, cue.start - 24) : cue.start])
            and not _OWN_LINE.match(small, cue.end)
        ):
            yield _found(ad, "bundle_required", cue.start, cue.end, needs)
            return
    if not ad.sells:
        return
    for item in ad.offer.bundle_required:
        kinds = product_kinds(item, grammar) or frozenset({"mobile"})
        spans = [(cue.start, cue.end) for cue in ad.reading.cues if _has(cue, "product", *kinds)]
        spans += [
            (this.start(), this.end()) for this in re.finditer(re.escape(item.lower()), small)
        ]
        spans += [
            (mention.start, mention.end)
            for mention in ad.reading.mentions
            if mention.offer != ad.offer.id
        ]
        if not spans:
            yield Finding(
                code="BUNDLE_CONDITION",
                severity="block",
                field="bundle_required",
                said="",
                is_=needs,
                offer=ad.offer.id,
            )
            return
        denied = [span for span in spans if _is_denied(ad, *span)]
        if len(denied) == len(spans):
            yield _found(ad, "bundle_required", *denied[0], needs)
            return


def _is_denied(ad: Advert, low: int, high: int) -> bool:
    first, last = ad.reading.layout.clause(low, high)
    if _TIED.search(ad.reading.small[first:last]):
        return False
    return bool(_in_clause(ad, low, high, "condition", "denied"))


def _forced(ad: Advert, grammar: Grammar) -> Iterator[Finding]:
    """Another product forced on an offer that is sold alone."""
    if ad.offer.sold_alone is None and ad.offer.bundle_required:
        return
    own = own_kinds(ad.offer, grammar)
    spans = [
        (cue.start, cue.end)
        for cue in ad.reading.cues
        if _has(cue, "product") and not any(_has(cue, "product", kind) for kind in own)
    ]
    spans += [
        (mention.start, mention.end)
        for mention in ad.reading.mentions
        if mention.offer != ad.offer.id and not _is_priced(ad, mention.start)
    ]
    for low, high in spans:
        force = [
            cue for cue in _in_clause(ad, low, high, "condition", "needed") if not _is_wish(ad, cue)
        ]
        if not force or _in_clause(ad, low, high, "condition", "denied", "optional", "alone"):
            continue
        start, end = min(low, force[0].start), max(high, force[0].end)
        yield _found(ad, "sold_alone", start, end, "yes")
        return


def _is_wish(ad: Advert, cue: Cue) -> bool:
    """Whether “need” speaks of what somebody wants: when you only need it for a day."""
    small = ad.reading.small
    return small[cue.start : cue.end] == "need" and bool(
        _WISH.search(small[max(0, cue.start - 24) : cue.start]) and _WISHED.match(small, cue.end)
    )


def _is_priced(ad: Advert, at: int) -> bool:
    """Whether a price of its own stands with the name of an offer, which is then sold beside."""
    high = ad.reading.layout.clause(at, at)[1]
    return any(at < statement.start < high for statement in ad.reading.of("price", "money"))


def _found(ad: Advert, name: str, low: int, high: int, is_: str) -> Finding:
    quoted = ad.reading.text[low:high]
    return Finding(
        code="BUNDLE_CONDITION",
        severity="block",
        field=name,
        said=quoted,
        is_=is_,
        start=low,
        end=high,
        offer=ad.offer.id,
    )
