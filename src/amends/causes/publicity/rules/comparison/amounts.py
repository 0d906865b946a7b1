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
    known = (nominal, offer.throttle_mbps, offer.up_nominal_mbps, offer.down_min_mbps)
    claims = []
    right = any(close(one.value, nominal) for one in ad.of("speed"))
    for one in ad.of("speed"):
        if nominal is None:
            if not close(one.value, offer.throttle_mbps):
                yield ad.unsure("down_nominal_mbps", one)
        elif close(one.value, nominal):
            if not _names_product(ad, one):
                claims.append(one)
        elif not any(close(one.value, value) for value in known) and not (
            close(one.value, median) and not one.up_to
        ):
            if right:
                yield ad.unsure("down_nominal_mbps", one, nominal)
                continue
            yield ad.at("SPEED_MISMATCH", "down_nominal_mbps", one, nominal, " Mbps")
    # 500 Mbps at eight in the evening promises the nominal speed; only a measured one is a median.
    measured = [
        one
        for one in ad.of("median_speed")
        if one.certainty == "certain" or not close(one.value, nominal)
    ]
    claims += [one for one in ad.of("median_speed") if one not in measured]
    for one in measured:
        if median is None:
            if nominal is not None and one.value > nominal:
                yield ad.at("SPEED_MISMATCH", "down_median_peak_mbps", one, nominal, " Mbps")
            elif not close(one.value, nominal):
                yield ad.unsure("down_median_peak_mbps", one)
        elif one.value > median * 1.005 or one.value < median * 0.9:
            yield ad.at("SPEED_MISMATCH", "down_median_peak_mbps", one, median, " Mbps")
    if offer.throttle_mbps is not None or offer.threshold_gb is not None:
        slowed = ad.of("reduced_speed")
        right = any(close(one.value, offer.throttle_mbps) for one in slowed)
        for one in slowed:
            if right or close(one.value, nominal):
                continue
            if not close(one.value, offer.throttle_mbps):
                yield ad.at("THROTTLE_MISMATCH", "throttle_mbps", one, offer.throttle_mbps, " Mbps")
    measured += [one for one in ad.of("speed") if median is not None and close(one.value, median)]
    lacks_median = median is not None and not measured
    if claims and (not any(claim.up_to for claim in claims) or lacks_median):
        if ad.any_of("median_speed") and not median:
            return
        is_ = f"≤ {say(nominal)} Mbps"
        is_ += f", median {say(median)} Mbps" if median is not None else ""
        found = ad.at("BANDWIDTH_CONDITION_MISSING", "down_nominal_mbps", claims[0], is_)
        yield found.doubted() if lacks_median and ad.unread(median) else found


_PRODUCT_NEXT = re.compile(r"(?:宽带|光纤|光宽|家宽|套餐)")


def _names_product(ad: Advert, one: AdvertStatement) -> bool:
    """Whether a speed only names the product: 300M宽带 of an offer whose name has the figure."""
    figures = re.findall(r"\d+", f"{ad.offer.name} {ad.offer.name_en}")
    return (
        not one.up_to
        and f"{one.value:g}" in figures
        and bool(_PRODUCT_NEXT.match(ad.reading.small, one.end))
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
        for one in ad.of("minutes_unlimited")[:1]:
            yield ad.at("ALLOWANCE_MISMATCH", "voice_min", one, offer.voice_min, " min")


def _data(ad: Advert) -> Iterator[Finding]:
    offer = ad.offer
    included = (offer.data_gb, offer.throttle_after_gb, offer.data_cap_gb)
    limits = (offer.throttle_after_gb, offer.data_cap_gb) if offer.threshold_gb else included
    stated = ad.of("allowance", "threshold")
    known_by_role = {"threshold": limits, "allowance": included}
    right = {
        one.role
        for one in stated
        if any(same_data(one.value, value) for value in known_by_role[one.role])
    }
    total = sum(one.value for one in ad.any_of("allowance", "other") if not one.currency)
    for one in stated:
        if any(same_data(one.value, value) for value in known_by_role[one.role]):
            continue
        low, high = ad.reading.layout.clause(one.start, one.end)
        none_known = not any(value is not None for value in included)
        if one.role in right or (none_known and not _DATA_WORD.search(ad.reading.small[low:high])):
            yield ad.unsure("data_gb", one, offer.data_gb)
        elif len(stated) > 1 and any(same_data(total, value) for value in included):
            continue
        else:
            limit = one.role == "threshold" or offer.data_gb is None
            name, is_ = (
                ("throttle_after_gb", offer.threshold_gb) if limit else ("data_gb", offer.data_gb)
            )
            if limit and offer.threshold_gb is None:
                name, is_ = "data_gb", offer.data_gb
            yield ad.at("ALLOWANCE_MISMATCH", name, one, is_, " GB")


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
        one = (claimed or never)[0]
        yield ad.at("UNLIMITED_UNQUALIFIED", "throttle_after_gb", one, is_)
