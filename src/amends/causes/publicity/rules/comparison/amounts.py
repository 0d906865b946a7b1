"""Speeds, data, minutes and “unlimited” of an advert held against the record."""

from __future__ import annotations

import re
from collections.abc import Iterator

from amends.causes.publicity.rules.comparison.advert import Advert, close, same_data
from amends.causes.publicity.rules.findings import Finding, say
from amends.causes.publicity.rules.reader.statements import AdvertStatement

_DATA_WORD = re.compile(r"流量|\bdata\b")


def speeds(ad: Advert) -> Iterator[Finding]:
    """A speed that is not the one sold or measured, and one without “up to” or the median."""
    offer = ad.offer
    nominal, median = offer.down_nominal_mbps, offer.down_median_peak_mbps
    recorded_speeds = (nominal, offer.throttle_mbps, offer.up_nominal_mbps, offer.down_min_mbps)
    claims = []
    right = any(close(statement.value, nominal) for statement in ad.of("speed"))
    for statement in ad.of("speed"):
        if nominal is None:
            if not close(statement.value, offer.throttle_mbps):
                yield ad.unsure("down_nominal_mbps", statement)
        elif close(statement.value, nominal):
            if not _names_product(ad, statement):
                claims.append(statement)
        elif not any(close(statement.value, value) for value in recorded_speeds) and not (
            close(statement.value, median) and not statement.up_to
        ):
            if right:
                yield ad.unsure("down_nominal_mbps", statement, nominal)
                continue
            yield ad.at("SPEED_MISMATCH", "down_nominal_mbps", statement, nominal, " Mbps")
    # 500 Mbps at eight in the evening promises the nominal speed; only a measured one is a median.
    measured = [
        statement
        for statement in ad.of("median_speed")
        if statement.certainty == "certain" or not close(statement.value, nominal)
    ]
    claims += [statement for statement in ad.of("median_speed") if statement not in measured]
    for statement in measured:
        if median is None:
            if nominal is not None and statement.value > nominal:
                yield ad.at("SPEED_MISMATCH", "down_median_peak_mbps", statement, nominal, " Mbps")
            elif not close(statement.value, nominal):
                yield ad.unsure("down_median_peak_mbps", statement)
        elif statement.value > median * 1.005 or statement.value < median * 0.9:
            yield ad.at("SPEED_MISMATCH", "down_median_peak_mbps", statement, median, " Mbps")
    if offer.throttle_mbps is not None or offer.threshold_gb is not None:
        slowed = ad.of("reduced_speed")
        right = any(close(statement.value, offer.throttle_mbps) for statement in slowed)
        for statement in slowed:
            if right or close(statement.value, nominal):
                continue
            if not close(statement.value, offer.throttle_mbps):
                yield ad.at(
                    "THROTTLE_MISMATCH", "throttle_mbps", statement, offer.throttle_mbps, " Mbps"
                )
    measured += [
        statement
        for statement in ad.of("speed")
        if median is not None and close(statement.value, median)
    ]
    lacks_median = median is not None and not measured
    if claims and (not any(claim.up_to for claim in claims) or lacks_median):
        if ad.any_of("median_speed") and not median:
            return
        is_ = f"≤ {say(nominal)} Mbps"
        is_ += f", median {say(median)} Mbps" if median is not None else ""
        finding = ad.at("BANDWIDTH_CONDITION_MISSING", "down_nominal_mbps", claims[0], is_)
        yield finding.doubted() if lacks_median and ad.unread(median) else finding


_PRODUCT_NEXT = re.compile(r"(?:宽带|光纤|光宽|家宽|套餐)")


def _names_product(ad: Advert, statement: AdvertStatement) -> bool:
    """Whether a speed only names the product: 300M宽带 of an offer whose name has the figure."""
    figures = re.findall(r"\d+", f"{ad.offer.name} {ad.offer.name_en}")
    return (
        not statement.up_to
        and f"{statement.value:g}" in figures
        and bool(_PRODUCT_NEXT.match(ad.reading.small, statement.end))
    )


def allowances(ad: Advert) -> Iterator[Finding]:
    """Data and minutes that are not those of the record."""
    yield from _data(ad)
    offer = ad.offer
    minutes = ad.of("minutes")
    right = any(close(minute.value, offer.voice_min) for minute in minutes)
    for minute in minutes:
        if close(minute.value, offer.voice_min):
            continue
        if right:
            yield ad.unsure("voice_min", minute, offer.voice_min)
        else:
            yield ad.at("ALLOWANCE_MISMATCH", "voice_min", minute, offer.voice_min, " min")
    if offer.voice_min and not right:
        for statement in ad.of("minutes_unlimited")[:1]:
            yield ad.at("ALLOWANCE_MISMATCH", "voice_min", statement, offer.voice_min, " min")


def _data(ad: Advert) -> Iterator[Finding]:
    offer = ad.offer
    included = (offer.data_gb, offer.throttle_after_gb, offer.data_cap_gb)
    limits = (offer.throttle_after_gb, offer.data_cap_gb) if offer.threshold_gb else included
    stated = ad.of("allowance", "threshold")
    known_by_role = {"threshold": limits, "allowance": included}
    right = {
        statement.role
        for statement in stated
        if any(same_data(statement.value, value) for value in known_by_role[statement.role])
    }
    total = sum(
        statement.value for statement in ad.any_of("allowance", "other") if not statement.currency
    )
    for statement in stated:
        if any(same_data(statement.value, value) for value in known_by_role[statement.role]):
            continue
        low, high = ad.reading.layout.clause(statement.start, statement.end)
        none_known = not any(value is not None for value in included)
        if statement.role in right or (
            none_known and not _DATA_WORD.search(ad.reading.small[low:high])
        ):
            yield ad.unsure("data_gb", statement, offer.data_gb)
        elif len(stated) > 1 and any(same_data(total, value) for value in included):
            continue
        else:
            limit = statement.role == "threshold" or offer.data_gb is None
            name, is_ = (
                ("throttle_after_gb", offer.threshold_gb) if limit else ("data_gb", offer.data_gb)
            )
            if limit and offer.threshold_gb is None:
                name, is_ = "data_gb", offer.data_gb
            yield ad.at("ALLOWANCE_MISMATCH", name, statement, is_, " GB")


def unlimited(ad: Advert) -> Iterator[Finding]:
    """“Unlimited” of an offer with a limit."""
    offer = ad.offer
    claimed, never = ad.of("unlimited"), ad.of("never_slow")
    if offer.threshold_gb is None:
        if offer.data_gb and claimed:
            yield ad.at("ALLOWANCE_MISMATCH", "data_gb", claimed[0], offer.data_gb, " GB")
        return
    data = ad.of("allowance", "threshold")
    speeds_ = ad.of("reduced_speed", "speed")
    slowed = (
        offer.throttle_mbps is None
        or ad.of("reduced_speed")
        or any(close(speed.value, offer.throttle_mbps) for speed in speeds_)
    )
    if (claimed or never) and not (data and slowed):
        is_ = f"> {say(offer.threshold_gb)} GB: {say(offer.throttle_mbps, ' Mbps') or '0'}"
        claim = (claimed or never)[0]
        yield ad.at("UNLIMITED_UNQUALIFIED", "throttle_after_gb", claim, is_)
