"""What channels say of one fact, held against each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from amends.facts.offers.key_facts import KeyFacts
from amends.publicity.rules.comparison import close
from amends.publicity.rules.copies import MAX_CHARACTERS, Copy
from amends.publicity.rules.findings import Finding, say
from amends.publicity.rules.numerals import fold
from amends.publicity.rules.text import StatedFact

_FIELDS = {
    ("money", "price"): "price", ("money", "after"): "price",
    ("money", "exit"): "early_termination_fee", ("money", "gift"): "gift_cny",
    ("gb", "allowance"): "data_gb", ("gb", "threshold"): "throttle_after_gb",
    ("minutes", "allowance"): "voice_min", ("mbps", "nominal"): "down_nominal_mbps",
    ("mbps", "median"): "down_median_peak_mbps", ("mbps", "throttle"): "throttle_mbps",
    ("months", "contract"): "contract_months", ("places", "quota"): "quota",
}  # fmt: skip


def first_of_each(facts: Iterable[StatedFact]) -> dict[str, StatedFact]:
    """What is stated of each field: the first value of each."""
    found: dict[str, StatedFact] = {}
    for fact in facts:
        if field := _FIELDS.get((fact.unit, fact.role)):
            found.setdefault(field, fact)
    return found


def diverging(
    copies: Iterable[Copy],
    offers: Mapping[str, KeyFacts],
    said: Mapping[str, Mapping[str, StatedFact]],
) -> list[tuple[str, Finding]]:
    """Channels that state different values of one fact, none of which is that of the record.

    said  what each copy states of each field, by its id

    Where one of two channels is right, the other has its mismatch and needs no second finding.
    """
    groups: dict[str, list[Copy]] = defaultdict(list)
    for copy in copies:
        if copy.offer and copy.channel:
            groups[copy.offer].append(copy)
    found = []
    for offer, group in groups.items():
        if len({copy.channel for copy in group}) < 2:
            continue
        record = offers.get(offer)
        by_field: dict[str, list[tuple[Copy, StatedFact]]] = defaultdict(list)
        for copy in group:
            for field, fact in said[copy.id].items():
                if not any(close(fact.value, one) for one in recorded(record, field)):
                    by_field[field].append((copy, fact))
        for field, stated in by_field.items():
            found += _diverging(field, stated)
    return found


def recorded(offer: KeyFacts | None, field: str) -> list[float]:
    """The values of a field that an advert may state; of prices those of the promotion too."""
    if offer is None:
        return []
    values = [getattr(offer, field)]
    if field == "price":
        prices = [one for one in (offer.price, offer.promo_price) if one is not None]
        values = [*prices, *map(offer.monthly, prices)]
    elif field == "data_gb":
        values += [offer.throttle_after_gb, offer.data_cap_gb]
    elif field == "down_nominal_mbps":
        values += [offer.down_median_peak_mbps, offer.throttle_mbps]
    return [value for value in values if value is not None]


def _diverging(field: str, stated: list[tuple[Copy, StatedFact]]) -> list[tuple[str, Finding]]:
    values = {(copy.channel, fact.value) for copy, fact in stated}
    if len({value for _, value in values}) < 2 or len({channel for channel, _ in values}) < 2:
        return []
    listed = "; ".join(f"{channel}: {say(value)}" for channel, value in sorted(values))
    found = []
    for copy, fact in stated:
        one = Finding("CHANNEL_DIVERGENCE", "block", field, "", listed, fact.start, fact.end)
        found.append((copy.id, one.placed(fold(copy.text[:MAX_CHARACTERS]), copy.text)))
    return found
