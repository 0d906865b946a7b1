"""What channels say of one fact, held against each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from amends.causes.publicity.rules.comparison.advert import close
from amends.causes.publicity.rules.copies import Copy
from amends.causes.publicity.rules.findings import Finding, say
from amends.causes.publicity.rules.reader.statements import AdvertStatement
from amends.record.facts.offers.key_facts import KeyFacts

_FIELDS = {
    "price": "price",
    "price_after": "price",
    "exit_fee": "early_termination_fee",
    "gift": "gift_cny",
    "allowance": "data_gb",
    "threshold": "throttle_after_gb",
    "minutes": "voice_min",
    "speed": "down_nominal_mbps",
    "median_speed": "down_median_peak_mbps",
    "reduced_speed": "throttle_mbps",
    "contract_months": "contract_months",
    "places": "quota",
}


def first_of_each(statements: Iterable[AdvertStatement]) -> dict[str, AdvertStatement]:
    """What is stated of each field: the first value of each."""
    first_statements: dict[str, AdvertStatement] = {}
    for statement in statements:
        if statement.certainty != "unsure" and (field := _FIELDS.get(statement.role)):
            first_statements.setdefault(field, statement)
    return first_statements


def diverging(
    copies: Iterable[Copy],
    offers: Mapping[str, KeyFacts],
    statements_by_copy: Mapping[str, Mapping[str, AdvertStatement]],
) -> list[tuple[str, Finding]]:
    """Channels that state different values of one fact, none of which is that of the record.

    said  what each copy states of each field, by its id

    Where one of two channels is right, the other has its mismatch and needs no second finding.
    """
    groups: dict[str, list[Copy]] = defaultdict(list)
    for copy in copies:
        if copy.offer and copy.channel:
            groups[copy.offer].append(copy)
    findings = []
    for offer, group in groups.items():
        if len({copy.channel for copy in group}) < 2:
            continue
        record = offers.get(offer)
        by_field: dict[str, list[tuple[Copy, AdvertStatement]]] = defaultdict(list)
        for copy in group:
            for field, fact in statements_by_copy[copy.id].items():
                if not any(
                    close(fact.value, recorded_value) for recorded_value in recorded(record, field)
                ):
                    by_field[field].append((copy, fact))
        for field, stated in by_field.items():
            findings += _diverging(field, stated)
    return findings


def recorded(offer: KeyFacts | None, field: str) -> list[float]:
    """The values of a field that an advert may state; of prices those of the promotion too."""
    if offer is None:
        return []
    values = [offer.gift if field == "gift_cny" else getattr(offer, field)]
    if field == "price":
        prices = [price for price in (offer.price, offer.promo_price) if price is not None]
        values = [*prices, *map(offer.monthly, prices)]
    elif field == "data_gb":
        values += [offer.throttle_after_gb, offer.data_cap_gb]
    elif field == "down_nominal_mbps":
        values += [offer.down_median_peak_mbps, offer.throttle_mbps]
    return [value for value in values if value is not None]


def _diverging(field: str, stated: list[tuple[Copy, AdvertStatement]]) -> list[tuple[str, Finding]]:
    values = {(copy.channel, fact.value) for copy, fact in stated}
    if len({value for _, value in values}) < 2 or len({channel for channel, _ in values}) < 2:
        return []
    listed = "; ".join(f"{channel}: {say(value)}" for channel, value in sorted(values))
    findings = []
    for copy, fact in stated:
        quoted = copy.text[fact.start : fact.end]
        finding = Finding(
            code="CHANNEL_DIVERGENCE",
            severity="block",
            field=field,
            said=quoted,
            is_=listed,
            start=fact.start,
            end=fact.end,
        )
        findings.append((copy.id, finding))
    return findings
